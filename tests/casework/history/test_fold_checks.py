"""The replay of a case is compared with each fact; a fact that cannot be played is named."""

from __future__ import annotations

import pytest

from service.casework.history.replay import replay_case
from service.casework.history.violations import Violation
from tests.support.damaged_case import FACT, DamagedCase


def test_an_intact_case_ends_at_its_last_fact(damaged: DamagedCase) -> None:
    faults: list[Violation] = []
    replayed = replay_case(damaged.tx, damaged.desk.program.services, damaged.case, faults)
    assert replayed is not None
    assert (replayed.last.fact.rev, faults) == (3, [])


@pytest.mark.parametrize(
    ("before", "after", "played"),
    [
        ('"took"', '"left"', True),
        ('"open":[', '"open":[[],', True),
        ('"kind":"complete"', '"kind":"answer"', False),
    ],
)
def test_a_fact_that_differs_is_named(
    damaged: DamagedCase, before: str, after: str, *, played: bool
) -> None:
    damaged.retold("turn", before, after)
    faults: list[Violation] = []
    replayed = replay_case(damaged.tx, damaged.desk.program.services, damaged.case, faults)
    assert {(fault.invariant, fault.place) for fault in faults} == {("I3", "fact 2")}
    assert (replayed is not None) == played


def test_a_payload_that_does_not_open_is_named(damaged: DamagedCase) -> None:
    damaged.flip("fact_payload", "routing", FACT)
    faults: list[Violation] = []
    assert replay_case(damaged.tx, damaged.desk.program.services, damaged.case, faults) is None
    assert [(one.invariant, one.place) for one in faults] == [("I11", "payload of fact 2")]
