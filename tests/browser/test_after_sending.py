"""After a form was sent the page says what happened, who has the case now, and what comes next."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Site
from tests.browser.filler import answers_of, fill, follow


def sent(page: Page, form: str, site: Site) -> None:
    """Fill in the form of the page and send it."""
    button = fill(page, answers_of(form, site.program.clock.now()))
    follow(page, button)


def test_what_was_sent_leads_to_what_comes_next(screen: Opener, quiet_site: Site) -> None:
    window = screen("sara", at=quiet_site)
    page = window.open("/cases/new")
    sent(page, "start_case", quiet_site)
    said = page.locator(".message-box--success")
    expect(said).to_contain_text("är öppnat")
    expect(said).to_contain_text("Nu har ditt kontor ärendet: ”")
    expect(said.get_by_role("button")).to_have_count(0)
    sent(page, "new_case", quiet_site)
    expect(said).to_contain_text("är skickat")
    expect(page.locator("input[name=step]").first).to_have_value(re.compile("Task_SubmitReferral"))
    sent(page, "referral", quiet_site)
    expect(said).to_contain_text(re.compile(r"Nu har Länsstyrelsen.* ärendet: ”.*”, senast 2026-"))
    expect(said).to_contain_text("Inget mer för ditt kontor att göra nu.")
    expect(said.get_by_role("button", name=re.compile("^Ta ”"))).to_have_count(0)
    page.reload()
    expect(said).to_contain_text("Nu har Länsstyrelsen")
    said.get_by_role("link", name=re.compile("^Till ärendet")).click()
    expect(page.locator("main")).to_contain_text("Länsstyrelsen")
