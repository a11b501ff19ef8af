"""A copy is taken down, read, released and given with a few presses; each page is clean for axe."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.filler import follow
from tests.browser.test_pages import looked_at


def press(page: Page, do: str) -> None:
    """Press the button of an act."""
    with page.expect_navigation():
        page.locator(f"button[value={do}]").first.click()


def test_a_copy_is_read_struck_out_released_and_given(screen: Opener) -> None:
    wrong: list[str] = []
    for theme, size, lang in (("light", WIDE, "sv"), ("dark", NARROW, "en")):
        one = screen("eero", viewport=size, color_scheme=theme)
        one.expected |= {422}
        one.speak(lang)
        page = one.open("/cases")
        (number, *_) = re.findall(r"\b20\d\d-\d{4}\b", page.inner_text("main"))
        page = one.open("/requests")
        wrong += looked_at(page)
        page.locator("[name=case]").fill(number)
        page.locator("[name=proven]").select_option("document")
        follow(page, page.locator("form.t-form button.button--primary"))
        wrong += looked_at(page)
        page.locator("input[name=strike]").first.check()
        press(page, "read")
        expect(page.locator("#errors")).to_be_visible()
        expect(page.locator("input[name=strike]").first).to_be_checked()
        wrong += looked_at(page)
        page.locator("select[name^='ground.']").first.select_option("ANDRA_IOM")
        for number in range(page.locator("button[value=read]").count()):
            with page.expect_navigation():
                page.locator("button[value=read]").nth(number).click()
        press(page, "release")
        wrong += looked_at(page)
        page.locator("input[value=handed]").check()
        press(page, "give")
        wrong += looked_at(page)
    assert wrong == []
