"""A sent answer is corrected in the browser: the page says beforehand what follows, dates move, and
the history has both values; wide and narrow, in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from service.application.container import Tresteg
from service.clock import SetClock
from service.demo import seed as demo_seed
from service.demo.player import make_player
from service.demo.scenarios import read_scenario
from service.security.keyring import Keyring
from service.store.casefile import cases, facts
from service.store.work import jobs
from service.workshop.trial.scenario_file import ScenarioStep
from tests.browser.conftest import NARROW, WIDE, Opener, Site, site_of
from tests.browser.test_pages import looked_at
from tests.support.played_cases import SCENARIOS
from tests.support.shipped import publish_shipped

TO_THE_JOURNEY = (("aino", "Task_BookTickets"), ("iva", "Task_ArrangeArrival"))
BOOKED, DECIDED, REFERRED = "Task_BookTickets", "Task_DecideReferral", "Task_SubmitReferral"


def travelling(program: Tresteg) -> None:
    """One case, whose journey is booked; it waits for the last 72 hours."""
    until = program.clock.now()
    past = replace(program, clock=SetClock(until - timedelta(days=demo_seed.FIRST_DAYS)))
    people = demo_seed.seed_directory(past, past.clock.now())
    publish_shipped(past, past.clock.now())
    story = read_scenario(SCENARIOS / "corrected.scenario.json")
    more = (*TO_THE_JOURNEY, ("aino", "Task_BriefReturnee"))
    steps = [ScenarioStep(by=who, task=step, after="PT1H") for who, step in more]
    story = replace(story, steps=(*story.steps, *steps), open=(), begins="PT17H")
    player = make_player(past, past.clock, people)  # type: ignore[arg-type]  # its clock can be set
    try:
        player.play(story, until)
    finally:
        player.close()


@pytest.fixture(scope="module")
def travel_site(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Iterator[Site]:
    with site_of(tmp_path_factory.mktemp("travel"), keyring, travelling) as made:
        yield made


def answered(site: Site, element: str) -> str:
    """The address at which the answer of a step is corrected."""
    with site.program.database.transaction(write=False) as tx:
        (case,) = cases.listed(tx)
        history = facts.of_case(tx, case.id)
    fact = next(f.rev for f in history if f.element == element and f.kind == "complete")
    return f"/cases/{case.id}/answers/{fact}/correction"


def final_check(site: Site) -> datetime:
    """When the last 72 hours begin."""
    with site.program.database.transaction(write=False) as tx:
        (case,) = cases.listed(tx)
        waiting = {job.element: job.due for job in jobs.of_case(tx, case.id)}
    due = waiting["Tmr_FinalCheck"]
    assert due is not None
    return due


def a_day_earlier(page: Page) -> tuple[str, str]:
    """Type another departure; what stood there, and what stands there now."""
    field = page.locator("[name='segments.0.departs']")
    before = field.input_value()
    moved = datetime.strptime(before, "%Y-%m-%d %H:%M") - timedelta(days=1)  # noqa: DTZ007 - civil time, as typed
    field.fill(f"{moved:%Y-%m-%d %H:%M}")
    field.press("Tab")
    return before, f"{moved:%Y-%m-%d %H:%M}"


def test_a_departure_is_corrected_and_the_check_follows(travel_site: Site, screen: Opener) -> None:
    aino = screen("aino", at=travel_site, viewport=WIDE)
    aino.expected.add(422)
    page = aino.open(answered(travel_site, BOOKED).partition("/answers/")[0] + "?tab=tasks")
    wrong = looked_at(page)
    page.locator(f"a[href='{answered(travel_site, BOOKED)}']").click()
    expect(page.locator("h1")).to_have_text("Rätta: Biljetter – bekräfta")
    was, (before, after) = final_check(travel_site), a_day_earlier(page)
    then = page.locator("#then")
    expect(then).to_contain_text("Fristen för ”Dags för slutkontroll” flyttas till")
    expect(then).to_contain_text("Steg som ärendet har passerat står kvar")
    wrong += looked_at(page)
    page.locator("button[value=send]").click()
    expect(page.locator("#errors")).to_contain_text("Skriv ett skäl")
    expect(page.locator("[name='segments.0.departs']")).to_have_value(after)
    wrong += looked_at(page)
    page.locator("#why").fill("Flyget går dagen före")
    page.locator("button[value=send]").click()
    expect(page.locator("main")).to_contain_text("Uppgiften är rättad.")
    assert final_check(travel_site) == was - timedelta(days=1)
    page.goto(page.url.partition("?")[0] + "?tab=history")
    page.locator("a[href*='/corrections/']").first.click()
    for text in (before, after, "Flyget går dagen före"):
        expect(page.locator("main")).to_contain_text(text)
    wrong += looked_at(page)
    assert wrong == []


def test_a_decision_says_what_to_do_instead(travel_site: Site, screen: Opener) -> None:
    omar = screen("omar", at=travel_site, viewport=NARROW, locale="en-GB", color_scheme="dark")
    omar.expected.add(403)
    page = omar.open(answered(travel_site, DECIDED))
    _say_why(page)
    expect(page.locator("main")).to_contain_text("This is a decision. It cannot be corrected here.")
    expect(page.locator("form.t-form")).to_have_count(0)
    assert looked_at(page) == []


def test_what_two_persons_did_is_asked_for_and_kept(travel_site: Site, screen: Opener) -> None:
    sara = screen("sara", at=travel_site, viewport=NARROW, locale="en-GB")
    address = answered(travel_site, REFERRED)
    page = sara.open(address)
    _say_why(page)
    page.locator("[name=familyName]").fill("Provova")
    page.locator("#why").fill("Misheard")
    expect(page.locator("[data-save]")).to_contain_text("Saved")
    wrong = looked_at(page)
    page.locator("button[value=send]").click()
    expect(page.locator("main")).to_contain_text("Correct an answer that two persons gave")
    sara.open(address)
    expect(page.locator("[name=familyName]")).to_have_value("Provova")
    expect(page.locator("#why")).to_have_value("Misheard")
    assert wrong == []


def _say_why(page: Page) -> None:
    """Say why she opens the case, when she is asked."""
    reason = page.locator("main form [name=reason]")
    if reason.count():
        reason.first.check()
        page.locator("main form button").first.click()
