"""Ledger entries as they are kept: streams of lines, each chained to the one before it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, func, insert, select

from service.security.records import LedgerEntry
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import line

if TYPE_CHECKING:
    from service.store.transaction import Tx


COLUMNS = columns(line, LedgerEntry)
ADD = PreparedStatement(insert(line))
LIMIT = bindparam("limit", type_=Integer)
OF_STREAM = PreparedStatement(
    select(*COLUMNS)
    .where(line.c.stream == bindparam("stream"), line.c.seq > bindparam("after"))
    .order_by(line.c.seq)
    .limit(LIMIT)
)
STREAMS = PreparedStatement(
    select(line.c.stream, func.max(line.c.seq))
    .where(line.c.stream > bindparam("after"))
    .group_by(line.c.stream)
    .order_by(line.c.stream)
    .limit(LIMIT)
)
LOCK = PreparedStatement(
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("stream"), 1)))
)
END = PreparedStatement(
    select(line.c.seq, line.c.hash)
    .where(line.c.stream == bindparam("stream"))
    .order_by(line.c.seq.desc())
    .limit(1)
)


def add(tx: Tx, *rows: LedgerEntry) -> None:
    """Write lines.

    Raises:
        CaseMoved: somebody wrote to the stream since its end was read.
    """
    tx.later(ADD, [values(row) for row in rows])


def end(tx: Tx, stream: str) -> tuple[int, str]:
    """Number and hash of the last line of a stream; (0, "") while it is empty.

    A transaction that writes on PostgreSQL waits until whoever asked before it has ended, so that
    readers of one page do not take each other's number. SQLite has one writer.
    """
    if tx.postgres and tx.write:
        tx.later(LOCK, {"stream": stream})
    return tx.one(lambda seq, digest: (seq, digest), END, {"stream": stream}) or (0, "")


def of_stream(tx: Tx, stream: str, *, after: int = 0, limit: int = 1000) -> list[LedgerEntry]:
    """Lines of a stream in order, those after number `after`."""
    tx.flush()
    return tx.all(LedgerEntry, OF_STREAM, {"stream": stream, "after": after, "limit": limit})


def latest(
    tx: Tx, stream: str, *, before: int | None = None, kinds: Collection[str] = (), limit: int = 50
) -> list[LedgerEntry]:
    """One page of a stream, newest first; `before` is the number where the page before ended."""
    tx.flush()
    wanted = select(*COLUMNS).where(line.c.stream == stream)
    if before is not None:
        wanted = wanted.where(line.c.seq < before)
    if kinds:
        wanted = wanted.where(line.c.kind.in_(sorted(kinds)))
    return tx.all(LedgerEntry, wanted.order_by(line.c.seq.desc()).limit(limit))


def streams(tx: Tx, *, after: str = "", limit: int = 1000) -> list[tuple[str, int]]:
    """Names and lengths of the streams, by name."""
    tx.flush()
    given = {"after": after, "limit": limit}
    return tx.all(lambda name, length: (name, length), STREAMS, given)
