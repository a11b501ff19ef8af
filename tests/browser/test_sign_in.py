"""Signing in with a password that a password manager keeps: it is pasted, and stays whole."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from service.people import invitations
from service.records.context import Actor
from tests.browser.conftest import Opener, Site

pytestmark = pytest.mark.browser
LONG = "Långt lösenord! " * 10
"""Longer than any password that is taken: nothing of it may be lost without a word."""


def pastes(page: Page, *fields: str) -> None:
    """Copy a text out of the field of the name, and paste it into others."""
    page.locator("#user").fill(LONG)
    page.locator("#user").press("Control+a")
    page.locator("#user").press("Control+c")
    for name in fields:
        page.locator(f"#{name}").press("Control+v")
        expect(page.locator(f"#{name}")).to_have_value(LONG)


def test_a_password_can_be_pasted_whole(screen: Opener, quiet_site: Site) -> None:
    program, here = quiet_site.program, screen(at=quiet_site)
    pastes(here.open("/sign-in"), "password")
    with program.database.transaction() as tx:
        token = invitations.invite(
            tx, program.services, by=Actor("test"), now=program.clock.now(), sign_in="sara"
        )
    here.open(f"/welcome#{token}").locator("main form button").click()
    pastes(here.page, "password", "again")
