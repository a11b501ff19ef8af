"""Ledger entries as they are kept: streams of lines, each chained to the one before it.

Whoever can write into the database can go on with a chain: its hashes need no key. So each entry
bears a MAC over its place and its hash besides. Source: decisions/0095.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import Integer, bindparam, delete, exists, func, insert, select, text

from service.security.records import LedgerEntry
from service.store.guarded_rows import MAC, row_maker
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import values
from service.store.tables import line, log_waiting, stream
from service.store.tables.triggers import declared_triggers

if TYPE_CHECKING:
    from datetime import datetime

    from service.store.at_hand import Read, Reader
    from service.store.changes import RowMac
    from service.store.transaction import Tx

_ENCODER: Final = msgspec.msgpack.Encoder()

BELONGS = line.c.stream == stream.c.number
NUMBER = select(stream.c.number).where(stream.c.name == bindparam("stream")).scalar_subquery()
"""The number of a stream, by its name."""
NUMBER_OF = select(stream.c.number).where(stream.c.name == bindparam("b_stream")).scalar_subquery()
"""As above."""
OWN = tuple(one.name for one in fields(LedgerEntry) if one.name != "stream")
COLUMNS = (stream.c.name, *(line.c[name] for name in OWN))
ENTRIES = select(*COLUMNS).join_from(stream, line, BELONGS)
ADD = PreparedStatement(
    insert(line).values({**{name: bindparam(name) for name in OWN}, "stream": NUMBER})
)
ADD_STREAM = PreparedStatement(
    insert(stream).from_select(
        ["name"],
        select(bindparam("name", type_=stream.c.name.type)).where(
            ~exists().where(stream.c.name == bindparam("name"))
        ),
    )
)
LIMIT = bindparam("limit", type_=Integer)
LOWEST = -(2**31)
"""Number after which every line comes, also one that was put in by hand."""
AT_ONCE = 1000
"""Lines of a stream that are read at once, unless fewer are asked for."""
OF_STREAM = PreparedStatement(
    ENTRIES.where(stream.c.name == bindparam("stream"), line.c.seq > bindparam("after"))
    .order_by(line.c.seq)
    .limit(LIMIT)
)
STREAMS = PreparedStatement(
    select(stream.c.name, func.max(line.c.seq))
    .join_from(stream, line, BELONGS)
    .where(stream.c.name > bindparam("after"))
    .group_by(stream.c.name)
    .order_by(stream.c.name)
    .limit(LIMIT)
)
WITH_KIND = PreparedStatement(
    select(stream.c.name)
    .join_from(line, stream, BELONGS)
    .where(line.c.kind == bindparam("kind"))
    .distinct()
)
OF_MANY_CASES = PreparedStatement(
    ENTRIES.where(
        line.c.kind == bindparam("kind"),
        line.c.at >= bindparam("since"),
        stream.c.name.not_like("case/%"),
        stream.c.name.not_like("reads/%"),
    ).order_by(line.c.at, stream.c.name, line.c.seq)
)
NUMBERS = PreparedStatement(select(line.c.seq).where(line.c.stream == NUMBER).order_by(line.c.seq))
MOMENTS = PreparedStatement(
    select(line.c.at)
    .where(line.c.stream == NUMBER, in_list(line.c.kind, "kinds"))
    .order_by(line.c.at)
)
EMPTY = PreparedStatement(
    select(stream.c.name).where(~exists().where(BELONGS)).order_by(stream.c.name)
)
LOCK = PreparedStatement(
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("stream"), 1)))
)
PAGE = (
    ENTRIES.where(stream.c.name == bindparam("stream"), line.c.seq < bindparam("before"))
    .order_by(line.c.seq.desc())
    .limit(LIMIT)
)
LATEST = PreparedStatement(PAGE)
LATEST_OF_KINDS = PreparedStatement(PAGE.where(in_list(line.c.kind, "kinds")))
OF_KINDS = PreparedStatement(
    ENTRIES.where(stream.c.name == bindparam("stream"), in_list(line.c.kind, "kinds")).order_by(
        line.c.seq
    )
)
NEWEST_BY = PreparedStatement(
    ENTRIES.where(
        line.c.actor == bindparam("actor"), in_list(func.coalesce(line.c.kind, ""), "kinds")
    )
    .order_by(line.c.at.desc(), line.c.stream.desc(), line.c.seq.desc())
    .limit(1)
)
WRITTEN_AT = PreparedStatement(
    ENTRIES.where(
        line.c.kind == bindparam("kind"),
        line.c.at == bindparam("at"),
        line.c.actor == bindparam("actor"),
    )
)
BEYOND = 2**31 - 1
"""A number that no entry has."""
END = PreparedStatement(
    select(line.c.seq, line.c.hash)
    .where(line.c.stream == NUMBER)
    .order_by(line.c.seq.desc())
    .limit(1)
)


THIS_LINE = (line.c.stream == NUMBER_OF, line.c.seq == bindparam("b_seq"))
REMOVE = PreparedStatement(delete(line).where(*THIS_LINE))
REMOVE_WAITING = PreparedStatement(
    delete(log_waiting).where(
        log_waiting.c.stream == NUMBER_OF, log_waiting.c.seq == bindparam("b_seq")
    )
)
REMOVE_STREAM = PreparedStatement(delete(stream).where(stream.c.name == bindparam("b_stream")))


def add(tx: Tx, *rows: LedgerEntry) -> None:
    """Write lines.

    Raises:
        CaseMoved: somebody wrote to the stream since its end was read.
    """
    for row in rows:
        if row.seq == 1:
            tx.later(ADD_STREAM, {"name": row.stream})
    make = row_maker(tx)
    tx.later(
        ADD,
        [
            {**values(row), MAC: entry_mac(make, row.stream, row.seq, bytes.fromhex(row.hash))}
            for row in rows
        ],
    )


def remove(tx: Tx, name: str, numbers: Collection[int]) -> None:
    """Take lines out of a stream, and the stream if none is left: for what somebody else wrote.

    Args:
        tx: of the role that owns the tables; the triggers that guard history are off meanwhile.
    """
    given = [{"b_stream": name, "b_seq": number} for number in sorted(numbers)]
    with _unguarded(tx, line.name):
        for statement in (REMOVE_WAITING, REMOVE):
            tx.run(statement, given)
    if end(tx, name) == (0, ""):
        with _unguarded(tx, stream.name):
            tx.run(REMOVE_STREAM, {"b_stream": name})


@contextmanager
def _unguarded(tx: Tx, table: str) -> Iterator[None]:
    """Within it rows of a table that is written once can be deleted by this transaction."""
    guard = f"{table}_no_delete"
    if tx.postgres:
        off, on = (f"ALTER TABLE {table} {do} TRIGGER {guard}" for do in ("DISABLE", "ENABLE"))
    else:
        off, on = f"DROP TRIGGER {guard}", declared_triggers(postgres=False)[guard]
    tx.run(text(off))
    yield
    tx.run(text(on))


def entry_mac(make: RowMac, name: str, number: int, digest: bytes) -> bytes:
    """The MAC of an entry: worth nothing at another place, or with another content.

    Args:
        digest: its hash.
    """
    return make(_ENCODER.encode(("line", name, number, digest)))


def reads_of_end(name: str) -> list[Read]:
    """What `end` reads in a transaction that writes on PostgreSQL."""
    return [(LOCK, {"stream": name}), (END, {"stream": name})]


def end(tx: Tx, name: str) -> tuple[int, str]:
    """Number and hash of the last line of a stream; (0, "") while it is empty.

    A transaction that writes on PostgreSQL waits until whoever asked before it has ended, so that
    readers of one page do not take each other's number. SQLite has one writer.
    """
    if tx.postgres and tx.write:
        tx.later(LOCK, {"stream": name})
    return tx.one(lambda seq, digest: (seq, digest), END, {"stream": name}) or (0, "")


def of_stream(
    reader: Reader, name: str, *, after: int = 0, limit: int = AT_ONCE
) -> list[LedgerEntry]:
    """Lines of a stream in order, those after number `after`."""
    return reader.all(LedgerEntry, OF_STREAM, {"stream": name, "after": after, "limit": limit})


def read_of_stream(name: str, *, after: int = LOWEST) -> Read:
    """What `of_stream` reads of a stream; of its beginning, whatever numbers its lines have."""
    return OF_STREAM, {"stream": name, "after": after, "limit": AT_ONCE}


def numbers(reader: Reader, name: str) -> list[int]:
    """Numbers of the lines of a stream, whether a line can be read or not."""
    return reader.all(int, NUMBERS, {"stream": name})


def moments(reader: Reader, name: str, kinds: Collection[str]) -> list[datetime]:
    """When the lines of these kinds were written to a stream, in order; not those that this
    transaction has yet to write.
    """
    return reader.all(lambda at: at, *read_of_moments(name, kinds))


def read_of_moments(name: str, kinds: Collection[str]) -> Read:
    """What `moments` reads."""
    return MOMENTS, {"stream": name, "kinds": (*sorted(kinds),)}


def latest(
    reader: Reader,
    name: str,
    *,
    before: int | None = None,
    kinds: Collection[str] = (),
    limit: int = 50,
) -> list[LedgerEntry]:
    """One page of a stream, newest first; `before` is the number where the page before ended."""
    return reader.all(LedgerEntry, *read_of_latest(name, before=before, kinds=kinds, limit=limit))


def every(reader: Reader, name: str, kinds: Collection[str]) -> Iterator[LedgerEntry]:
    """Every entry of these kinds in a stream, newest first."""
    before: int | None = None
    while page := latest(reader, name, before=before, kinds=kinds, limit=AT_ONCE):
        yield from page
        before = page[-1].seq


def read_of_latest(
    name: str, *, before: int | None = None, kinds: Collection[str] = (), limit: int = 50
) -> Read:
    """What `latest` reads."""
    given = {"stream": name, "before": BEYOND if before is None else before, "limit": limit}
    if not kinds:
        return LATEST, given
    return LATEST_OF_KINDS, {**given, "kinds": (*sorted(kinds),)}


def read_of_kinds(name: str, kinds: Collection[str]) -> Read:
    """The entries of kinds of which a stream has few, in order: without a limit they come in the
    one statement of a page.
    """
    return OF_KINDS, {"stream": name, "kinds": (*sorted(kinds),)}


def newest_by(reader: Reader, actor: str, kinds: Collection[str]) -> LedgerEntry | None:
    """The newest entry of a person of one of these kinds, in whichever stream."""
    return reader.one(LedgerEntry, *read_of_newest_by(actor, kinds))


def written_at(reader: Reader, kind: str, at: datetime, actor: str) -> list[LedgerEntry]:
    """The entries of a kind that a person wrote at a moment, in whichever streams."""
    return reader.all(LedgerEntry, WRITTEN_AT, {"kind": kind, "at": at, "actor": actor})


def read_of_newest_by(actor: str, kinds: Collection[str]) -> Read:
    """What `newest_by` reads."""
    return NEWEST_BY, {"actor": actor, "kinds": (*sorted(kinds),)}


def streams_with(reader: Reader, kind: str) -> list[str]:
    """Names of the streams that have a line of a kind, by name."""
    return sorted(reader.all(str, WITH_KIND, {"kind": kind}))


def of_many_cases(reader: Reader, kind: str, *, since: datetime) -> list[LedgerEntry]:
    """The entries of a kind from a moment on that stand in no stream of a case, oldest first."""
    return reader.all(LedgerEntry, OF_MANY_CASES, {"kind": kind, "since": since})


def empty_streams(reader: Reader) -> list[str]:
    """Names of streams without a line: the program makes a stream with its first line."""
    return reader.all(str, EMPTY)


def streams(reader: Reader, *, after: str = "", limit: int = 1000) -> list[tuple[str, int]]:
    """Names and lengths of the streams, by name."""
    given = {"after": after, "limit": limit}
    return reader.all(lambda name, length: (name, length), STREAMS, given)
