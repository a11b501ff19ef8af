"""The one log over all ledger entries: which place each has in it, and its newest checkpoint.

A row of `log_index` is the last entry of a run: entries of one stream that got their places
together. The run begins after the stream's run before, so a thousand entries of one stream are one
row, and `line` is never changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import (
    Integer,
    LargeBinary,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    type_coerce,
    update,
)

from service.security import ledger_lines
from service.store.installation.ledger_entries import NUMBER
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import checkpoint, line, log_index, log_waiting, stream

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.transaction import Tx

ONLY = 1
"""Number of the one row of `checkpoint`."""
PAGE = 10_000


@dataclass(frozen=True, slots=True)
class LogRun:
    """The last entry of a run: its stream, its number there, and its place in the log from 0."""

    stream: str
    seq: int
    idx: int


@dataclass(frozen=True, slots=True)
class LogHash:
    """The hash of an entry, as its column says."""

    stream: str
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """An entry that has no place yet; `placed` is the last number of its stream that has one."""

    stream: str
    seq: int
    hash: bytes
    placed: int
    kind: str
    mac: bytes | None


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """How many entries have a place, what the tree needs to grow, and the signed note of both."""

    size: int
    peaks: bytes
    note: str


LIMIT = bindparam("limit", type_=Integer)
HASH = type_coerce(line.c.hash, LargeBinary())
AFTER = tuple_(bindparam("stream", type_=stream.c.name.type), bindparam("seq", type_=Integer))
PLACED = (
    select(func.coalesce(func.max(log_index.c.seq), 0))
    .where(log_index.c.stream == log_waiting.c.stream)
    .scalar_subquery()
)
WAITING = PreparedStatement(
    select(stream.c.name, log_waiting.c.seq, HASH, PLACED, line.c.kind, line.c.mac)
    .select_from(log_waiting)
    .join(stream, stream.c.number == log_waiting.c.stream)
    .join(line, (line.c.stream == log_waiting.c.stream) & (line.c.seq == log_waiting.c.seq))
    .where(tuple_(stream.c.name, log_waiting.c.seq) > AFTER)
    .order_by(stream.c.name, log_waiting.c.seq)
    .limit(LIMIT)
)
SOME = PreparedStatement(
    select(func.count()).select_from(
        select(literal(1)).select_from(log_waiting).limit(LIMIT).subquery()
    )
)
MARKED = PreparedStatement(
    select(stream.c.name, log_waiting.c.seq)
    .join_from(log_waiting, stream, stream.c.number == log_waiting.c.stream)
    .order_by(stream.c.name, log_waiting.c.seq)
)
PLACE = PreparedStatement(
    insert(log_index).values(stream=NUMBER, seq=bindparam("seq"), idx=bindparam("idx"))
)
UNMARK = PreparedStatement(
    delete(log_waiting).where(
        log_waiting.c.stream == NUMBER,
        log_waiting.c.seq.between(bindparam("b_first"), bindparam("b_last")),
    )
)
RUNS = PreparedStatement(
    select(stream.c.name, log_index.c.seq, log_index.c.idx).join_from(
        log_index, stream, stream.c.number == log_index.c.stream
    )
)
HEADS = PreparedStatement(
    select(stream.c.name, func.max(log_index.c.seq))
    .join_from(log_index, stream, stream.c.number == log_index.c.stream)
    .group_by(stream.c.name)
)
HASHES = PreparedStatement(
    select(stream.c.name, line.c.seq, HASH)
    .join_from(stream, line, line.c.stream == stream.c.number)
    .where(tuple_(stream.c.name, line.c.seq) > AFTER)
    .order_by(stream.c.name, line.c.seq)
    .limit(LIMIT)
)
ROW = select(*columns(checkpoint, StoredCheckpoint)).where(checkpoint.c.id == bindparam("id"))
GAPS = PreparedStatement(
    select(stream.c.name, line.c.body)
    .join_from(stream, line, line.c.stream == stream.c.number)
    .where(line.c.kind == bindparam("kind"))
)
NEWEST, LOCKED = PreparedStatement(ROW), PreparedStatement(ROW.with_for_update())
OTHERS = PreparedStatement(select(checkpoint.c.id).where(checkpoint.c.id != bindparam("id")))
FIRST = PreparedStatement(insert(checkpoint))
REPLACE = PreparedStatement(
    update(checkpoint)
    .where(checkpoint.c.id == bindparam("b_id"), checkpoint.c.size == bindparam("b_size"))
    .values({name: bindparam(name) for name in ("size", "peaks", "note")})
)


def newest(reader: Reader, *, lock: bool = False) -> StoredCheckpoint | None:
    """The newest checkpoint that the database holds; None before the first.

    Args:
        lock: nobody else may replace it before this transaction ends.
    """
    return reader.one(StoredCheckpoint, LOCKED if lock else NEWEST, {"id": ONLY})


def others(reader: Reader) -> list[int]:
    """Numbers of rows that are no checkpoint of the program: there is one row."""
    return sorted(reader.all(int, OTHERS, {"id": ONLY}))


def replace(tx: Tx, before: StoredCheckpoint | None, now: StoredCheckpoint) -> None:
    """Put a checkpoint in the place of the one before.

    Raises:
        CaseMoved: somebody else did so since.
    """
    if before is None:
        tx.run(FIRST, {"id": ONLY, **values(now)})
    else:
        tx.win(REPLACE, {"b_id": ONLY, "b_size": before.size, **values(now)})


def count_waiting(reader: Reader, *, limit: int) -> int:
    """How many entries have no place yet; counted up to `limit`."""
    return int(reader.value(SOME, {"limit": limit}))


def waiting(
    reader: Reader, *, after: tuple[str, int] = ("", 0), limit: int = PAGE
) -> list[WaitingEntry]:
    """Entries that have no place yet, by stream and number."""
    given = {"stream": after[0], "seq": after[1], "limit": limit}
    return reader.all(WaitingEntry, WAITING, given)


def marked(reader: Reader) -> list[tuple[str, int]]:
    """Stream and number of what is noted as waiting, whether the entry is there or not."""
    return reader.all(lambda name, seq: (name, seq), MARKED)


def place(tx: Tx, runs: Sequence[tuple[int, LogRun]]) -> None:
    """Give entries their places; they wait no longer.

    Args:
        runs: number of the first entry, and the last entry.
    """
    tx.run(PLACE, [values(run) for _, run in runs])
    tx.run(
        UNMARK,
        [{"stream": run.stream, "b_first": first, "b_last": run.seq} for first, run in runs],
    )


def runs(reader: Reader) -> list[LogRun]:
    """Every run, in the order of the log."""
    return sorted(reader.all(LogRun, RUNS), key=lambda run: (run.idx, run.stream, run.seq))


def gaps(reader: Reader) -> dict[tuple[str, int], int]:
    """Stream, and number of the last entry that a restored copy had of it, to how many numbers
    after it were not given again.
    """
    found: dict[tuple[str, int], int] = {}
    for name, body in reader.all(lambda name, body: (name, body), GAPS, {"kind": ledger_lines.GAP}):
        first, last = json.loads(body)["missing"]
        found[name, first - 1] = last - first + 1
    return found


def heads(reader: Reader) -> dict[str, int]:
    """Stream to the highest number that the database's newest checkpoint names."""
    return dict(reader.all(lambda name, seq: (name, seq), HEADS))


def placed(reader: Reader, runs_: Iterable[LogRun]) -> Iterator[tuple[LogHash, int | None]]:
    """Every stored entry by stream and number, with its place; None when no run reaches it."""
    by_stream: dict[str, list[LogRun]] = {}
    for run in sorted(runs_, key=lambda run: run.seq):
        by_stream.setdefault(run.stream, []).append(run)
    name = ""
    left: list[LogRun] = []
    for entry in hashes(reader):
        if entry.stream != name:
            name, left = entry.stream, by_stream.get(entry.stream, [])[::-1]
        while left and left[-1].seq < entry.seq:
            left.pop()
        yield entry, left[-1].idx - (left[-1].seq - entry.seq) if left else None


def hashes(reader: Reader) -> Iterator[LogHash]:
    """Stream, number and hash of every stored entry, by stream and number."""
    after = ("", -1)
    while page := reader.all(LogHash, HASHES, {"stream": after[0], "seq": after[1], "limit": PAGE}):
        yield from page
        after = (page[-1].stream, page[-1].seq)
