"""The row of a case bears the sums of the MACs of its rows: none is put back or taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import pytest
from sqlalchemy import delete, insert, select, update

from service.errors import CaseMoved, RowRefused
from service.store import row_sums
from service.store.casefile import (
    approvals,
    case_bars,
    cases,
    consents,
    grants,
    named_persons,
    parties,
)
from service.store.casefile.approvals import Approval
from service.store.casefile.case_bars import CaseBar
from service.store.casefile.consents import Consent
from service.store.casefile.grants import GrantRow
from service.store.casefile.named_persons import NamedPerson
from service.store.database import Database
from service.store.row_scope import as_system
from service.store.tables import metadata
from service.store.transaction import Tx
from tests.store.sample_rows import NOON, SampleRows
from tests.support.kinds import KINDS

CASE, OTHER, BY = "c000", "c001", "p-north"
OLDER = "cd" * 32
STANDS = row_sums.standing_of(SampleRows().case(CASE))
DAY = date(2026, 3, 2)
CONSENT = Consent("k1", CASE, "HEALTH", "her", "signed", DAY, None, b"box", 1, BY, NOON)
GRANT = GrantRow("g1", CASE, "north", "Helper", "G1", "C0 C1", "law", "", NOON)
NAMED = NamedPerson(CASE, BY, BY, NOON)
BAR = CaseBar("b1", CASE, "north", "", "", "about", BY, NOON)
APPROVAL = Approval("a1", CASE, "export", {"n": 1}, "ab" * 32, "asked", BY, "north", NOON, NOON)


@dataclass(frozen=True)
class Acts:
    """A row of a table: how it is written, changed, and read with all rows of its case."""

    write: Callable[[Tx], object]
    change: Callable[[Tx], object]
    read: Callable[[Tx], object]


TABLES: Final[Mapping[str, Acts]] = {
    "party": Acts(
        lambda tx: parties.bind(tx, CASE, {"Helper": "north"}, parties.of_case(tx, CASE)),
        lambda tx: parties.bind(tx, CASE, {"Helper": "south"}, parties.of_case(tx, CASE)),
        lambda tx: parties.of_case(tx, CASE),
    ),
    "consent": Acts(
        lambda tx: consents.add(tx, CONSENT),
        lambda tx: consents.withdraw(
            tx, consents.of_case(tx, CASE), {"HEALTH"}, on=DAY, rev=2, withdrawal=None
        ),
        lambda tx: consents.of_case(tx, CASE),
    ),
    "case_grant": Acts(
        lambda tx: grants.add(tx, GRANT),
        lambda tx: grants.limit(tx, GRANT, until=NOON),
        lambda tx: grants.of_case(tx, CASE),
    ),
    "approval": Acts(
        lambda tx: approvals.add(tx, APPROVAL),
        lambda tx: approvals.settle(tx, APPROVAL, state=approvals.REFUSED, decided_by="p-south"),
        lambda tx: approvals.require_newest(tx, APPROVAL),
    ),
    "case_bar": Acts(
        lambda tx: case_bars.add(tx, BAR),
        lambda tx: case_bars.end(tx, BAR, NOON),
        lambda tx: case_bars.of_case(tx, CASE),
    ),
    "named_person": Acts(
        lambda tx: named_persons.add(tx, NAMED),
        lambda tx: named_persons.change(tx, NAMED, replace(NAMED, ended_at=NOON)),
        lambda tx: named_persons.of_case(tx, CASE),
    ),
}


@pytest.fixture
def found(database: Database, samples: SampleRows) -> Database:
    with database.transaction() as tx:
        samples.found(tx, cases_=2)
        tx.changes.bound.clear()
    return database


def write(database: Database, act: Callable[[Tx], object]) -> None:
    """Do something without the entry of the ledger that would tell of it."""
    with database.transaction() as tx:
        act(tx)
        tx.changes.bound.clear()


def rows_of(tx: Tx, table: str) -> list[dict[str, Any]]:
    """All rows of a table with all their columns."""
    wanted = as_system("verify", select(metadata.tables[table]))
    return [dict(row) for row in tx.conn.execute(wanted).mappings()]


def sums_of(tx: Tx, case_id: str = CASE) -> Any:
    return tx.value(row_sums.OF_CASE, {"id": case_id})


def set_sums(tx: Tx, sums: bytes | None) -> None:
    table = metadata.tables["cases"]
    tx.run(update(table).where(table.c.id == CASE).values(sums=sums))


def is_refused(database: Database, table: str) -> bool:
    """Whether nobody gets the rows of the case in a table."""
    with database.transaction(write=False) as tx:
        try:
            TABLES[table].read(tx)
        except RowRefused as e:
            return e.facts["case"] == CASE
    return False


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_was_put_back_to_an_older_state_is_refused(found: Database, table: str) -> None:
    acts, kept = TABLES[table], metadata.tables[table]
    write(found, acts.write)
    with found.transaction() as tx:
        (older,) = rows_of(tx, table)
    write(found, acts.change)
    assert not is_refused(found, table)
    with found.transaction() as tx:
        (newer,) = rows_of(tx, table)
        assert newer["mac"] != older["mac"]
        tx.run(as_system("verify", update(kept).values(older)))
    assert is_refused(found, table)
    with found.transaction() as tx:
        tx.run(as_system("verify", update(kept).values(newer)))
    assert not is_refused(found, table)


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_was_taken_away_is_missed(found: Database, table: str) -> None:
    write(found, TABLES[table].write)
    with found.transaction() as tx:
        tx.run(as_system("verify", delete(metadata.tables[table])))
    assert is_refused(found, table)
    assert [other for other in TABLES if is_refused(found, other)] == [table]


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_comes_back_is_one_too_many(found: Database, table: str) -> None:
    write(found, TABLES[table].write)
    with found.transaction() as tx:
        (row,) = rows_of(tx, table)
        tx.run(as_system("verify", delete(metadata.tables[table])))
        set_sums(tx, sums_of(tx, OTHER))
    assert is_refused(found, table), "the sums of another case are not those of this one"
    with found.transaction() as tx:
        set_sums(tx, row_sums.add_up(make(tx), CASE, STANDS, ()))
    assert not is_refused(found, table), "it has no row"
    with found.transaction() as tx:
        tx.run(insert(metadata.tables[table]).values(row))
    assert is_refused(found, table)


def make(tx: Tx) -> Callable[[bytes], bytes]:
    assert tx.row_mac is not None
    return tx.row_mac


@pytest.mark.parametrize("sums", [None, b"", bytes(96), bytes(16)])
def test_sums_that_nobody_has_written_open_nothing(found: Database, sums: bytes | None) -> None:
    with found.transaction() as tx:
        set_sums(tx, sums)
    assert [table for table in TABLES if is_refused(found, table)] == [*TABLES]
    with pytest.raises(RowRefused):
        write(found, TABLES["case_grant"].write)


@pytest.mark.parametrize(
    ("column", "value"), [("rev", 2), ("status", "ended"), ("stage", "2"), ("release_id", OLDER)]
)
def test_a_case_that_was_set_elsewhere_is_not_used(
    found: Database, samples: SampleRows, column: str, value: object
) -> None:
    with found.transaction() as tx:
        samples.release_before(tx, OLDER)
        cases_ = metadata.tables["cases"]
        tx.run(update(cases_).where(cases_.c.id == CASE).values({column: value}))
        tx.changes.bound.clear()
    for read in (cases.get, cases.load, parties.of_case):
        with pytest.raises(RowRefused), found.transaction(write=False) as tx:
            read(tx, CASE)


def test_what_a_transaction_has_changed_it_reads(found: Database) -> None:
    with found.transaction() as tx:
        for acts in TABLES.values():
            acts.write(tx)
            acts.read(tx)
            acts.change(tx)
            acts.read(tx)
        tx.changes.bound.clear()
    with found.transaction(write=False) as tx:
        macs = [(name, row["mac"]) for name in TABLES for row in rows_of(tx, name)]
        assert len(macs) == len(TABLES)
        assert sums_of(tx) == row_sums.add_up(make(tx), CASE, STANDS, macs)
        assert sums_of(tx, OTHER) == row_sums.add_up(make(tx), OTHER, STANDS, ())


def test_the_turn_of_a_new_case_writes_the_sums_with_its_row(
    database: Database, samples: SampleRows
) -> None:
    statements: list[str] = []
    with database.transaction() as tx:
        samples.found(tx)
        tx.changes.bound.clear()
    with (
        database.listening(lambda text, _values, _many: statements.append(text)),
        database.transaction() as tx,
    ):
        rows = cases.add(tx, samples.case(CASE, rev=0))
        parties.bind(tx, CASE, {"Helper": "north"}, parties.of_case(tx, CASE))
        grants.add(tx, GRANT)
        cases.save(tx, samples.case(CASE, rev=1), sums=rows.sums)
        assert parties.of_case(tx, CASE) == {"Helper": "north"}
        tx.changes.bound.clear()
    assert not is_refused(database, "party")
    assert not is_refused(database, "case_grant")
    assert len([one for one in statements if "UPDATE cases" in one]) == 1


def test_an_approval_of_no_case_is_in_no_sum(found: Database) -> None:
    of_none = replace(APPROVAL, case_id=None)
    write(found, lambda tx: approvals.add(tx, of_none))
    with found.transaction(write=False) as tx:
        approvals.require_newest(tx, of_none)
        assert sums_of(tx) == row_sums.add_up(make(tx), CASE, STANDS, ())


@pytest.mark.parametrize("database_url", KINDS[1:], indirect=True)
def test_nobody_loses_the_difference_of_another(found: Database) -> None:
    """Two change rows of a case at once: who read the sums first is too late, and tries anew."""

    def first(tx: Tx) -> None:
        TABLES["party"].write(tx)
        row_sums.write(tx)  # its change of the sums waits for the commit
        write(found, TABLES["consent"].write)

    with pytest.raises(CaseMoved):
        write(found, first)
    assert [table for table in TABLES if is_refused(found, table)] == []
    write(found, TABLES["party"].write)
    with found.transaction(write=False) as tx:
        macs = [(name, row["mac"]) for name in ("party", "consent") for row in rows_of(tx, name)]
        assert len(macs) == 2
        assert sums_of(tx) == row_sums.add_up(make(tx), CASE, STANDS, macs)


def test_a_turn_that_read_older_sums_is_too_late(found: Database, samples: SampleRows) -> None:
    with found.transaction(write=False) as tx:
        read = cases.load(tx, CASE)
    assert read is not None
    write(found, TABLES["party"].write)
    moved = samples.case(CASE, rev=read.case.rev + 1)
    with pytest.raises(CaseMoved):
        write(found, lambda tx: cases.save(tx, moved, sums=read.sums))
    assert not is_refused(found, "party")


def test_a_row_without_a_mac_counts_as_none(found: Database) -> None:
    write(found, TABLES["named_person"].write)
    forged = {"case_id": CASE, "person_id": "p-south", "by": BY, "at": NOON, "mac": None}
    with found.transaction() as tx:
        tx.run(insert(metadata.tables["named_person"]).values(forged))
    with found.transaction(write=False) as tx:
        assert named_persons.of_case(tx, CASE) == [NAMED]
