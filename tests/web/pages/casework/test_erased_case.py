"""A case of which something is erased says so, to everybody who could open it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from service.access import CLASSES
from service.audit import verify
from service.casework.retention.erasure import ErasureOrder, erase, erase_path, path_order
from service.store.casefile import facts
from tests.support.audits import state_matter
from tests.support.browser import PASSWORD
from tests.support.directory import (
    HELSINKI,
    Directory,
    OfficePlan,
    PersonPlan,
    add_directory,
)
from tests.support.world import SEED, World
from tests.web.pages.casework.test_withdrawal import ENDS
from tests.web.story import Story

TABS = ("overview", "plan", "money", "tasks", "people", "papers", "letters", "history")


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_CheckApplication", Task_SubmitReferral={"familyName": "KANARIE-NAMN"})
    made.do("aino", "Task_CheckApplication", **ENDS)
    yield made
    made.close()


def erase_of(story: Story, *offices: str) -> None:
    """Erase everything that some offices wrote; without one, what every office wrote."""
    services, now = story.world.program.services, story.world.clock.now()
    with story.world.database.transaction() as tx:
        wrote = {fact.office for fact in facts.of_case(tx, story.case)}
        for office in offices or sorted(wrote):
            release = services.current(tx).id
            order = ErasureOrder(story.case, office, CLASSES, "R6", release)
            erase(tx, services, order, by=SEED, now=now)


@pytest.mark.parametrize("name", ["sara", "aino"])
def test_every_tab_of_a_case_says_what_was_erased_and_shows_none_of_it(
    story: Story, name: str
) -> None:
    erase_of(story, story.world.loaded_viewer("sara").office)
    browser = story.world.browser(name)
    for tab in TABS:
        page = browser.get(f"/cases/{story.case}?tab={tab}")
        assert page.status_code == 200, tab
        assert "KANARIE" not in page.text
        assert "was erased, under the rule R6" in page.text


SENTENCE = "What was written in this case was erased in 2026-03, under the rule R6."


@pytest.mark.parametrize("name", ["sara", "aino", "omar", "disa", "greta"])
def test_of_a_case_that_is_all_erased_its_people_read_one_sentence(story: Story, name: str) -> None:
    erase_of(story)
    browser = story.world.browser(name)
    answers = [browser.get(f"/cases/{story.case}?tab={tab}") for tab in TABS]
    answers.append(browser.get(f"/cases/{story.case}/print"))
    for answer in answers:
        assert (answer.status_code, SENTENCE in answer.text) == (410, True)
        assert story.brief().number not in answer.text
        assert ("/replay" in answer.text) == (name == "greta")
    for address in ("/cases", "/inbox", "/referrals"):
        assert story.brief().ref not in browser.get(address).text
    answer = browser.get(f"/v1/cases/{story.case}")
    problem = json.loads(answer.text)
    assert (answer.status_code, problem["code"]) == (410, "case_erased")
    assert problem["detail"].startswith(SENTENCE)


def test_who_had_no_part_in_it_learns_nothing(story: Story) -> None:
    erase_of(story)
    added = Directory(
        (OfficePlan("other", "Other", "NGO", "Europe/Stockholm", "o@example.invalid", (), "en"),),
        (PersonPlan("olga", "other", (next(iter(story.world.loaded_viewer("sara").lane_roles)),)),),
        language="en",
        password=PASSWORD,
    )
    services, now = story.world.program.services, story.world.clock.now()
    with story.world.database.transaction() as tx:
        add_directory(tx, services, added, by=SEED, now=now)
    assert story.world.browser("olga").get(f"/cases/{story.case}").status_code == 404


DAY = re.compile(r"2026-03-\d\d")


def test_an_auditor_reads_the_path_by_month(story: Story) -> None:
    case, browser = f"/audit/cases/{story.case}", story.world.browser("greta")
    paths = (
        f"{case}/replay",
        f"{case}/fields?field=familyName",
        f"{case}/reads",
        f"{case}/reads/extract",
        "/audit/reads",
    )
    for path in (*paths, f"{case}/reads?as=csv", f"/audit?case={story.brief().number}"):
        assert DAY.search(browser.get(path).text), path
    erase_of(story)
    for path in (*paths, f"{case}/reads?as=csv", f"/audit?case={story.brief().number}"):
        page = browser.get(path)
        assert (page.status_code, "2026-03" in page.text) == (200, True), path
        assert DAY.search(page.text) is None, path


def test_what_another_office_wrote_is_read_still(story: Story) -> None:
    erase_of(story, HELSINKI)
    assert "KANARIE-NAMN" in [answer.value for answer in story.given("sara")]
    assert story.given("aino") == []
    page = story.world.browser("sara").get(f"/cases/{story.case}").text
    assert "wrote in this case was erased, under the rule R6" in page
    with story.world.database.transaction(write=False) as tx:
        services, now = story.world.program.services, story.world.clock.now()
        assert verify.verify_all(tx, services, now=now).faults == ()


def test_verification_says_nothing_of_an_erased_case(story: Story) -> None:
    erase_of(story)
    with story.world.database.transaction(write=False) as tx:
        services, now = story.world.program.services, story.world.clock.now()
        assert verify.verify_all(tx, services, now=now).faults == ()


@pytest.mark.parametrize("name", ["sara", "aino", "disa", "greta"])
def test_when_the_path_is_erased_too_nobody_finds_the_case(story: Story, name: str) -> None:
    erase_of(story)
    world, case = story.world, story.brief()
    browser, services = world.browser(name), world.program.services
    with world.database.transaction() as tx:
        order = path_order(case.id, "R7-PATH", services.current(tx).id)
        erase_path(tx, services, order, by=SEED, now=world.clock.now())
    found = {}
    for rule in world.app.url_map.iter_rules():
        if rule.arguments == {"case"} and "GET" in (rule.methods or ()):
            address = rule.rule.replace("<case>", case.id)
            found[address] = browser.get(address).status_code
    assert {a: s for a, s in found.items() if s == 200 or s >= 500} == {}
    for address in ("/cases", "/inbox", "/referrals", "/audit", "/audit/reads", "/retention"):
        page = browser.get(address).text
        assert not any(word in page for word in (case.id, case.ref, case.number)), address
    assert [str(fault) for fault in world.verified().faults] == []


def test_its_events_are_in_no_export(story: Story) -> None:
    erase_of(story)
    browser = story.world.browser("greta")
    browser.get("/audit/export")
    answer = browser.post("/audit/export", {"what": "json", "option": ["rare"], "reason": "Study"})
    assert (answer.status_code, "Left out: 1 case whose answers" in answer.text) == (422, True)


@pytest.mark.parametrize("offices", [(), (HELSINKI,)])
@pytest.mark.parametrize("name", ["sara", "greta", "disa"])
def test_no_address_of_an_erased_case_fails(
    story: Story, name: str, offices: tuple[str, ...]
) -> None:
    erase_of(story, *offices)
    world, case = story.world, story.brief()
    browser = world.browser(name)
    state_matter(world.program, world.loaded_viewer(name), world.clock.now())
    found = {}
    for rule in story.world.app.url_map.iter_rules():
        if rule.arguments == {"case"} and "GET" in (rule.methods or ()):
            for value in (case.id, case.ref, case.number):
                address = rule.rule.replace("<case>", value)
                answer = browser.get(address)
                assert offices or b"KANARIE" not in answer.data, address
                found[address] = answer.status_code
    assert {address: status for address, status in found.items() if status >= 500} == {}
    opens = bool(offices) or name == "greta"
    assert (200 in found.values()) == opens
