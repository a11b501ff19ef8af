"""A row that was put back to an older state is genuine, but not the newest of its stream."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.errors import CaseMoved, RowRefused
from service.store.changes import EntryDraft
from service.store.database import Database
from service.store.guarded_rows import MAC, content
from service.store.installation import newest_rows
from service.store.row_mapping import values
from service.store.row_scope import check_scope
from service.store.tables import letter, metadata
from service.store.transaction import Tx
from service.store.work.letters import Letter
from service.store.writing import write_last
from tests.store.sample_rows import NOON, SampleRows
from tests.support.by_hand import BIND, IS_NEWEST

STREAM = "case/c000"
MORE = 130
"""Entries that bind nothing of it, and are not read at once."""


def bound(tx: Tx, row: Letter | None = None) -> None:
    """An entry, which binds a row perhaps."""
    if row is not None:
        BIND(tx.changes, STREAM, "letter", "*:999", content("letter", values(row)))
    tx.changes.draft(EntryDraft(STREAM, "note", NOON, "p-north", "north"))
    write_last(tx)


def put(tx: Tx, samples: SampleRows, row: Letter) -> None:
    """The row of a letter in its table, which nothing binds."""
    samples.found(tx, cases_=1)
    write_last(tx)
    tx.run(letter.insert(), {**values(row), MAC: b"none"})


def test_only_the_state_that_was_bound_last_is_the_newest(
    database: Database, samples: SampleRows
) -> None:
    waits = samples.letter("c000", 999)
    sent = replace(waits, state="sent", sent_at=NOON)
    with database.transaction() as tx:
        put(tx, samples, waits)
        bound(tx)
        assert not IS_NEWEST(tx, STREAM, "letter", waits, None)
        assert IS_NEWEST(tx, STREAM, "letter", waits, NOON), "nobody has changed it since"
        for row in (waits, sent):
            bound(tx, row)
        for _ in range(MORE):
            bound(tx)
    with database.transaction() as tx:
        assert IS_NEWEST(tx, STREAM, "letter", sent, None)
        assert not IS_NEWEST(tx, STREAM, "letter", waits, None)
        assert not IS_NEWEST(tx, STREAM, "letter", waits, NOON)
        rows = ((STREAM, row) for row in (waits, sent))
        assert newest_rows.those_newest(tx, "letter", rows) == [sent]
        assert [refused.facts for refused in tx.refused] == [{"table": "letter", "case": "c000"}]
        with pytest.raises(RowRefused):
            newest_rows.require_newest(tx, STREAM, "letter", waits)


def test_a_row_that_somebody_changed_meanwhile_is_no_older_state(
    database: Database, samples: SampleRows
) -> None:
    waits = samples.letter("c000", 999)
    sent = replace(waits, state="sent", sent_at=NOON)
    with database.transaction() as tx:
        put(tx, samples, sent)
        bound(tx, sent)
    with database.transaction() as tx:
        with pytest.raises(CaseMoved):
            newest_rows.require_newest(tx, STREAM, "letter", waits)
        tx.run(letter.delete().where(letter.c.case_id == "c000"))
        with pytest.raises(CaseMoved):
            newest_rows.require_newest(tx, STREAM, "letter", waits)
        assert tx.refused == []


@pytest.mark.parametrize(
    "table",
    ["approval", "document", "draft", "incident", "letter", "referral", "release", "task"],
)
def test_a_row_is_asked_for_within_its_case(table: str) -> None:
    given = {column.name: column.name for column in metadata.tables[table].c}
    check_scope(newest_rows.as_it_is(table, given))


def test_what_a_transaction_has_changed_itself_may_be_changed_again(
    database: Database, samples: SampleRows
) -> None:
    row = samples.letter("c000", 999)
    with database.transaction() as tx:
        BIND(tx.changes, STREAM, "letter", "*:999", content("letter", values(row)))
        assert IS_NEWEST(tx, STREAM, "letter", row, None)
        tx.changes.bound.clear()
