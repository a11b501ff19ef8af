"""Signing in with a password that somebody else keeps: a password manager pastes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener, Site

pytestmark = pytest.mark.browser
LONG = "x" * 140
"""Longer than any password that is taken: nothing of it may be lost without a word."""


@pytest.mark.parametrize(("path", "fields"), [("/sign-in", ["password"])])
def test_a_password_can_be_pasted_whole(
    screen: Opener, quiet_site: Site, path: str, fields: list[str]
) -> None:
    page = screen(at=quiet_site).open(path)
    for name in fields:
        page.locator("#user").fill(LONG)
        page.locator("#user").press("Control+a")
        page.locator("#user").press("Control+c")
        field = page.locator(f"#{name}")
        field.press("Control+v")
        expect(field).to_have_value(LONG)


def test_a_new_password_can_be_pasted_whole(screen: Opener, quiet_site: Site) -> None:
    page = screen("sara", at=quiet_site).open("/prove")
    expect(page.locator("main")).to_be_visible()
