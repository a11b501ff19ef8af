"""The replay of a case is compared with each fact; a fact that cannot be played is named."""

from __future__ import annotations

import pytest

from service.actions.history.fold_checks import replay_case
from service.actions.history.violations import Violation
from tests.actions.history.conftest import FACT, DamagedCase


def test_an_intact_case_ends_at_its_last_fact(damaged: DamagedCase) -> None:
    faults: list[Violation] = []
    replayed = replay_case(damaged.tx, damaged.desk.program.services, damaged.case, faults)
    assert replayed is not None
    assert (replayed.last.fact.rev, faults) == (3, [])


@pytest.mark.parametrize(
    ("change", "played"),
    [
        ("steps = '[]'", True),
        ("open_after = '[]'", True),
        ("work_id = '9.9', stimulus = replace(CAST(stimulus AS TEXT), '\"id\"', '\"ie\"')", False),
    ],
)
def test_a_fact_that_differs_is_named(damaged: DamagedCase, change: str, *, played: bool) -> None:
    damaged.update("fact", change, FACT)
    faults: list[Violation] = []
    replayed = replay_case(damaged.tx, damaged.desk.program.services, damaged.case, faults)
    assert {(fault.invariant, fault.place) for fault in faults} == {("I3", "fact 2")}
    assert (replayed is not None) == played


def test_a_payload_that_does_not_open_is_named(damaged: DamagedCase) -> None:
    damaged.flip("fact_payload", "sealed", FACT)
    faults: list[Violation] = []
    assert replay_case(damaged.tx, damaged.desk.program.services, damaged.case, faults) is None
    assert [(one.invariant, one.place) for one in faults] == [("I11", "payload of fact 2")]
