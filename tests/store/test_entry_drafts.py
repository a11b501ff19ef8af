"""Entries get numbers and hashes as their transaction ends; the last of a stream binds the rows."""

from __future__ import annotations

import json

import pytest

from service.errors import CaseMoved
from service.security import ledger_lines
from service.security.vault import Vault
from service.store import guarded_rows
from service.store.changes import EntryDraft
from service.store.database import Database
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from service.store.writing import UnboundRows, write_last
from tests.store.sample_rows import NOON
from tests.support.by_hand import BIND


def draft(stream: str, kind: str = "note", number: int = 0) -> EntryDraft:
    return EntryDraft(stream, kind, NOON, "p", "o", {}, number)


def bodies(database: Database, stream: str) -> list[dict[str, object]]:
    with database.transaction(write=False) as tx:
        entries = ledger_entries.of_stream(tx, stream)
    assert ledger_lines.verify(stream, entries) == []
    return [json.loads(entry.body) for entry in entries]


def test_the_last_entry_of_each_stream_binds_its_rows(database: Database, vault: Vault) -> None:
    with database.transaction() as tx:
        tx.changes.draft(draft("case/a"))
        BIND(tx.changes, "case/a", "letter", "*:1", b"row")
        BIND(tx.changes, "system", "setting", "x", None)
        tx.changes.draft(draft("case/a"))
        tx.changes.draft(draft("system"))
    mac, gone = (
        guarded_rows.bound_mac(vault.row_mac, entry, table, key, row)
        for entry, table, key, row in (
            (("case/a", 2), "letter", "*:1", b"row"),
            (("system", 1), "setting", "x", None),
        )
    )
    assert bodies(database, "case/a") == [{}, {"rows": {"letter": {"*:1": mac}}}]
    assert bodies(database, "system") == [{"rows": {"setting": {"x": gone}}}]
    assert (gone[0], mac[0] == "-") == ("-", False)


def test_a_row_without_an_entry_is_a_fault_of_the_program(database: Database) -> None:
    def change(tx: Tx) -> None:
        tx.changes.draft(draft("case/a"))
        BIND(tx.changes, "case/b", "letter", "*:1", b"row")

    with pytest.raises(UnboundRows, match="case/b: letter"), database.transaction() as tx:
        change(tx)
    assert bodies(database, "case/a") == []


def test_the_end_of_a_stream_is_asked_for_once(database: Database) -> None:
    asked: list[str] = []
    with (
        database.listening(lambda statement, _values, _many: asked.append(statement)),
        database.transaction() as tx,
    ):
        for _ in range(3):
            tx.changes.draft(draft("case/a"))
    reads = [one for one in asked if one.startswith("SELECT") and "advisory" not in one]
    assert len(reads) == 1
    assert len(bodies(database, "case/a")) == 3


def test_entries_are_written_before_somebody_reads_them(database: Database) -> None:
    with database.transaction() as tx:
        tx.changes.draft(draft("case/a"))
        write_last(tx)
        assert [entry.seq for entry in ledger_entries.latest(tx, "case/a")] == [1]
        tx.changes.draft(draft("case/a"))
    assert len(bodies(database, "case/a")) == 2


def test_an_end_that_is_not_the_newest_is_a_lost_race(database: Database) -> None:
    with database.transaction() as tx:
        tx.changes.draft(draft("case/a"))
    with pytest.raises(CaseMoved), database.transaction() as tx:
        tx.changes.draft(draft("case/a"), (0, ""))


def test_an_entry_may_leave_numbers_out(database: Database) -> None:
    with database.transaction() as tx:
        for number in (0, 7, 0):
            tx.changes.draft(draft("case/a", number=number))
    with database.transaction(write=False) as tx:
        assert [entry.seq for entry in ledger_entries.of_stream(tx, "case/a")] == [1, 7, 8]
