"""Rows that decide are those that the ledger binds: changed, gone, put in or put back is named."""

from __future__ import annotations

import pytest

from service.audit.checks.bound_rows import Bindings, check_bound_rows, without_known
from service.casework.history.chain_checks import load_stream
from service.casework.history.violations import Violation
from service.security import ledger_lines
from service.store import guarded_rows
from service.store.installation import ledger_entries
from tests.support.damaged_case import DamagedCase
from tests.support.directory import OFFICE

OF_CASE = "case_id = :case"


def found(damaged: DamagedCase, *, keyless: bool = False) -> list[tuple[str, str, str]]:
    """Table, expected and found of what is wrong with rows of the case."""
    services, bindings = damaged.desk.program.services, Bindings()
    bindings.note(load_stream(damaged.tx, f"case/{damaged.case}"))
    make = None if keyless else services.vault.row_mac
    faults = check_bound_rows(
        damaged.tx, bindings, now=damaged.desk.clock.now(), make=make, case_id=damaged.case
    )
    return [(fault.place.split()[0], fault.expected, fault.found) for fault in faults]


def test_an_intact_case_has_no_violation(damaged: DamagedCase) -> None:
    assert found(damaged) == found(damaged, keyless=True) == []


@pytest.mark.parametrize(
    ("table", "change", "where"),
    [
        ("cases", "marking = 'NONE'", "id = :case"),
        ("cases", "ref = 'other-name'", "id = :case"),
        ("letter", "template = 'other'", OF_CASE),
        ("letter", "role = 'Other'", OF_CASE),
        ("letter", "state = 'held'", OF_CASE),
        ("vault_key", "check_value = wrapped", "owner = 'case:' || :case"),
    ],
)
def test_a_changed_row_is_named(damaged: DamagedCase, table: str, change: str, where: str) -> None:
    damaged.update(table, change, where)
    assert found(damaged) == [(table, "the row that the ledger binds", "another: it was changed")]
    assert found(damaged, keyless=True) == []


def test_a_row_that_is_gone_is_named(damaged: DamagedCase) -> None:
    damaged.delete("party", OF_CASE)
    expected = [("party", "the row that the ledger binds", "none")]
    assert found(damaged) == found(damaged, keyless=True) == expected


def test_a_row_that_was_put_in_is_named(damaged: DamagedCase) -> None:
    damaged.change(
        "INSERT INTO party (case_id, role, office_id) SELECT case_id, 'Other', office_id "
        "FROM party WHERE case_id = :case"
    )
    expected = [("party", "a ledger line that binds it", "none")]
    assert found(damaged) == found(damaged, keyless=True) == expected


@pytest.mark.parametrize("sums", [None, bytes(96)])
def test_sums_that_are_not_those_of_the_rows_are_named(
    damaged: DamagedCase, sums: bytes | None
) -> None:
    damaged.update("cases", "sums = :sums", "id = :case", sums=sums)
    assert found(damaged) == [("case", "the sums of its rows that decide", "others")]
    assert damaged.places() == {("I11", f"case {damaged.case}")}


def test_a_row_that_cannot_be_read_is_named(damaged: DamagedCase) -> None:
    damaged.update("letter", "params = 'no JSON'", OF_CASE)
    assert found(damaged) == [("letter", "a row that can be read", "another")]


def test_a_mac_of_its_own_is_compared(damaged: DamagedCase) -> None:
    damaged.flip("person", "mac", "id = 'p_sara'")
    (fault,) = damaged.faults()
    assert str(fault) == (
        f"office/{OFFICE} person p_sara: I11: expected its own MAC, found another"
    )


def test_a_claim_that_no_entry_tells_of_is_named(damaged: DamagedCase) -> None:
    damaged.update("task", "priority = 9", OF_CASE)
    assert found(damaged) == [("task", "its own MAC", "another")]
    damaged.update("task", "claimed_by = 'p_sara'", OF_CASE)
    assert found(damaged) == [("task", "a ledger line that binds it", "none")]


@pytest.mark.parametrize("gone", [True, False])
def test_an_entry_that_somebody_wrote_binds_nothing(damaged: DamagedCase, gone: bool) -> None:  # noqa: FBT001 - a case of the test
    """Who has the database can write an entry that fits the chain, and no MAC for it."""
    bindings, stream = Bindings(), load_stream(damaged.tx, f"case/{damaged.case}")
    bindings.note(stream)
    (key,) = [key for table, key in bindings.rows if table == "party"]
    mac = bindings.live("party", key)[0].mac
    rows = {"party": {guarded_rows.key_in(stream[0].stream, key): f"-{mac}" if gone else mac}}
    end = stream[-1].seq, stream[-1].hash
    forged = ledger_lines.write(
        stream[0].stream, end, kind="claim", at=stream[-1].at, body={"rows": rows}
    )
    ledger_entries.add(damaged.tx, forged)
    if gone:
        damaged.delete("party", OF_CASE)
    ((table, _, said),) = found(damaged)
    assert (table, said) == ("party", f"line {forged.seq}" if gone else "another: it was changed")


def test_what_is_named_already_is_not_named_twice() -> None:
    def make(case: str, place: str) -> Violation:
        return Violation("I11", case, place, "", "")

    known = [make("c", "name of paper 7"), make("c", "vault_key")]
    rows = [make("c", "document 7"), make("c", "vault_key case:c"), make("c", "note 8")]
    assert [fault.place for fault in without_known(rows, known)] == ["note 8"]
