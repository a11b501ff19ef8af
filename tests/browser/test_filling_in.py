"""What a page does while somebody fills in its form: rows, faults, days, what stands beside it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import NARROW, Opener
from tests.browser.test_long_forms import task
from tests.browser.test_pages import faults as found_by_axe


def test_a_new_row_gets_the_focus_and_survives_a_reload(screen: Opener) -> None:
    page = task(screen("sara"), "ny-al")
    page.evaluate("location.hash = '#f-languages'")
    languages = page.locator("[data-rows=languages]")
    rows = languages.locator("> ol > li")
    before = rows.count()
    place = page.evaluate("scrollY")
    languages.locator("> [data-add]").click()
    expect(rows).to_have_count(before + 1)
    last = rows.nth(before)
    expect(last.locator("input:not([type=hidden])").first).to_be_focused()
    assert abs(page.evaluate("scrollY") - place) < 600
    expect(page.locator("[data-save]")).to_contain_text("Sparat")
    with page.expect_response(re.compile("/unsent$")):
        last.locator("select").select_option("ar")
    page.reload()
    expect(rows.nth(before).locator("select")).to_have_value("ar")


def test_what_was_wrong_goes_when_it_is_answered(screen: Opener) -> None:
    one = screen("sara")
    one.expected.add(422)
    one.open("/cases/new")
    page = one.page
    page.locator("button[name=do][value=send]").click()
    danger = page.locator("[data-path=immediateDanger]")
    expect(danger).to_have_class(re.compile("t-field--error"))
    danger.locator("input[value=true]").check()
    expect(danger).not_to_have_class(re.compile("t-field--error"))
    expect(danger.locator(".t-fault")).to_have_count(0)
    expect(danger.locator("[aria-invalid]")).to_have_count(0)
    measures = page.locator("[data-path=safetyMeasures]")
    expect(measures).to_be_visible()
    expect(measures).not_to_have_class(re.compile("t-field--error"))
    expect(page.locator("[data-path=ageBand]")).to_have_class(re.compile("t-field--error"))


def test_a_year_is_chosen_in_the_calendar(screen: Opener) -> None:
    one = screen("sara", viewport=NARROW)
    one.open("/cases/new")
    page = one.page
    page.locator("[data-path=identifiedOn] [data-calendar]").click()
    calendar = page.locator("dialog.t-calendar")
    calendar.get_by_label("År").select_option("1998")
    expect(calendar.locator("h2")).to_contain_text("1998")
    expect(calendar.get_by_label("År")).to_be_focused()
    assert found_by_axe(page) == []
    calendar.locator("[data-day$='-15']:not([aria-disabled])").click()
    expect(page.locator("[name=identifiedOn]")).to_have_value(re.compile("^1998-"))


def test_days_of_the_inbox_and_of_absences_have_a_calendar(screen: Opener) -> None:
    one = screen("aino")
    one.open("/inbox")
    expect(one.page.locator("#with-marked [data-calendar]")).to_have_count(1)
