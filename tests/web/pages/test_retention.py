"""The page of what falls due, holds, and what was erased: for data protection, and each office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from service.access import CLASSES
from service.casework.retention import holds as holds_of_case
from service.casework.retention.erasure import ErasureOrder, erase
from service.security.keyring import Keyring
from service.store.casefile import approvals, cases, holds, retention_acts
from service.store.work import letters
from tests.support import small
from tests.support.browser import Browser
from tests.support.directory import BOARD, OFFICE, ROLE, THREE_OFFICES, PersonPlan
from tests.support.plans import signed
from tests.support.small_plan import ASKING, RULES, SIGNED, ended, spoil, with_plan, work
from tests.support.world import SEED, World, open_world

WITH_OFFICERS = replace(
    THREE_OFFICES,
    people=(
        *(one for one in THREE_OFFICES.people if one.name not in ("sara", "omar")),
        PersonPlan("sara", OFFICE, (ROLE, "records-officer")),
        PersonPlan("omar", BOARD, ("CaseApprover", "records-officer")),
        PersonPlan("dora", BOARD, ("data-protection",)),
    ),
)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """Offices at work, with a plan that the social services have signed, and an ended case."""
    made = open_world(database_url, keyring, with_plan(SIGNED), directory=WITH_OFFICERS)
    ended(made)
    made.clock.set(made.clock.now() + timedelta(days=10))
    yield made
    made.database.close()


def lasting(desk: World) -> list[holds.Hold]:
    with desk.database.transaction(write=False) as tx:
        return holds.lasting(tx, desk.clock.now())


def test_what_falls_due_is_listed_in_words(desk: World) -> None:
    page = desk.browser("disa").get("/retention").text
    assert "2026-04-03" in page
    assert "2026-0001" in page
    assert "by itself on that day" in page
    assert "HEALTH" in page
    assert "Nobody has signed" in page, "the others' rules"


def test_an_office_sees_its_own_and_sets_no_hold(desk: World) -> None:
    stina = desk.browser("stina")
    page = stina.get("/retention").text
    assert "2026-0001" in page
    assert "Whose records" not in page, "it has its own alone"
    assert "Hold the case" not in page
    assert "2026-0001" not in desk.browser("omar").get("/retention").text
    asked = {"case": "2026-0001", "until": "2026-03-20", "why": "Inspection"}
    assert stina.post("/retention", asked).status_code == 404
    assert lasting(desk) == []


def test_a_records_officer_holds_and_finds_cases_of_her_office_alone(desk: World) -> None:
    asked = {"case": "2026-0001", "until": "2026-03-20", "why": "Inspection"}
    omar = desk.browser("omar")
    omar.get("/retention")
    answer = omar.post("/retention", asked)
    assert (answer.status_code, "There is no case" in answer.text) == (422, True)
    assert "There is no case" in omar.get("/retention/erase?case=2026-0001").text
    sara = desk.browser("sara")
    sara.get("/retention")
    assert sara.post("/retention", asked).status_code == 303
    (row,) = lasting(desk)
    omar.get("/retention")
    assert omar.post("/retention", {"hold": row.id}).status_code == 404
    sara.get("/retention")
    assert sara.post("/retention", {"hold": row.id}).status_code == 303
    assert lasting(desk) == []


def test_a_hold_for_longer_than_30_days_needs_two_persons(desk: World) -> None:
    disa, dora = desk.browser("disa"), desk.browser("dora")
    disa.get("/retention")
    asked = {"case": "2026-0001", "until": "2026-12-31", "why": "A dispute in court"}
    assert disa.post("/retention", asked).status_code == 303
    (row,) = lasting(desk)
    assert row.until == desk.clock.now() + timedelta(days=30), "it holds meanwhile"
    assert "has been asked to let it last until 2026-12-31" in disa.get("/retention").text
    with desk.database.transaction(write=False) as tx:
        (request,) = approvals.asked_by(tx, "p_disa", kind=approvals.LONG_HOLD)
    taken = {"lengthen": row.id, "approval": request.id}
    assert disa.post("/retention", taken).status_code == 403, "nobody has approved it"
    dora.get("/approvals")
    assert dora.post(f"/approvals/{request.id}", {"do": "approve"}).status_code == 303
    assert "Let it last until 2026-12-31" in disa.get("/retention").text
    assert disa.post("/retention", taken).status_code == 303
    (row,) = lasting(desk)
    assert holds_of_case.last_day(row.until).isoformat() == "2026-12-31"
    disa.get("/retention")
    assert disa.post("/retention", taken).status_code == 403, "it is used"
    assert desk.faults() == []


def find(browser: Browser, word: str = "2026-0001") -> str:
    """The address of what an office keeps of a case."""
    return browser.get(f"/retention/erase?case={word}").location


def test_an_office_erases_earlier_with_a_second_person_of_its_own(desk: World) -> None:
    sara, stina, omar = (desk.browser(name) for name in ("sara", "stina", "omar"))
    page = find(sara)
    assert "by the plan on" in sara.get(page).text
    assert "Nothing can be erased early" not in sara.get(page).text
    assert sara.post(page, {"classes": ["C3"], "why": ""}).status_code == 422
    assert sara.post(page, {"classes": [], "why": "Not needed"}).status_code == 422
    assert sara.post(page, {"classes": ["C3"], "why": "Not needed"}).status_code == 303
    asked = request_of(desk)
    assert (asked.state, asked.case_id in letters_to(desk, BOARD)) == ("asked", True)
    assert "a second person has not answered yet" in sara.get("/retention").text
    assert "A second person of your office has been asked" in sara.get(page).text
    assert sara.post(page, {"approval": asked.id}).status_code == 403
    assert omar.get(f"/retention/requests/{asked.id}").status_code == 404
    assert omar.post(f"/approvals/{asked.id}", {"do": "approve"}).status_code == 404
    assert sara.post(f"/approvals/{asked.id}", {"do": "approve"}).status_code == 403
    assert f"/retention/requests/{asked.id}" in stina.get("/approvals").text
    seen = stina.get(f"/retention/requests/{asked.id}").text
    assert "Not needed" in seen
    assert "After a yes Sara can erase it" in seen
    assert stina.post(f"/approvals/{asked.id}", {"do": "approve"}).status_code == 303
    assert stina.post(page, {"approval": asked.id}).status_code == 404
    found = sara.get("/retention").text
    assert ("approved: erase it before" in found, f'href="{page}"' in found) == (True, True)
    assert "What you have asked to erase" not in stina.get("/retention").text
    seen = sara.get(page).text
    assert "A second person has approved it" in seen
    assert "It is erased at once. Nobody can have it back." in seen
    assert sara.post(page, {"approval": asked.id}).status_code == 303
    assert "What you have asked to erase" not in sara.get("/retention").text, "it is done"
    with desk.database.transaction(write=False) as tx:
        acts = retention_acts.of_case(tx, str(asked.case_id))
    (act,) = (act for act in acts if act.does == retention_acts.DESTROY)
    assert (act.classes, act.rule, act.approval_id, act.by) == (["C3"], "", asked.id, "p_sara")
    assert "earlier, by two people" in desk.browser("disa").get("/retention").text
    assert request_of(desk).reason is not None, "why it was erased outlasts it"
    assert desk.faults() == []


def test_under_a_hold_nothing_is_erased_early(desk: World) -> None:
    sara, stina, disa = (desk.browser(name) for name in ("sara", "stina", "disa"))
    page = find(sara)
    sara.get(page)
    sara.post(page, {"classes": ["C2", "C3"], "why": "Not needed"})
    asked = request_of(desk)
    stina.get("/approvals")
    stina.post(f"/approvals/{asked.id}", {"do": "approve"})
    disa.get("/retention")
    disa.post("/retention", {"case": "2026-0001", "until": "2026-03-20", "why": "Inspection"})
    assert "The case is held" in sara.get(page).text
    assert sara.post(page, {"approval": asked.id}).status_code == 409
    with desk.database.transaction(write=False) as tx:
        assert retention_acts.of_case(tx, str(asked.case_id)) == []


def test_an_open_case_in_which_no_other_office_works_ends_with_its_erasure(
    database_url: str, keyring: Keyring
) -> None:
    two = small.one(small.person("a", "ask") + small.person("b", "ask"), "s>a a>b b>e")
    desk = open_world(database_url, keyring, two, directory=WITH_OFFICERS)
    case = desk.start().case_id
    desk.do(case, "a", small.ANSWERS)
    sara, stina = desk.browser("sara"), desk.browser("stina")
    page = f"/retention/cases/{case}"
    assert "It ends with the erasure" in sara.get(page).text
    assert sara.post(page, {"classes": ["C0"], "why": "Begun by mistake"}).status_code == 422
    every = [*CLASSES]
    assert sara.post(page, {"classes": every, "why": "Begun by mistake"}).status_code == 303
    asked = request_of(desk, case)
    stina.get("/approvals")
    stina.post(f"/approvals/{asked.id}", {"do": "approve"})
    sara.get(page)
    assert sara.post(page, {"approval": asked.id}).status_code == 303
    with desk.database.transaction(write=False) as tx:
        row = cases.get(tx, case)
    assert row is not None
    assert (row.status, row.end) == ("ended", "erased")
    assert sara.get("/inbox").status_code == 200
    assert desk.faults() == []
    desk.database.close()


def request_of(desk: World, case: str = "") -> approvals.Approval:
    with desk.database.transaction(write=False) as tx:
        asked = approvals.asked_by(tx, "p_sara", kind=approvals.ERASE_EARLY)
    return next(row for row in asked if case in ("", row.case_id))


def letters_to(desk: World, office: str) -> set[str]:
    """The cases about which an office got a letter that somebody asks to erase."""
    with desk.database.transaction(write=False) as tx:
        found = [row for case in cases.listed(tx) for row in letters.of_case(tx, case.id)]
    return {
        row.case_id for row in found if (row.template, row.office_id) == ("erasure_asked", office)
    }


def test_a_task_of_the_plan_is_answered_on_its_page(database_url: str, keyring: Keyring) -> None:
    text = signed(RULES + ASKING, "SOCIALTJANST")
    desk = open_world(database_url, keyring, with_plan(text), directory=WITH_OFFICERS)
    ended(desk)
    work(desk, 32)
    sara, stina, disa = (desk.browser(name) for name in ("sara", "stina", "disa"))
    assert "Tasks of the retention plan" in sara.get("/inbox").text
    assert "Tasks of the retention plan" not in stina.get("/inbox").text
    with desk.database.transaction(write=False) as tx:
        (task,) = retention_acts.waiting(tx)
    page = f"/retention/tasks/{task.id}"
    assert page in sara.get("/retention").text
    assert page in disa.get("/retention").text
    assert page not in stina.get("/retention").text
    assert stina.get(page).status_code == 404
    assert "It waits for a records officer" in disa.get(page).text
    assert disa.post(page, {"why": "x"}).status_code == 404
    assert "Review whether the records are needed" in sara.get(page).text
    assert sara.post(page, {"why": ""}).status_code == 422
    assert sara.post(page, {"why": "She may come back"}).status_code == 303
    assert "Kept, says" in sara.get(page).text
    assert "Tasks of the retention plan" not in sara.get("/inbox").text
    assert desk.faults() == []
    desk.database.close()


def test_who_works_for_no_case_has_no_such_page(desk: World) -> None:
    assert desk.browser("maja").get("/retention").status_code == 404


def test_a_hold_is_set_and_ended(desk: World) -> None:
    disa = desk.browser("disa")
    disa.get("/retention")
    asked = {"case": "2026-0001", "until": "2026-03-20", "why": "Inspection 2026-4"}
    assert disa.post("/retention", asked).status_code == 303
    (row,) = lasting(desk)
    page = disa.get("/retention").text
    assert "nothing is erased until the end of 2026-03-20" in page, "the day that she named"
    assert "Inspection" not in page
    assert "2026-04-03" not in page, "it does not fall due while it is held"
    assert disa.post("/retention", {"hold": row.id}).status_code == 303
    assert lasting(desk) == []
    assert desk.faults() == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("case", "2026-9999", "There is no case"),
        ("until", "soon", "day"),
        ("until", "2027-06-01", "at most 365 days"),
        ("why", "", "Why"),
    ],
)
def test_a_hold_that_cannot_be_set_says_why(desk: World, name: str, value: str, said: str) -> None:
    disa = desk.browser("disa")
    disa.get("/retention")
    asked = {"case": "2026-0001", "until": "2026-03-20", "why": "Inspection", name: value}
    answer = disa.post("/retention", asked)
    assert answer.status_code == 422
    assert said in answer.text
    assert lasting(desk) == []


def test_what_was_erased_is_listed(desk: World) -> None:
    with desk.database.transaction() as tx:
        services = desk.program.services
        (case,) = cases.listed(tx)
        order = ErasureOrder(case.id, OFFICE, CLASSES, "HEALTH", services.current(tx).id)
        erase(tx, services, order, by=SEED, now=desk.clock.now())
    page = desk.browser("disa").get("/retention").text
    assert "1 month after" in page
    assert "HEALTH)" in page
    assert "Nothing falls due" in page


def test_a_case_that_could_not_be_looked_at_is_named_to_data_protection(desk: World) -> None:
    with desk.database.transaction(write=False) as tx:
        (case,) = cases.listed(tx)
    spoil(desk, case.id, "snapshot")
    page = desk.browser("disa").get("/retention").text
    assert "1 case could not be looked at" in page
    assert f"{case.number} · {case.ref}" in page
    page = desk.browser("sara").get("/retention").text
    assert "1 case could not be looked at" in page
    assert case.number not in page
