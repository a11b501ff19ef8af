"""The auditor's replay of a case: its lines, and the fact in force at each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.audit.case_replay import CaseReplay, load_case_replay
from service.casework.casefile import read_log
from service.casework.history.violations import Violation
from service.errors import NotFound
from service.security.keyring import Keyring
from tests.support import small
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(2))
    yield made
    made.database.close()


def replay(desk: World, case: str) -> CaseReplay:
    auditor = replace(desk.viewer(), office="audit", roles=frozenset({"auditor"}))
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        return load_case_replay(tx, services, auditor, case, now)


def fault(place: str) -> Violation:
    return Violation("I1", "case", place, "expected", "found")


def test_a_line_is_found_by_its_number(desk: World) -> None:
    case = desk.start().case_id
    desk.do(case, "t1")
    found = replay(desk, case)
    last = len(found.entries) - 1
    assert found.place_of(found.entries[0].n) == 0
    assert found.place_of(None) == found.place_of(999) == last
    assert found.fact_at(last) == 2
    assert [row["n"] for row in found.rows()] == [entry.n for entry in found.entries]
    assert found.row(0)["when"].endswith("CET")


def test_the_first_line_with_a_fault_is_named(desk: World) -> None:
    case = desk.start().case_id
    desk.do(case, "t1")
    found = replay(desk, case)
    last = found.entries[-1].n
    assert found.first_broken([]) is None
    assert found.first_broken([fault("somewhere else")]) == last
    assert found.first_broken([fault("fact 2"), fault("fact 1")]) == 1


def test_looks_are_counted_after_the_line_they_follow(desk: World) -> None:
    case, sara = desk.start().case_id, desk.viewer()

    def look(purpose: str) -> None:
        with desk.database.transaction() as tx:
            now = desk.later(minutes=1)
            read_log.record_read(
                tx, by=sara, now=now, case_id=case, purpose=purpose, classes=("C0",)
            )

    assert "reads" not in replay(desk, case).row(0)
    for purpose in ("task", "print"):
        look(purpose)
    desk.later(minutes=1)
    desk.do(case, "t1")
    look("task")
    assert [row.get("reads") for row in replay(desk, case).rows()] == [2, 1]


def test_a_case_that_is_not_there_has_no_replay(desk: World) -> None:
    with pytest.raises(NotFound):
        replay(desk, "01ARZ3NDEKTSV4RRFFQ69G5FAV")
