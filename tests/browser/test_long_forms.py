"""A long form in steps, its last step, scales as a matrix, the bar at the bottom, the calendar."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Opener, Screen
from tests.browser.filler import follow, to_question, to_step
from tests.browser.test_pages import faults as found_by_axe

NEXT, ANYWAY = "[data-step-next]", "[data-step-anyway]"
LOW = {"width": 1280, "height": 480}


def task(one: Screen, ref: str) -> Page:
    """The first task of a case."""
    one.open("/inbox")
    follow(one.page, one.page.locator("tbody tr", has_text=ref).locator("th a").first)
    return one.page


def sideways(page: Page) -> int:
    """How many pixels of the page lie outside the window."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def test_one_section_is_shown_and_back_and_reload_keep_it(screen: Opener) -> None:
    page = task(screen("sara"), "ny-al")
    sections = page.locator("[data-part-of-form]:visible > h2")
    expect(sections).to_have_text(["Utsatthet"])
    expect(page.locator("[data-step-now]")).to_have_text("1 av 6: Utsatthet")
    to_step(page, "2")
    expect(sections).to_have_text(["Språk och läsning"])
    expect(sections.first).to_be_focused()
    expect(page).to_have_title(re.compile("^Språk och läsning – "))
    to_step(page, "3")
    page.go_back()
    expect(sections).to_have_text(["Språk och läsning"])
    page.reload()
    expect(sections).to_have_text(["Språk och läsning"])
    page.locator("[data-step-back]").click()
    expect(sections).to_have_text(["Utsatthet"])


def test_a_step_is_checked_when_it_is_left(screen: Opener) -> None:
    page = task(screen("sara"), "ny-al")
    page.locator(NEXT).click()
    wrong = page.locator('[data-path="victimCategory"]')
    expect(wrong).to_contain_text("Välj ett svar")
    expect(wrong.locator("input").first).to_be_focused()
    expect(page.locator("[data-step-of='1'] [data-problems]")).to_have_text("1 fel")
    assert found_by_axe(page) == []
    page.locator(ANYWAY).click()
    expect(page.locator("[data-step-now]")).to_contain_text("2 av 6")
    expect(page.locator("[data-step-of='1'] [data-problems]")).to_be_visible()


@pytest.mark.parametrize("viewport", [None, NARROW])
def test_the_last_step_lists_answers_and_what_is_wrong(
    screen: Opener, viewport: dict[str, int] | None
) -> None:
    page = task(screen("sara", **({"viewport": viewport} if viewport else {})), "ny-al")
    to_question(page, "accompanyingChildren").fill("0")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#buttons button").first).to_be_focused()
    review = page.locator("[data-review]")
    children = review.locator("dl > div", has_text="Medföljande barn")
    expect(children.locator("dd").first).to_have_text("0")
    expect(review.locator(".error-list a")).not_to_have_count(0)
    assert found_by_axe(page) == []
    assert sideways(page) <= 0
    review.locator(".error-list a", has_text="Bedömning").click()
    expect(page.locator("[name=victimCategory]").first).to_be_focused()
    to_step(page, "review")
    children.locator("a").click()
    field = page.locator("[name=accompanyingChildren]")
    expect(field).to_be_focused()
    field.fill("")
    with page.expect_response("**/unsent"):
        page.locator(NEXT).focus()


def test_a_form_of_two_screens_is_one_page(screen: Opener) -> None:
    page = task(screen("omar"), "klar-lind")
    expect(page.locator(NEXT)).to_have_count(0)
    expect(page.locator("#buttons")).to_be_visible()
    expect(page.locator("[data-part-of-form]:visible > h2").nth(1)).to_be_visible()


def test_a_refused_form_opens_at_its_first_fault(screen: Opener) -> None:
    one = screen("aino")
    one.expected.add(422)
    page = task(one, "sval-pil")
    to_question(page, "selfHarmRisk")
    field = "[name='needs.0.domain']"
    to_question(page, "needs.0.domain")
    chosen = page.locator(field).input_value()
    page.locator(field).select_option("")
    to_step(page, "review")
    # and the judgements of the last time, which are made anew
    first = page.locator("[data-review] .error-list a").first
    expect(first).to_have_attribute("href", "#f-needs-0-domain")
    page.locator("#buttons .t-choice button").first.click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator(field)).to_be_visible()
    page.locator(field).select_option(chosen)
    with page.expect_response("**/unsent"):
        page.locator(NEXT).focus()


def test_scales_are_rows_of_a_table_and_blocks_when_narrow(screen: Opener) -> None:
    page = task(screen("aino"), "sval-pil")
    to_question(page, "healthConcern")
    page.locator("[name=healthConcern][value=YES]").check()
    expect(page.locator("[name='health.pregnancy']").first).to_be_visible()
    table = page.locator("table.t-matrix")
    expect(table.locator("thead th")).to_have_text(["Ja", "Nej", "Vill inte säga"])
    row = table.locator("tr", has_text="Graviditet")
    expect(row.get_by_role("radio", name="Graviditet Nej")).to_be_visible()
    box, other = (row.locator("input").nth(n).bounding_box() for n in (0, 1))
    assert box is not None
    assert other is not None
    assert box["y"] == other["y"]
    assert found_by_axe(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    box, other = (row.locator("input").nth(n).bounding_box() for n in (0, 1))
    assert box is not None
    assert other is not None
    assert box["y"] < other["y"]
    assert sideways(page) <= 0
    assert found_by_axe(page) == []


def test_nothing_that_has_the_focus_hides_under_the_bar(screen: Opener) -> None:
    page = task(screen("sara"), "glad-asp")
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(CLEAR_OF_BAR), page.evaluate("document.activeElement.outerHTML")


CLEAR_OF_BAR = """() => {
    const at = document.activeElement, bar = document.querySelector('[data-bar]');
    if (!bar.closest('form').contains(at) || bar.contains(at)) return true;
    const box = at.getBoundingClientRect(), edge = bar.getBoundingClientRect();
    return !box.height || box.bottom <= edge.top + 1 || box.top >= edge.bottom - 1;
}"""


def test_the_bar_is_not_in_the_way_of_a_low_window(screen: Opener) -> None:
    page = task(screen("sara", viewport=LOW), "ny-al")
    assert page.locator("[data-bar]").evaluate("bar => getComputedStyle(bar).position") == "static"


def test_what_is_left_follows_what_is_saved(screen: Opener) -> None:
    page = task(screen("sara"), "ny-al")
    field = to_question(page, "accompanyingChildren")
    left = page.locator("[data-bar] [data-left]")
    before = left.inner_text()
    field.press_sequentially("0")
    expect(page.locator("[data-save]")).to_contain_text("Sparat")
    expect(left).not_to_have_text(before)
    field.fill("")
    expect(left).to_have_text(before)


def test_a_day_is_chosen_in_the_calendar_by_keyboard(screen: Opener) -> None:
    page = task(screen("iva"), "lila-ljung")
    field = page.locator("[name=deliveredOn]")
    button = page.get_by_role("button", name="Välj dag i en kalender: Genomförd")
    button.press("Enter")
    calendar = page.locator("dialog.t-calendar")
    expect(calendar.locator("[aria-current=date]")).to_be_focused()
    assert found_by_axe(page) == []
    today = calendar.locator("[aria-current=date]").get_attribute("data-day")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # tomorrow is later than the form allows
    expect(calendar).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("PageUp")
    expect(calendar.locator("h2")).not_to_be_empty()
    page.keyboard.press("PageDown")
    page.keyboard.press("Enter")
    expect(calendar).to_have_count(0)
    expect(field).to_have_value(str(today))
    expect(button).to_be_focused()
    button.press("Enter")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    field.fill("")
    with page.expect_response("**/unsent"):
        button.focus()


def test_without_script_there_is_no_calendar_and_one_page(screen: Opener) -> None:
    one = screen("sara", java_script_enabled=False)
    page = task(one, "ny-al")
    expect(page.locator("[data-calendar]")).to_have_count(0)
    expect(page.locator("[data-part-of-form]:visible")).to_have_count(5)
    expect(page.locator("#buttons")).to_be_visible()
    expect(page.locator(NEXT)).to_be_hidden()


def test_the_plan_and_a_checklist_stand_beside_their_forms(screen: Opener) -> None:
    one = screen("iva")
    plan = task(one, "lila-ljung").locator(".t-companion")
    expect(plan.locator("h2")).to_have_text("Planen")
    expect(plan).to_contain_text("Typ: Boende")
    one.enter("eero")
    checks = task(one, "vit-klover").locator(".t-companion li.t-checklist__item")
    expect(checks.first).to_contain_text("Hälsan tillåter resan")
    expect(checks.first.get_by_role("img", name="Saknas")).to_be_visible()
    expect(checks.last.get_by_role("img", name="Klart")).to_be_visible()
