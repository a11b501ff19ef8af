"""What lists read must be what follows from the cases, and is written anew when it is not."""

from __future__ import annotations

import pytest

from service.audit import rebuild
from service.audit.checks import derived_rows
from tests.support.damaged_case import DamagedCase

OF_CASE = "case_id = :case"


def rebuilt(damaged: DamagedCase) -> bool:
    return rebuild.rebuild_lists(damaged.tx, now=damaged.desk.clock.now(), case_id=damaged.case)


@pytest.mark.parametrize(
    "change",
    [
        *("rank = 1", "due_element = 'x'", "stage = '9'", "role = 'Nobody'", "away_office = 'x'"),
        "stopped_since = moved_on",
    ],
)
def test_a_changed_row_is_named_and_written_anew(damaged: DamagedCase, change: str) -> None:
    damaged.update("case_access", change, OF_CASE)
    faults = damaged.faults()
    assert {(fault.invariant, fault.place.split(" of ")[0]) for fault in faults} <= {
        ("I3", "list row"),
        ("I3", "open_case_count"),
    }
    assert any(fault.case == damaged.case for fault in faults)
    assert all(derived_rows.REMEDY in str(fault) for fault in faults)
    assert rebuilt(damaged)
    assert damaged.faults() == ()
    assert not rebuilt(damaged)


def test_a_deleted_row_is_named_and_written_anew(damaged: DamagedCase) -> None:
    damaged.delete("case_access", OF_CASE)
    assert [fault.place.split(" of ")[0] for fault in damaged.faults()] == ["list row"]
    assert rebuilt(damaged)
    assert damaged.faults() == ()


@pytest.mark.parametrize("table", ["release_case_count", "officer_case_count"])
def test_a_wrong_count_is_named_and_counted_anew(damaged: DamagedCase, table: str) -> None:
    damaged.update(table, "cases = cases + 1", "cases > 0")
    (fault,) = damaged.faults()
    assert (fault.invariant, fault.place.split()[0]) == ("I3", table)
    assert rebuilt(damaged)
    assert damaged.faults() == ()


def test_what_is_right_is_left_alone(damaged: DamagedCase) -> None:
    assert not rebuilt(damaged)
