"""The search of the header: from every page, by keyboard, with a part of a case's name."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import NARROW, Opener


def test_a_slash_leads_to_the_search_and_a_part_finds_the_case(screen: Opener) -> None:
    one = screen("aino")
    for path in ("/inbox", "/cases", "/office", "/settings", "/help"):
        page = one.open(path)
        page.keyboard.press("/")
        expect(page.locator("#header-q")).to_be_focused()
    for words in ("sval", "sval pil", "SVAL-pil", "val", "svål"):
        page = one.open("/inbox")
        page.keyboard.press("/")
        page.keyboard.type(words)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        found = page.locator("main a", has_text="sval-pil")
        assert found.count() or page.locator("h1", has_text="sval-pil").count(), words
        assert words not in page.url


def test_the_whole_name_leads_to_the_case(screen: Opener) -> None:
    page = screen("aino").page
    page.keyboard.press("/")
    page.keyboard.type("sval pil")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("sval-pil")


def test_the_search_fits_a_narrow_screen_and_needs_no_script(screen: Opener) -> None:
    one = screen("aino", viewport=NARROW, java_script_enabled=False)
    page = one.open("/inbox")
    page.locator("#header-q").fill("bla")
    page.locator(".t-header-search button").click()
    expect(page.locator("main a", has_text="bla-sippa")).to_be_visible()
    back = page.url
    one.open("/inbox")
    page.goto(back)
    expect(page.locator("main a", has_text="bla-sippa")).to_be_visible()


def test_who_has_no_part_in_cases_has_no_search(screen: Opener) -> None:
    page = screen("maja").page
    expect(page.locator("#header-q")).to_have_count(0)
