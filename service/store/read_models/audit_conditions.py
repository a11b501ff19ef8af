"""Conditions of an auditor's search: what it can ask for, and the SQL that this becomes.

Everything is a process fact (C0): ids, codes and moments. A search enters by one index and reads
the other conditions from the rows that it finds there; `as_read` keeps the database from entering
by another.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)

from service.store.tables import (
    case_grant,
    cases,
    fact,
    line,
    membership,
    party,
    release,
    stream,
)

CASE, READS = "case/", "reads/"
"""How the streams of cases, and those of who looked at them, begin."""
LATE, ENDED, BROKEN = "late", "ended", "broken"
FOREIGN, MANY = "foreign", "many"
MARKS: Final = {
    "moved": (CASE, ("move", "restore")),
    "operator": (CASE, ("incident_retry", "snapshot_rebuilt")),
    "stopped": (CASE, ("incident",)),
    "protected": (READS, ("protected_read",)),
    "lookup": (READS, ("lookup",)),
}
"""What is unusual about a case: which entries say so, and in which of its streams they lie; those
that are rare come first."""
STATES: Final = (LATE, ENDED, BROKEN)
NAMES: Final = (cases.c.ref, cases.c.number)
"""Columns of which a searched word is a prefix."""
COMPARED: Final = (FOREIGN, MANY)
"""Unusual reads that no entry marks: the reader's office has no part in the case, or the reader
opened very many cases on that day. Both are found by comparing entries of the read log."""
READ_KINDS: Final = ("read", "print", "lookup", "reveal", "protected_read")
"""Kinds of the read log's entries."""


@dataclass(frozen=True, slots=True)
class BusyDay:
    """A day on which one person opened very many cases, from its first moment until before
    `until`.
    """

    person: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is searched for; all of it must hold, and what is empty does not count.

    `since` is the first moment of the period, `until` the first one after it. `kind` is one of an
    entry; `streams` is one stream of a case, or how the names of those begin that are searched.
    `broken` are the cases that broke a promise, `busy` the days of `MANY`, and `by_duty` the roles
    that look at the cases of all offices because that is their work.
    """

    word: str = ""
    since: datetime | None = None
    until: datetime | None = None
    office: str = ""
    actor: str = ""
    kind: str = ""
    element: str = ""
    release: str = ""
    marks: tuple[str, ...] = ()
    now: datetime | None = None
    streams: str = ""
    broken: tuple[str, ...] = ()
    busy: tuple[BusyDay, ...] = ()
    by_duty: tuple[str, ...] = ()
    named: tuple[str, ...] | None = None
    """The cases whose pseudonym or number begins with the word, where they are few."""
    barred: tuple[str, ...] = ()
    """Cases that do not exist for who searches: neither they nor their entries are found."""

    @property
    def of_entries(self) -> bool:
        """Whether something is asked of single entries, besides when they were written."""
        return bool(self.office or self.actor or self.kind or self.element)

    @property
    def compares(self) -> bool:
        """Whether looks are compared: the period is that of the looks then."""
        return any(mark in COMPARED for mark in self.marks)

    @property
    def of_looks(self) -> bool:
        """Whether the entries that are searched are those looks themselves."""
        return self.compares and not self.element and self.kind in ("", *READ_KINDS)


def case_of(name: str) -> str:
    """The case that a stream is of; "" for the other streams."""
    start, _, id_ = name.partition("/")
    return id_ if f"{start}/" in (CASE, READS) else ""


def as_read(column: ColumnElement[str]) -> ColumnElement[str]:
    """A column as the row has it: no index is entered by it."""
    return func.coalesce(column, "")


def did(query: AuditQuery) -> ColumnElement[bool]:
    """Whether a case has an entry, or a fact, that fits."""
    if query.element:
        return exists().where(
            fact.c.case_id == cases.c.id,
            as_read(fact.c.element) == query.element,
            *of_entry(query, fact, by=""),
        )
    found = (
        select(literal(1))
        .join_from(stream, line, line.c.stream == stream.c.number)
        .where(stream.c.name == literal(CASE) + cases.c.id, *of_entry(query, line, by=""))
        .correlate(cases)
    )
    return found.exists()


def has_entry(
    start: str, kinds: Collection[str], case_id: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether a stream of a case has an entry of one of these kinds."""
    lines = line.alias()
    streams = stream.alias()
    return exists().where(
        streams.c.name == literal(start) + case_id,
        lines.c.stream == streams.c.number,
        as_read(lines.c.kind).in_(sorted(kinds)),
    )


def of_case(query: AuditQuery) -> list[ColumnElement[bool]]:
    """The conditions of a search on the case as it stands."""
    found: list[ColumnElement[bool]] = []
    if query.barred:
        found.append(cases.c.id.not_in(query.barred))
    if query.word:
        found.append(
            or_(*(column.startswith(query.word, autoescape=True) for column in NAMES))
            if query.named is None
            else cases.c.id.in_(query.named)
        )
    if LATE in query.marks:
        late = cases.c.next_due < query.now if query.now is not None else false()
        found.append(and_(cases.c.status == "open", late))
    if ENDED in query.marks:
        found.append(cases.c.status == "ended")
    if BROKEN in query.marks:
        found.append(cases.c.id.in_(query.broken))
    if query.release:
        found.append(or_(cases.c.release_id == query.release, cases.c.id.in_(_moved_from(query))))
    return found


def _moved_from(query: AuditQuery) -> Select[Any]:
    """Cases that were moved and have a fact of the release."""
    lines = line.alias()
    streams = stream.alias()
    moved = (
        select(func.substr(streams.c.name, len(CASE) + 1))
        .join_from(lines, streams, lines.c.stream == streams.c.number)
        .where(lines.c.kind.in_(MARKS["moved"][1]))
    )
    number = select(release.c.number).where(release.c.id == query.release).scalar_subquery()
    return select(fact.c.case_id).where(fact.c.case_id.in_(moved), fact.c.release == number)


def of_entry(query: AuditQuery, rows: FromClause, *, by: str) -> list[ColumnElement[bool]]:
    """The conditions of a search on an entry, or on a fact.

    Args:
        by: the column that the search enters by; "" when it enters by the primary key.
    """
    found = []
    for name, value in (("actor", query.actor), ("office", query.office), ("kind", query.kind)):
        column = rows.c[name]
        if value:
            found.append((column if name == by else as_read(column)) == value)
    if query.since is not None:
        found.append(rows.c.at >= query.since)
    if query.until is not None:
        found.append(rows.c.at < query.until)
    return found


def of_look(
    query: AuditQuery, rows: FromClause, case_id: ColumnElement[str]
) -> list[ColumnElement[bool]]:
    """The conditions on an entry of a read log, by which looks at a case are compared."""
    found: list[ColumnElement[bool]] = []
    if FOREIGN in query.marks:
        found.append(~_by_duty(query, rows))
        for table in (party, case_grant):
            part = exists().where(table.c.case_id == case_id, table.c.office_id == rows.c.office)
            found.append(~part)
    if MANY in query.marks:
        days = (
            and_(rows.c.actor == day.person, rows.c.at >= day.since, rows.c.at < day.until)
            for day in query.busy
        )
        found.append(or_(false(), *days))
    return found


def _by_duty(query: AuditQuery, rows: FromClause) -> ColumnElement[bool]:
    """Whether somebody looks at the cases of all offices because that is her work."""
    return exists().where(
        membership.c.person_id == rows.c.actor, membership.c.role.in_(query.by_duty)
    )


def has_look(query: AuditQuery, case_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a case has a look that fits, where looks are compared."""
    lines = line.alias()
    streams = stream.alias()
    asked = query if query.of_looks else AuditQuery(since=query.since, until=query.until)
    return exists().where(
        streams.c.name == literal(READS) + case_id,
        lines.c.stream == streams.c.number,
        as_read(lines.c.kind).in_(READ_KINDS),
        *of_entry(asked, lines, by=""),
        *of_look(query, lines, case_id),
    )


def begins(column: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """Whether a name begins so; `start` is plain ASCII, and no index is needed."""
    return func.substr(column, 1, len(start)) == start
