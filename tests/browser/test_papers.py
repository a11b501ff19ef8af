"""A paper is made with a few keys; its pages are clean for axe, also when something is missing."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.filler import follow
from tests.browser.test_pages import looked_at


def at_papers(page: Page, address: str) -> None:
    """The papers of the first case in the inbox."""
    page.goto(f"{address}/inbox")
    follow(page, page.locator("tbody th a").first)
    follow(page, page.locator(".t-facts a[href^='/cases/']").first)
    page.goto(f"{page.url.partition('?')[0].partition('#')[0]}?tab=papers")


def test_a_paper_is_made_and_stands_in_the_list(screen: Opener) -> None:
    wrong: list[str] = []
    for theme, size in (("light", WIDE), ("dark", NARROW)):
        one = screen("sara", viewport=size, color_scheme=theme)
        one.expected |= {422}
        one.speak("sv")
        page = one.page
        at_papers(page, one.address)
        follow(page, page.locator("a[href$='/papers/new']"))
        wrong += looked_at(page)
        follow(page, page.locator("a[href*='paper=card']"))
        wrong += looked_at(page)
        page.locator("form.t-form button").click()
        page.wait_for_selector("#errors")
        wrong += looked_at(page)
        page.locator("input[name=reason][value=GIVE]").check()
        page.locator("[name=t-one]").fill("Anna")
        page.locator("form.t-form button").click()
        expect(page.locator("main")).to_contain_text("Papperet är gjort.")
        expect(page.locator(".t-rows")).to_contain_text("Kort")
        wrong += looked_at(page)
        follow(page, page.locator("a[href$='/papers/signed']").first)
        page.locator("form.t-form button").click()
        page.wait_for_selector("#errors")
        wrong += looked_at(page)
    assert wrong == []
