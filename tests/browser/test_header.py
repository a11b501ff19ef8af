"""The header of a narrow screen is low and has a menu; the demo's first screen says enough."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Opener
from tests.browser.test_pages import looked_at, sideways

PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 720}
LOW = 120
"""Pixels that a header of one line, with the search below it, takes at most."""


def height(page: Page) -> float:
    """How many pixels of the screen the header takes."""
    box = page.locator(".t-header").bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_narrow_header_opens_as_a_menu(screen: Opener, script: bool) -> None:  # noqa: FBT001 - pytest hands it in
    page = screen("sara", viewport=NARROW, java_script_enabled=script).page
    page.goto(f"{page.url.split('/inbox')[0]}/inbox")
    items = page.locator("#nav")
    assert height(page) <= LOW
    expect(items).to_be_hidden()
    page.get_by_role("button", name="Meny", exact=True).click()
    for item in ("Inkorg", "Ärenden", "Nytt ärende", "Mitt kontor", "Hjälp"):
        expect(items.get_by_role("link", name=item, exact=True)).to_be_visible()
    for button in ("English", "Logga ut", "Stäng menyn"):
        expect(items.get_by_role("button", name=button)).to_be_visible()
    expect(items).to_contain_text("Socialtjänsten Exempelstad")
    if script:
        assert looked_at(page) == []
    page.keyboard.press("Escape")
    expect(items).to_be_hidden()


def test_a_wide_header_shows_everything(screen: Opener) -> None:
    page = screen("sara", viewport=WIDE).page
    assert height(page) <= LOW, "one line"
    expect(page.get_by_role("button", name="Meny", exact=True)).to_be_hidden()
    expect(page.get_by_role("link", name="Hjälp")).to_be_visible()
    expect(page.get_by_role("button", name="Logga ut")).to_be_visible()


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_first_screen_says_what_this_is_and_begins(
    screen: Opener, size: dict[str, int]
) -> None:
    page = screen(viewport=size).page
    for part in (
        page.get_by_text("Stöd för människor som utsatts för"),
        page.get_by_role("button", name="Börja vandringen"),
        page.get_by_role("button", name="English"),
    ):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size["height"]


def test_the_diagram_of_a_case_opens_on_a_phone(screen: Opener) -> None:
    page = screen("aino", viewport=PHONE).page
    page.locator("tbody a[href*='/cases/']").first.click()
    page.locator("#drawer > summary").click()
    expect(page.locator("#canvas .djs-container:visible")).to_have_count(1)
    assert sideways(page) == []
