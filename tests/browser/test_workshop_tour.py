"""The tour of the workshop on a phone, with the keyboard alone: it is begun, followed and left."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Opener, Site
from tests.browser.test_editor import ready, tab_to
from tests.browser.test_pages import looked_at

DEAR = 60_000
"""Milliseconds: each change of a draft is linted, on a busy machine."""


def pressed(page: Page, role: Literal["button", "link"], name: str) -> None:
    """Reach a button or link of the strip by keyboard, and press it."""
    wanted = page.locator(".t-tour").get_by_role(role, name=name)
    wanted.focus()
    with page.expect_navigation(timeout=DEAR):
        page.keyboard.press("Enter")


def test_a_promise_is_mended_on_a_phone_by_keyboard(own_site: Site, screen: Opener) -> None:
    page = screen("", at=own_site, viewport=NARROW).page
    page.set_default_timeout(DEAR)
    strip = page.locator(".t-tour")
    page.get_by_role("button", name="Visa mig verkstaden").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/processes")
    expect(strip).to_contain_text("Steg 1 av 9")
    assert looked_at(page) == []
    pressed(page, "link", "Ta mig vidare")
    ready(page)
    assert looked_at(page) == []
    page.locator('[data-do="steps"]').focus()
    page.keyboard.press("Enter")
    gateway = page.locator('#steps [data-element="Gw_GoOn"]')
    gateway.get_by_role("button").first.focus()
    page.keyboard.press("Enter")
    way = gateway.get_by_label("Vilken väg")
    tab_to(page, way)
    page.keyboard.type("Fortsätt →")
    remove = gateway.get_by_role("button", name="Ta bort vägen")
    tab_to(page, remove)
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_contain_text("Fortsätta? till Slut")
    pressed(page, "link", "Ta mig vidare")
    expect(strip).to_contain_text("Steg 2 av 9", timeout=DEAR)
    pressed(page, "button", "Avsluta vandringen")
    expect(strip).to_have_count(0)
