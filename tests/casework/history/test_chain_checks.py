"""Facts and ledger entries are chained; a gap, a change or a missing entry is named."""

from __future__ import annotations

from dataclasses import replace

from service.casework.history import chain_checks
from service.casework.history.violations import Violation
from tests.support.damaged_case import FACT, DamagedCase


def places(faults: list[Violation]) -> list[tuple[str, str]]:
    return [(fault.invariant, fault.place) for fault in faults]


def test_an_intact_case_has_no_violation(damaged: DamagedCase) -> None:
    faults: list[Violation] = []
    stored = chain_checks.load_facts(damaged.tx, damaged.case, 3, faults)
    stream = chain_checks.load_stream(damaged.tx, f"case/{damaged.case}")
    faults += chain_checks.check_facts(damaged.case, stored)
    faults += chain_checks.check_case_stream(damaged.case, stored, stream)
    assert (len(stored), len(stream) >= 3, faults) == (3, True, [])


def test_a_fact_that_is_gone_is_a_gap(damaged: DamagedCase) -> None:
    first, _, third = damaged.desk.facts(damaged.case)
    assert places([*chain_checks.check_facts(damaged.case, [first, third])]) == [("I3", "fact 2")]


def test_work_that_was_finished_twice_is_named(damaged: DamagedCase) -> None:
    stored = damaged.desk.facts(damaged.case)
    twice = [*stored, replace(stored[1], rev=4)]
    faults = places([*chain_checks.check_facts(damaged.case, twice)])
    assert ("I2", f"work {stored[1].work_id}") in faults


def test_an_unreadable_fact_is_left_out_and_named(damaged: DamagedCase) -> None:
    damaged.update("fact", "turn = fact.state", FACT)
    faults: list[Violation] = []
    stored = chain_checks.load_facts(damaged.tx, damaged.case, 3, faults)
    assert [fact.rev for fact in stored] == [1, 3]
    assert places(faults) == [("I3", "fact 2")]


def test_an_entry_without_its_fact_is_named(damaged: DamagedCase) -> None:
    stored = damaged.desk.facts(damaged.case)[:2]
    stream = chain_checks.load_stream(damaged.tx, f"case/{damaged.case}")
    faults = chain_checks.check_case_stream(damaged.case, stored, stream)
    assert places([*faults]) == [("I10", "fact 3")]
