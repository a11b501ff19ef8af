"""The demo's open cases are moved to the current release in the browser, and put back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from service.audit import verify
from tests.browser.conftest import NARROW, WIDE, Opener, Site
from tests.browser.test_pages import looked_at

FIRST = 30_000
"""Milliseconds for a page that compares releases for the first time, on a busy machine."""


def verified(site: Site) -> list[str]:
    """What `tresteg verify` finds."""
    program = site.program
    with program.database.transaction(write=False) as tx:
        report = verify.verify_all(tx, program.services, now=program.clock.now())
    return [str(fault) for fault in report.faults]


def plan_for_all(page: Page) -> None:
    """From the page of processes to a plan for all earlier releases."""
    page.get_by_role("link", name="Flytta öppna ärenden").click()
    page.get_by_role("button", name="Planera för alla tidigare utgåvor").click()
    expect(page.locator("h1")).to_contain_text("Flytta ärenden")


def test_the_demos_cases_are_moved_in_bulk_and_put_back(site: Site, screen: Opener) -> None:
    page = (one := screen("maja", viewport=WIDE)).page
    page.set_default_timeout(FIRST)
    plan_for_all(page)
    address = page.url.removeprefix(one.address).partition("#")[0]
    expect(page.locator("#old .djs-container")).to_be_visible()
    expect(page.locator("#new .djs-container")).to_be_visible()
    assert looked_at(page) == []
    page.get_by_role("button", name="Pröva på kopior").click()
    expect(page.get_by_text("går att flytta")).to_be_visible()
    page.get_by_label("Varför ska ärendena flyttas").fill("De nya reglerna gäller alla")
    page.get_by_role("button", name="Be om granskning").click()
    expect(page.get_by_text("Planen väntar på granskaren.")).to_be_visible()
    nils = screen("nils")
    nils.page.get_by_role("link", name="Godkännanden").click()
    nils.page.get_by_role("link", name="Se planen").click()
    nils.page.get_by_role("button", name="Godkänn", exact=True).click()
    expect(nils.page.locator("#review")).to_contain_text("Nils")
    one.open(address)
    page.get_by_role("button", name=re.compile(r"^Flytta \d+ ärenden")).click()
    undo = page.locator("summary", has_text="Ta tillbaka flytten")
    expect(undo).to_be_visible()
    assert verified(site) == []
    assert looked_at(page) == []
    undo.click()
    page.locator("button[value=undo]").click()
    expect(page.get_by_text("är tillbaka där de var")).to_be_visible()
    assert verified(site) == []


def test_a_plan_needs_no_script_on_a_narrow_screen(screen: Opener) -> None:
    one = screen("maja", viewport=NARROW, java_script_enabled=False)
    page = one.page
    page.set_default_timeout(FIRST)
    one.open("/processes")
    plan_for_all(page)
    row = page.locator(".t-plan > li").first
    row.locator("input[value=stay]").check()
    page.get_by_role("button", name="Spara valen").click()
    expect(page.get_by_text("Går klart på sin utgåva").first).to_be_visible()
    page.get_by_role("button", name="Pröva på kopior").click()
    expect(page.get_by_role("heading", name=re.compile("Prövat på kopior"))).to_be_visible()


def test_a_plan_is_clean_in_english_and_dark_on_a_narrow_screen(screen: Opener) -> None:
    one = screen("maja", viewport=NARROW, color_scheme="dark", locale="en-GB")
    page = one.page
    page.set_default_timeout(FIRST)
    one.open("/migrations")
    assert looked_at(page) == []
    page.get_by_role("button", name="Plan for all earlier releases").click()
    expect(page.locator("#old .djs-container")).to_be_visible()
    assert looked_at(page) == []


def test_a_plan_is_chosen_in_by_keyboard(screen: Opener) -> None:
    one = screen("maja")
    page = one.page
    page.set_default_timeout(FIRST)
    one.open("/processes")
    plan_for_all(page)
    page.locator(".t-plan input[value=move]").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".t-plan input[value=stay]").first).to_be_checked()
    page.get_by_role("button", name="Spara valen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Går klart på sin utgåva").first).to_be_visible()
