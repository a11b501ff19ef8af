"""The inbox and the list of cases, by keyboard, on a narrow screen, and without script."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import MONDAY, NARROW, Opener

MARKED = "[name=task]:checked"
FROM, UNTIL = MONDAY.date(), MONDAY.date() + timedelta(days=5)


def width(page: Page) -> tuple[int, int]:
    """How wide the page is, and the window."""
    found = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    return found[0], found[1]


def test_the_bulk_bar_appears_when_a_row_is_ticked(screen: Opener) -> None:
    page = screen("aino").page
    bar = page.locator(".t-bulk")
    expect(bar).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar).to_be_visible()
    expect(page.locator(".t-bulk__count")).to_have_text("1 markerad")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".t-bulk__count")).to_have_text("2 markerade")
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(bar).to_be_hidden()


def test_enter_opens_the_row_that_j_came_to(screen: Opener) -> None:
    page = screen("aino").page
    second = page.locator("tbody tr").nth(1).locator("th a").get_attribute("href")
    page.keyboard.press("j")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(str(second))


def test_tasks_that_are_ticked_are_claimed_together(screen: Opener) -> None:
    page = screen("omar").page
    rows = page.locator("tbody tr")
    for nth in range(2):
        rows.nth(nth).locator("input[type=checkbox]").check()
    with page.expect_navigation():
        page.locator(".t-bulk button[value=claim]").click()
    expect(page.get_by_text("2 uppgifter är ändrade.")).to_be_visible()


def test_without_script_the_bar_stands_above_the_list(screen: Opener) -> None:
    page = screen("aino", java_script_enabled=False).page
    bar = page.locator(".t-bulk")
    expect(bar).to_be_visible()
    box, table = bar.bounding_box(), page.locator("table").first.bounding_box()
    assert box is not None
    assert table is not None
    assert box["y"] + box["height"] <= table["y"]


def test_the_filter_is_closed_and_says_what_is_in_force(screen: Opener) -> None:
    one = screen("aino")
    page = one.page
    expect(page.locator(".t-filter")).to_be_hidden()
    expect(page.locator(".t-chip")).to_have_count(0)
    page.locator(".t-filter-box summary").click()
    page.locator("#due").select_option("late")
    page.locator(".t-filter button").first.click()
    expect(page.locator(".t-chip")).to_have_count(1)
    expect(page.locator(".t-chip")).to_contain_text("Försenade")
    page.locator(".t-chip").click()
    expect(page.locator(".t-chip")).to_have_count(0)


def test_a_case_is_a_small_card_on_a_narrow_screen(screen: Opener) -> None:
    one = screen("aino", viewport=NARROW)
    page = one.open("/cases")
    cards = page.locator("tbody tr")
    heights = [box["height"] for card in cards.all() if (box := card.bounding_box()) is not None]
    assert sum(heights) / len(heights) <= 200
    wide, window = width(page)
    assert wide <= window
    for path in ("/inbox", "/office", "/office/absences"):
        one.open(path)
        wide, window = width(page)
        assert wide <= window, path


def test_what_waits_here_comes_first_and_ended_cases_are_hidden(screen: Opener) -> None:
    one = screen("sara")
    page = one.open("/cases")
    states = page.locator(".t-cases__state").all_inner_texts()
    here = [state for state in states if "Hos er" in state]
    assert states[: len(here)] == here
    assert not any("Avslutat" in state for state in states)
    one.open("/cases?state=every")
    assert any("Avslutat" in one for one in page.locator(".t-cases__state").all_inner_texts())


def test_a_case_is_given_to_a_colleague(screen: Opener) -> None:
    one = screen("aino")
    page = one.open("/cases?officer=mine")
    page.locator("tbody a.t-ref").first.click()
    expect(page.locator(".t-lead")).to_contain_text("Handläggare hos er: Aino")
    page.locator(".t-ask summary", has_text="Ge ärendet till").click()
    page.locator("#to").select_option(label="Eero (demo)")
    page.locator(".t-ask button").first.click()
    expect(page.locator(".t-lead")).to_contain_text("Handläggare hos er: Eero")


def test_a_deputy_sees_for_whom_and_claims_a_task(screen: Opener) -> None:
    aino = screen("aino")
    page = aino.open("/inbox?box=unclaimed")
    name = page.locator("tbody th a").first.inner_text()
    page.locator("button[name=claim]").first.click()
    expect(page.locator(".t-facts")).to_contain_text("Du har uppgiften")
    page = aino.open("/office/absences")
    page.locator("#first_day").fill(FROM.isoformat())
    page.locator("#last_day").fill(UNTIL.isoformat())
    page.locator("#deputy").select_option(label="Eero (demo)")
    page.locator("button[value=set]").click()
    expect(page.locator(".t-rows")).to_contain_text(f"till {UNTIL}. Eero (demo) ersätter.")
    eero = screen("eero")
    page = eero.open("/inbox?box=mine")
    expect(page.get_by_text("Du ersätter: Aino (demo)")).to_be_visible()
    row = page.locator("tbody tr", has_text=name).first
    expect(row).to_contain_text(f"för Aino (demo), borta till {UNTIL}")
    row.locator("button[name=claim]").click()
    expect(page.locator(".t-facts")).to_contain_text("Du har uppgiften")
    page = aino.open("/office/absences")
    page.locator("button[value=end]").click()
    expect(page.get_by_text("Ingen på kontoret är borta.")).to_be_visible()


def test_a_task_is_let_rest_and_taken_back(screen: Opener) -> None:
    page = screen("aino").page
    row = page.locator("tbody tr", has_not_text="Försenad").last
    name = row.locator("th a").inner_text()
    row.locator("input[type=checkbox]").check()
    page.locator(".t-bulk summary", has_text="Bevaka till").click()
    page.locator("#until").fill((FROM + timedelta(days=1)).isoformat())
    with page.expect_navigation():
        page.locator("button[value=follow_up]").click()
    receipt = page.locator(".t-message", has_text="Vilar till")
    expect(receipt).to_contain_text(name)
    expect(page.get_by_role("link", name="Vilande 1")).to_be_visible()
    with page.expect_navigation():
        receipt.get_by_role("button", name="Ångra").click()
    expect(page.get_by_role("link", name="Vilande 0")).to_be_visible()


def test_no_width_of_a_tablet_cuts_the_inbox(screen: Opener) -> None:
    for wide in (1024, 900, 768, 390):
        page = screen("aino", viewport={"width": wide, "height": 900}).page
        assert width(page)[0] <= width(page)[1]
        tabs = page.locator(".t-list-tabs li").evaluate_all("all => all.map(one => one.offsetTop)")
        assert wide > 640 or len(set(tabs)) == 1
