"""Without a keyring chains, facts and which rows are there are checked, and the rest is told."""

from __future__ import annotations

import pytest

from service.audit.verify import UNCHECKED, verify_without_keys
from tests.support.damaged_case import DamagedCase


def places(damaged: DamagedCase) -> list[str]:
    damaged.tx.row_mac = None
    report = verify_without_keys(damaged.tx, now=damaged.desk.clock.now())
    assert report.unchecked == UNCHECKED
    return [fault.place for fault in report.faults]


def test_an_intact_database_has_no_violation(damaged: DamagedCase) -> None:
    damaged.tx.row_mac = None
    report = verify_without_keys(damaged.tx, now=damaged.desk.clock.now())
    assert (report.cases, report.facts, report.faults) == (3, 11, ())


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE fact SET element = 'x' WHERE case_id = :case AND rev = 2", "fact 2"),
        ("UPDATE line SET actor = 'x' WHERE stream = :stream AND seq = 2", "line 2"),
        ("DELETE FROM party WHERE case_id = :case", "party {case} ReferringPartner"),
        ("DELETE FROM vault_key WHERE owner = 'person:p_sara'", "vault_key person:p_sara"),
        ("UPDATE case_number SET last = 9", "case_number 2026"),
    ],
)
def test_what_needs_no_key_is_named(damaged: DamagedCase, statement: str, named: str) -> None:
    damaged.change(statement)
    assert named.format(case=damaged.case) in places(damaged)
