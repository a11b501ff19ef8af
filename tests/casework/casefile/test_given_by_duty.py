"""What was given by a duty in law: in her copy as far as she may be told, counted among what left,
and gone with the records of its office.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from service.access import Viewer
from service.casework.casefile import given_by_duty, read_log
from service.casework.casefile.given_by_duty import DutySaid
from service.casework.retention import early_page
from service.casework.retention.left import DUTY, exits
from service.casework.subject_requests import asking
from service.casework.subject_requests.copy_parts import load_copy
from service.casework.subject_requests.request_page import compose_answer
from service.errors import NotFound
from service.store.casefile import cases
from service.store.installation import ledger_entries
from tests.support.directory import BOARD, OFFICE, ROLE
from tests.support.filled_case import erased
from tests.support.world import NOON, World
from tests.web.story import Story

OFFICER = Viewer("p_sara", OFFICE, frozenset({ROLE, "records-officer"}))
ABOUT: dict[str, Any] = {
    "kind": "copy",
    "who": "herself",
    "proven": "document",
    "everywhere": False,
    "person": False,
    "wish": "",
}
SAID = DutySaid("UPPGIFTSSKYLDIGHET_10_28", "Polisen i Malmö", "", "2026-03-02", "yes")


ENDS = {
    "voluntariness": "NOT_VOLUNTARY",
    "applicationCheck": "END",
    "endReason": "NOT_VOLUNTARY",
    "supportInSweden": False,
}


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_CheckApplication")
    yield made
    made.close()


@pytest.fixture
def desk(story: Story) -> World:
    return story.world


@pytest.fixture
def case(story: Story) -> str:
    return story.case


def do(desk: World, act: Any, **given: object) -> Any:
    with desk.database.transaction() as tx:
        return act(tx, desk.program.services, OFFICER, desk.clock.now(), **given)


def give(desk: World, case: str, what: str, know: str, until: str = "") -> int:
    """Write it down; gives the number of its entry."""
    said = replace(SAID, what=what, know=know, until=until)
    do(desk, given_by_duty.give, case_id=case, said=said)
    return numbers(desk, case)[0]


def numbers(desk: World, case: str) -> list[int]:
    with desk.database.transaction(write=False) as tx:
        return [e.seq for e in ledger_entries.every(tx, f"case/{case}", (given_by_duty.GIVEN,))]


def copied(desk: World, case: str, lang: str = "sv") -> list[str]:
    """The parts of the copy about what was given by a duty."""
    with desk.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
        assert found is not None
        parts = load_copy(tx, desk.program.services, OFFICER, found, lang, now=desk.clock.now())
    assert all(part.is_free for part in parts if part.id[0] == "g"), "somebody reads it first"
    return [" ".join((part.label, *part.pieces)) for part in parts if part.id[0] == "g"]


def everything(desk: World, case: str) -> str:
    with desk.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
        assert found is not None
        return str(load_copy(tx, desk.program.services, OFFICER, found, "sv", now=desk.clock.now()))


def counted(desk: World, case: str) -> list[str]:
    with desk.database.transaction(write=False) as tx:
        return [one.office for one in exits(tx, case) if one.what == DUTY]


def test_what_she_may_know_is_in_her_copy_and_nothing_else(desk: World, case: str) -> None:
    give(desk, case, "Adressen fick de.", "yes")
    give(desk, case, "Hemligt nu.", "no")
    give(desk, case, "Hemligt ännu.", "later", "2026-03-04")
    (given,) = copied(desk, case)
    assert given == (
        "Lämnat enligt lag, 2026-03-02 Till: Polisen i Malmö. Adressen fick de. Grund: skyldighet "
        "att lämna uppgifter (10 kap. 28 § OSL), ska bekräftas av en jurist."
    )
    assert "Hemligt" not in everything(desk, case)
    desk.clock.set(desk.clock.now() + timedelta(days=2))
    assert len(copied(desk, case)) == 1, "the day itself is not over"
    desk.clock.set(desk.clock.now() + timedelta(days=1))
    assert ["Hemligt ännu." in text for text in copied(desk, case, "en")] == [False, True]
    assert "Hemligt nu." not in everything(desk, case)


def test_a_copy_that_was_released_gets_nothing_that_nobody_read(desk: World, case: str) -> None:
    """A day that passes, and what is written later, between release and paper."""
    give(desk, case, "Hemligt ännu.", "later", "2026-03-02")
    read = give(desk, case, "Läst.", "yes")
    id_ = do(desk, partial(asking.ask, **ABOUT), case_id=case)
    with desk.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
        assert found is not None
        parts = load_copy(tx, desk.program.services, OFFICER, found, "sv", now=desk.clock.now())
    assert f"g.{read}" in {part.id for part in parts}
    marked = {part.id: ((), "") for part in parts if part.is_free}
    do(desk, asking.read_parts, request=id_, marked=marked, lang="sv")
    do(desk, asking.release_copy, request=id_, lang="sv")
    desk.clock.set(desk.clock.now() + timedelta(days=1))
    with desk.database.transaction() as tx:
        read_log.record_lookup_reason(
            *(tx, desk.program.services),
            by=OFFICER,
            now=desk.clock.now(),
            case_id=case,
            purpose="SAFETY",
            reason="",
        )
    give(desk, case, "Skrivet efteråt.", "yes")
    paper = str(do(desk, compose_answer, request=id_, lang="sv").data)
    assert "Läst." in paper
    assert "Hemligt ännu." not in paper
    assert "Skrivet efteråt." not in paper


def test_it_counts_as_left_until_it_is_struck(desk: World, case: str) -> None:
    first, second = (give(desk, case, what, "yes") for what in ("Fel person.", "Rätt person."))
    assert counted(desk, case) == [OFFICE, OFFICE]
    do(desk, given_by_duty.strike, case_id=case, number=first, why="Fel person")
    assert counted(desk, case) == [OFFICE]
    (left,) = copied(desk, case)
    assert "Rätt person." in left
    assert "Fel person" not in everything(desk, case), "nobody has said that she may be told of it"
    with pytest.raises(NotFound):
        do(desk, given_by_duty.strike, case_id=case, number=first, why="En gång till")
    do(desk, given_by_duty.strike, case_id=case, number=second, why="Inget lämnades")
    assert counted(desk, case) == []
    assert desk.faults() == []


def test_that_it_left_is_shown_to_the_office_alone(desk: World, case: str) -> None:
    give(desk, case, "Adressen fick de.", "no")
    for office, shown in ((OFFICE, True), (BOARD, False)):
        by = replace(OFFICER, office=office, roles=frozenset({"records-officer"}))
        with desk.database.transaction(write=False) as tx:
            services, now = desk.program.services, desk.clock.now()
            page = early_page.load_early_erasure(tx, services, by, now, case=case)
        assert ("lämnat enligt lag: 1" in str(page.left)) is shown


def test_its_words_end_with_the_records_of_the_office_and_the_number_stays(
    story: Story, desk: World, case: str
) -> None:
    give(desk, case, "Adressen fick de.", "yes")
    story.do("aino", "Task_CheckApplication", **ENDS)
    give(desk, case, "Det frågade de efter slutet.", "yes")
    assert len(copied(desk, case)) == 2
    erased(desk, case)
    assert counted(desk, case) == [OFFICE, OFFICE]
    with desk.database.transaction(write=False) as tx:
        entries = [*ledger_entries.every(tx, f"case/{case}", given_by_duty.KINDS)]
        keys = desk.program.services.case_keys(tx, case)
        assert given_by_duty.lines_of(entries, keys, OFFICE) == []
    with pytest.raises(NotFound):
        give(desk, case, "En sak till.", "yes")
    assert desk.faults() == []


@pytest.mark.parametrize(
    ("know", "until", "on", "may"),
    [
        ("yes", None, "2026-03-02", True),
        ("no", None, "2036-03-02", False),
        ("later", "2026-03-04", "2026-03-04", False),
        ("later", "2026-03-04", "2026-03-05", True),
    ],
)
def test_she_may_know_from_the_day_after(
    know: str, until: str | None, on: str, *, may: bool
) -> None:
    at = date.fromisoformat
    line = given_by_duty.GivenByDuty(
        *(7, NOON, "p", "G", "Polisen", "x", at("2026-03-02"), know),
        until=at(until) if until else None,
    )
    assert line.may_know(at(on)) is may
