"""A violation names its place and never a value; what breaks a check becomes one."""

from __future__ import annotations

import pytest

from service.casework.history.violations import Violation, collecting, entry_body
from service.errors import BadDiagram, CannotOpen, NotFound
from service.security.packing import pack
from service.store.installation import ledger_entries
from tests.support.damaged_case import LINE, DamagedCase


def test_a_violation_is_one_line() -> None:
    assert str(Violation("I3", "c1", "fact 2", "a fact", "none")) == (
        "c1 fact 2: I3: expected a fact, found none"
    )


def broken(fault: Exception) -> None:
    raise fault


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (CannotOpen(owner="case:c1", table="answers", column="sealed"), ("I11", "answers")),
        (NotFound(), ("I3", "rows")),
        (BadDiagram(()), ("I3", "rows")),
        (ValueError("a name that must not be printed"), ("I3", "rows")),
    ],
)
def test_an_error_of_a_check_is_reported(fault: Exception, found: tuple[str, str]) -> None:
    faults = [Violation("I2", "c1", "work 1", "finished once", "2 times")]
    with collecting(faults, "I3", "c1", "rows"):
        broken(fault)
    assert [(one.invariant, one.place) for one in faults[1:]] == [found]
    assert "must not be printed" not in str(faults[1])


def test_the_body_of_a_damaged_entry_is_empty(damaged: DamagedCase) -> None:
    damaged.update("line", "body = :body", LINE, body=pack(b"[1"))
    first, second, *_ = ledger_entries.of_stream(damaged.tx, f"case/{damaged.case}")
    assert entry_body(first)["rev"] == 1
    assert entry_body(second) == {}
