"""Signing in with a password that a password manager keeps: it is pasted, and stays whole."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from service.people import invitations, one_time_codes
from service.records.context import Actor
from tests.browser.conftest import NARROW, Opener, Site
from tests.support.browser import PASSWORD, code_at

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


def invited(site: Site, name: str) -> str:
    """The address of an invitation."""
    program = site.program
    with program.database.transaction() as tx:
        token = invitations.invite(
            tx,
            program.services,
            by=Actor("test"),
            now=program.clock.now(),
            sign_in=f"{name}@demo",
        )
    return f"/welcome#{token}"


def test_a_password_can_be_pasted_whole(screen: Opener, quiet_site: Site) -> None:
    here = screen(at=quiet_site)
    pastes(here.open("/sign-in"), "password")
    here.open(invited(quiet_site, "sara")).locator("main form button").click()
    pastes(here.page, "password", "again")


def test_recovery_codes_fit_a_narrow_window(screen: Opener, quiet_site: Site) -> None:
    here = screen(at=quiet_site, viewport=NARROW)
    page = here.open(invited(quiet_site, "stina"))
    page.locator("main form button").click()
    secret = (page.locator("main code.t-mono").first.text_content() or "").replace(" ", "")
    code = code_at(secret, quiet_site.program.clock.now())
    for field, text in {"user": "stina@demo", "password": PASSWORD, "again": PASSWORD}.items():
        page.locator(f"#{field}").fill(text)
    page.locator("#code").fill(code)
    page.locator("#code").press("Enter")
    expect(page.locator("main li code")).to_have_count(one_time_codes.RECOVERY_CODES)
    whole, shown = page.evaluate("[document.body.scrollWidth, document.body.clientWidth]")
    assert whole <= shown
