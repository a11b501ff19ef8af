"""A draft is tried by hand: start, task, time and diagram, with and without script."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import MONDAY, NARROW, Opener, Screen, Site
from tests.browser.filler import answer_now, answers_of, follow
from tests.browser.test_pages import looked_at

FIRST = "Task_OfferReturnInformation"


def opened(one: Screen) -> Page:
    """The page that tries the open draft."""
    one.open("/processes")
    one.page.locator('form[action="/drafts"] button').click()
    one.page.wait_for_url("**/diagram/*")
    one.open(f"/drafts/{one.page.url.split('/')[4]}/try")
    return one.page


def begun(page: Page) -> None:
    follow(page, page.get_by_role("button", name="Person identifierad"))
    left = answer_now(page, answers_of("start_case", MONDAY))
    assert not left, left
    page.locator('section[aria-labelledby="form-title"] .button--primary').click()
    expect(page.locator("#now-title")).to_be_visible()


def test_a_draft_is_run_by_hand_on_its_own_clock(screen: Opener, quiet_site: Site) -> None:
    one = screen("maja", at=quiet_site)
    page = opened(one)
    assert looked_at(page) == []
    begun(page)
    token = page.locator(f'#canvas [data-element-id="{FIRST}"].t-active')
    expect(token).to_have_count(1)
    assert looked_at(page) == []
    before = page.locator("#now-title time").get_attribute("datetime") or ""
    page.get_by_role("button", name="+1 dag").click()
    after = page.locator("#now-title time")
    expect(after).not_to_have_attribute("datetime", before)
    page.get_by_role("button", name=re.compile("^Fyll i")).first.click()
    expect(page.locator("#form-title")).to_have_text("Nytt ärende – erbjud information")
    page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    assert looked_at(page) == []
    one.expected.add(422)
    page.locator('section[aria-labelledby="form-title"] .button--primary').click()
    expect(page.locator("#errors")).to_be_focused()
    assert looked_at(page) == []
    page.get_by_role("button", name="Börja om").click()
    expect(page.locator("#starts-title")).to_be_visible()


def test_a_draft_is_run_by_hand_without_script(screen: Opener, quiet_site: Site) -> None:
    one = screen("maja", at=quiet_site, java_script_enabled=False)
    page = opened(one)
    begun(page)
    expect(page.locator("[data-steps]")).to_contain_text("Pågår")
    page.get_by_role("button", name="Ångra det senaste").click()
    expect(page.locator("#starts-title")).to_be_visible()
