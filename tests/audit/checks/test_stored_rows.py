"""Rows of a case are compared with its last turn: case, snapshot, tasks, jobs, leases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.audit.checks import stored_rows
from service.casework.history.replay import replay_case
from tests.support.damaged_case import DamagedCase


def places(damaged: DamagedCase, later: timedelta = timedelta()) -> list[tuple[str, str]]:
    services, now = damaged.desk.program.services, damaged.desk.clock.now() + later
    replayed = replay_case(damaged.tx, services, damaged.case, [])
    assert replayed is not None
    rows = stored_rows.check_rows(damaged.tx, services, damaged.case, replayed, now)
    found = [*rows, *stored_rows.check_orphans(damaged.tx, damaged.case, now)]
    return [(fault.invariant, fault.place.split()[0]) for fault in found]


def test_an_intact_case_has_no_violation(damaged: DamagedCase) -> None:
    assert places(damaged) == []


@pytest.mark.parametrize(
    ("table", "change", "where", "found"),
    [
        ("cases", "station = 'home'", "id = :case", [("I3", "case")]),
        ("cases", "status = 'ended'", "id = :case", [("I8", "case")]),
        ("task", "nth = 7", "case_id = :case", [("I3", "task")]),
        ("task", "role = 'Nobody'", "case_id = :case", [("I3", "task")]),
        ("job", "nth = 7", "case_id = :case", [("I4", "job")]),
        ("task", "priority = 7", "case_id = :case", [("I3", "task")]),
        ("job", "priority = 7", "case_id = :case", [("I4", "job")]),
    ],
)
def test_a_changed_row_is_named(
    damaged: DamagedCase, table: str, change: str, where: str, found: list[tuple[str, str]]
) -> None:
    damaged.update(table, change, where)
    assert places(damaged) == found


def test_a_lease_may_last_an_hour_beyond_its_end(damaged: DamagedCase) -> None:
    opened = damaged.value("SELECT opened_at FROM cases WHERE id = :case")
    lease = "state = 'leased', lease_until = :opened"
    damaged.update("job", lease, "case_id = :case", opened=opened)
    assert places(damaged, stored_rows.LEASE_LATEST) == []
    assert places(damaged, timedelta(hours=2)) == [("I6", "job")]
