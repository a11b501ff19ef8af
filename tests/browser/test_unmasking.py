"""Two people unmask a case for an auditor, in their browsers: by keyboard, on a narrow screen, and
every page of it clean.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.filler import follow
from tests.browser.test_pages import looked_at

REASON = "Two notes give different towns"


def press(page: Page, name: str) -> None:
    """Press a button by the keyboard."""
    page.get_by_role("button", name=name).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_two_people_open_a_case_and_it_is_masked_again(screen: Opener) -> None:
    greta = screen("greta", locale="en-GB", viewport=NARROW)
    greta.expected |= {422}
    page = greta.open("/audit")
    follow(page, page.locator('tbody a[href$="/replay"]').last)
    replay = page.url
    follow(page, page.get_by_role("link", name="Ask to read them"))
    wrong = looked_at(page)
    press(page, "Ask data protection")
    expect(page.locator("#errors")).to_be_focused()
    wrong += looked_at(page)
    page.locator("input[value=C1]").focus()
    page.keyboard.press("Space")
    page.locator("#why").fill(REASON)
    press(page, "Ask data protection")
    expect(page.locator("main")).to_contain_text("Waits for data protection")
    wrong += looked_at(page)
    disa = screen("disa", locale="en-GB", viewport=WIDE, color_scheme="dark")
    answer = disa.open("/approvals")
    wrong += looked_at(answer)
    answer.get_by_role("link", name="Read the request and answer").click()
    expect(answer.locator("main")).to_contain_text(REASON)
    wrong += looked_at(answer)
    press(answer, "Yes, for 60 minutes")
    expect(answer.locator("main")).to_contain_text("Answers that are open now")
    wrong += looked_at(answer)
    page.goto(f"{replay}?at=1")
    band = page.get_by_role("region", name="Masked answers that are open to you now")
    expect(band).to_contain_text(re.compile(r"Open until \d\d:\d\d:"))
    expect(band).to_contain_text("Identity and contact")
    expect(page.locator("#card")).to_contain_text("Municipality")
    expect(page.locator('[data-part="facts"]')).to_contain_text("Municipality")
    wrong += looked_at(page)
    page.goto(replay.replace("/replay", "/form?at=1"))
    wrong += looked_at(page)
    press(page, "Mask again now")
    expect(page.locator("main")).to_contain_text("Ask to read them")
    page.goto(f"{replay}?at=1")
    expect(page.locator('[data-part="facts"]')).not_to_contain_text("Municipality")
    assert wrong == []
