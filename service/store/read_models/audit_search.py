"""Read models of an auditor's searches: cases by their process facts, and entries of the ledger.

Everything that is searched by is a process fact (C0): ids, codes and moments. A search enters by
one index and reads the other conditions from the rows that it finds there. `_as_read` keeps the
database from entering by another.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from service.security.records import LedgerEntry
from service.store import keyset
from service.store.casefile.cases import BRIEF, CaseSummary
from service.store.installation.ledger_entries import ENTRIES
from service.store.keyset import ListOrder, ListPage, PageRequest
from service.store.row_scope import as_system
from service.store.tables import cases, fact, line, stream

if TYPE_CHECKING:
    from service.store.transaction import Tx

CASE, READS = "case/", "reads/"
"""How the streams of cases, and those of who looked at them, begin."""
LATE, ENDED = "late", "ended"
MARKS: Final = {
    "moved": (CASE, ("move", "restore")),
    "operator": (CASE, ("incident_retry", "snapshot_rebuilt")),
    "stopped": (CASE, ("incident",)),
    "lookup": (READS, ("lookup",)),
}
"""What is unusual about a case: which entries say so, and in which of its streams they lie; those
that are rare come first."""
STATES: Final = (LATE, ENDED)
MOST: Final = 500
"""Counting stops here."""
FEW: Final = 200
"""Cases whose entries are gone through one by one."""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is searched for; all of it must hold, and what is empty does not count.

    `since` is the first moment of the period, `until` the first one after it. `kind` is one of an
    entry; `streams` is one stream of a case, or how the names of those begin that are searched.
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

    @property
    def of_entries(self) -> bool:
        """Whether something is asked of single entries, besides when they were written."""
        return bool(self.office or self.actor or self.kind or self.element)


@dataclass(frozen=True, slots=True)
class EntryPlace:
    """Where an entry lies. `stream` is a number."""

    at: datetime
    stream: int
    seq: int


@dataclass(frozen=True, slots=True)
class FoundFact:
    """A fact as a search finds it."""

    at: datetime
    case_id: str
    rev: int
    kind: str
    actor: str
    office: str


@dataclass(frozen=True, slots=True)
class BegunCase:
    """When a case began."""

    at: datetime
    id: str


ENTRY_ORDER: ListOrder[EntryPlace] = ListOrder(
    (line.c.at, line.c.stream, line.c.seq), lambda row: (row.at, row.stream, row.seq), down=True
)
FACT_ORDER: ListOrder[FoundFact] = ListOrder(
    (fact.c.at, fact.c.case_id, fact.c.rev), lambda row: (row.at, row.case_id, row.rev), down=True
)
CASE_ORDER: ListOrder[BegunCase] = ListOrder(
    (cases.c.opened_at, cases.c.id), lambda row: (row.at, row.id), down=True
)


def begun_cases(tx: Tx, query: AuditQuery, step: PageRequest, limit: int) -> ListPage[BegunCase]:
    """Cases, those that began last first; the period is that in which they began."""
    return keyset.page(tx, BegunCase, as_system("audit", _begun(query)), CASE_ORDER, step, limit)


def entries(
    tx: Tx, query: AuditQuery, step: PageRequest, limit: int, *, once: bool = False
) -> ListPage[LedgerEntry]:
    """Entries of the ledger, the newest first.

    Args:
        once: of each stream only its newest entry that fits.
    """
    few = None if once else _few_cases(tx, query)
    wanted = as_system("audit", _places(query, once=once, few=few))
    page = keyset.page(tx, EntryPlace, wanted, ENTRY_ORDER, step, limit)
    places = [(row.stream, row.seq) for row in page.rows]
    found = ENTRIES.where(tuple_(line.c.stream, line.c.seq).in_(places)).order_by(
        line.c.at.desc(), line.c.stream.desc(), line.c.seq.desc()
    )
    rows = tx.all(LedgerEntry, found) if places else []
    return ListPage(tuple(rows), page.previous, page.next)


def facts_at(
    tx: Tx, query: AuditQuery, step: PageRequest, limit: int, *, once: bool = False
) -> ListPage[FoundFact]:
    """Facts at an element, the newest first.

    Args:
        once: of each case only its newest fact that fits.
    """
    wanted = as_system("audit", _at_element(query, once=once))
    return keyset.page(tx, FoundFact, wanted, FACT_ORDER, step, limit)


def count(tx: Tx, query: AuditQuery, *, lines: bool) -> int:
    """How many cases, or entries, there are on all pages, at most `MOST`."""
    if query.element:
        wanted: Select[Any] = _at_element(query, once=not lines)
    elif lines or enters_by_entries(query):
        few = _few_cases(tx, query) if lines else None
        wanted = _places(query, once=not lines, few=few)
    else:
        wanted = _begun(query)
    found = wanted.limit(MOST).subquery()
    return int(tx.value(as_system("audit", select(func.count()).select_from(found))))


def of_ids(tx: Tx, case_ids: Collection[str]) -> dict[str, CaseSummary]:
    """Cases by id."""
    if not case_ids:
        return {}
    rows = tx.all(CaseSummary, select(*BRIEF).where(cases.c.id.in_(sorted(set(case_ids)))))
    return {row.id: row for row in rows}


def lengths(tx: Tx, case_ids: Collection[str]) -> dict[str, int]:
    """Case to how many entries its history has."""
    names = [CASE + id_ for id_ in case_ids]
    wanted = (
        select(stream.c.name, func.max(line.c.seq))
        .join_from(stream, line, line.c.stream == stream.c.number)
        .where(stream.c.name.in_(names))
        .group_by(stream.c.name)
    )
    return dict(tx.all(lambda name, n: (name.removeprefix(CASE), n), wanted)) if names else {}


def marks_of(tx: Tx, case_ids: Collection[str]) -> dict[str, set[str]]:
    """Case to what is unusual about it, by the names of `MARKS`."""
    kinds = {kind: name for name, (_, of_mark) in MARKS.items() for kind in of_mark}
    names = [start + id_ for id_ in case_ids for start in (CASE, READS)]
    wanted = (
        select(stream.c.name, line.c.kind)
        .join_from(stream, line, line.c.stream == stream.c.number)
        .where(stream.c.name.in_(names), _as_read(line.c.kind).in_(sorted(kinds)))
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for name, kind in tx.all(lambda name, kind: (name, kind), wanted) if names else ():
        found.setdefault(case_of(name), set()).add(kinds[kind])
    return found


def case_of(name: str) -> str:
    """The case that a stream is of; "" for the other streams."""
    start, _, id_ = name.partition("/")
    return id_ if f"{start}/" in (CASE, READS) else ""


def enters_by_entries(query: AuditQuery) -> bool:
    """Whether cases are found by their entries: the newest that fits stands for its case."""
    return not query.word and (query.of_entries or any(mark in MARKS for mark in query.marks))


def _as_read(column: ColumnElement[str]) -> ColumnElement[str]:
    """A column as the row has it: no index is entered by it."""
    return func.coalesce(column, "")


def _begun(query: AuditQuery) -> Select[Any]:
    wanted = select(cases.c.opened_at, cases.c.id).where(*_of_case(query))
    if query.since is not None and not query.of_entries:
        wanted = wanted.where(cases.c.opened_at >= query.since)
    if query.until is not None and not query.of_entries:
        wanted = wanted.where(cases.c.opened_at < query.until)
    for mark in query.marks:
        if mark in MARKS:
            wanted = wanted.where(_has_entry(*MARKS[mark], cases.c.id))
    if query.of_entries:
        wanted = wanted.where(_did(query))
    return wanted


def _did(query: AuditQuery) -> ColumnElement[bool]:
    """Whether a case has an entry, or a fact, that fits."""
    if query.element:
        return exists().where(
            fact.c.case_id == cases.c.id,
            _as_read(fact.c.element) == query.element,
            *_of_entry(query, fact, by=""),
        )
    found = (
        select(literal(1))
        .join_from(stream, line, line.c.stream == stream.c.number)
        .where(stream.c.name == literal(CASE) + cases.c.id, *_of_entry(query, line, by=""))
        .correlate(cases)
    )
    return found.exists()


def _has_entry(
    start: str, kinds: Collection[str], case_id: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether a stream of a case has an entry of one of these kinds."""
    lines, streams = line.alias(), stream.alias()
    return exists().where(
        streams.c.name == literal(start) + case_id,
        lines.c.stream == streams.c.number,
        _as_read(lines.c.kind).in_(sorted(kinds)),
    )


def _of_case(query: AuditQuery) -> list[ColumnElement[bool]]:
    """What is asked of the case as it stands."""
    found: list[ColumnElement[bool]] = []
    if query.word:
        found.append(
            or_(
                cases.c.ref.startswith(query.word, autoescape=True),
                cases.c.number.startswith(query.word, autoescape=True),
            )
        )
    if LATE in query.marks:
        late = cases.c.next_due < query.now if query.now is not None else false()
        found.append(and_(cases.c.status == "open", late))
    if ENDED in query.marks:
        found.append(cases.c.status == "ended")
    if query.release:
        found.append(or_(cases.c.release_id == query.release, cases.c.id.in_(_moved_from(query))))
    return found


def _moved_from(query: AuditQuery) -> Select[Any]:
    """Cases that were moved and have a fact of the release."""
    from service.store.tables import release  # noqa: PLC0415 - the name is that of a filter too

    lines, streams = line.alias(), stream.alias()
    moved = (
        select(func.substr(streams.c.name, len(CASE) + 1))
        .join_from(lines, streams, lines.c.stream == streams.c.number)
        .where(lines.c.kind.in_(MARKS["moved"][1]))
    )
    number = select(release.c.number).where(release.c.id == query.release).scalar_subquery()
    return select(fact.c.case_id).where(fact.c.case_id.in_(moved), fact.c.release == number)


def _of_entry(query: AuditQuery, rows: FromClause, *, by: str) -> list[ColumnElement[bool]]:
    """What is asked of an entry, or of a fact.

    Args:
        by: the column that the search enters by; "" when it enters by the primary key.
    """
    found = []
    for name, value in (("actor", query.actor), ("office", query.office), ("kind", query.kind)):
        column = rows.c[name]
        if value:
            found.append((column if name == by else _as_read(column)) == value)
    if query.since is not None:
        found.append(rows.c.at >= query.since)
    if query.until is not None:
        found.append(rows.c.at < query.until)
    return found


def _few_cases(tx: Tx, query: AuditQuery) -> list[str] | None:
    """The cases that fit as they stand, when they are few: their entries are gone through then.

    None when they are many, or when nothing is asked of them.
    """
    states = tuple(mark for mark in query.marks if mark in STATES)
    asked = AuditQuery(word=query.word, release=query.release, marks=states, now=query.now)
    if asked == AuditQuery(now=query.now):
        return None
    newest = _begun(asked).order_by(cases.c.opened_at.desc(), cases.c.id.desc()).limit(FEW + 1)
    found = tx.all(BegunCase, as_system("audit", newest))
    return [row.id for row in found] if len(found) <= FEW else None


def _places(query: AuditQuery, *, once: bool, few: Collection[str] | None = None) -> Select[Any]:
    """Entries that fit, of all streams, of those of cases, or of those of a few cases."""
    by = next((name for name in ("actor", "kind", "office") if getattr(query, name)), "at")
    if few is not None:
        by = "stream"
    wanted = select(line.c.at, line.c.stream, line.c.seq)
    if case_of(query.streams):
        return wanted.where(
            line.c.stream == _number_of(query.streams), *_of_entry(query, line, by="")
        )
    wanted = wanted.where(*_of_entry(query, line, by=by))
    marks = [mark for mark in MARKS if mark in query.marks]
    start = query.streams
    kinds: Collection[str] = ()
    if by in ("at", "stream") and marks:
        # the rarest mark is what is looked for; the others are conditions on its case
        start, kinds = MARKS[marks.pop(0)]
        kind = line.c.kind if by == "at" else _as_read(line.c.kind)
        wanted = wanted.where(kind.in_(sorted(kinds)))
    of_case = _of_case(query) if few is None else []
    if once or marks or of_case or few is not None:
        start = start or (READS if query.kind in READ_KINDS else CASE)
    if few is not None:
        names = select(stream.c.number).where(stream.c.name.in_([start + id_ for id_ in few]))
        wanted = wanted.where(line.c.stream.in_(names))
    if start:
        wanted = wanted.join(stream, stream.c.number == line.c.stream)
        wanted = wanted.where(_begins(stream.c.name, start))
    case_id = case(
        (_begins(stream.c.name, CASE), func.substr(stream.c.name, len(CASE) + 1)),
        else_=func.substr(stream.c.name, len(READS) + 1),
    )
    if of_case:
        wanted = wanted.where(exists().where(cases.c.id == case_id, *of_case))
    wanted = wanted.where(*(_has_entry(*MARKS[mark], case_id) for mark in marks))
    if once:
        later = line.alias("later")
        newer = [later.c.stream == line.c.stream, later.c.seq > line.c.seq]
        newer += _of_entry(query, later, by="")
        if kinds:
            newer.append(_as_read(later.c.kind).in_(sorted(kinds)))
        wanted = wanted.where(~exists().where(*newer))
    return wanted


def _number_of(name: str) -> ColumnElement[int]:
    return select(stream.c.number).where(stream.c.name == name).scalar_subquery()


READ_KINDS: Final = ("read", "print", "lookup", "reveal", "protected_read")
"""Kinds of the entries of who looked at a case."""


def _begins(column: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """Whether a name begins so; `start` is plain ASCII, and no index is needed."""
    return func.substr(column, 1, len(start)) == start


def _at_element(query: AuditQuery, *, once: bool) -> Select[Any]:
    """Facts at an element that fit."""
    own = (fact.c.at, fact.c.case_id, fact.c.rev, fact.c.kind, fact.c.actor, fact.c.office)
    wanted = select(*own).where(
        fact.c.element == query.element, *_of_entry(query, fact, by="element")
    )
    if of_case := _of_case(query):
        wanted = wanted.where(exists().where(cases.c.id == fact.c.case_id, *of_case))
    marks = [mark for mark in MARKS if mark in query.marks]
    wanted = wanted.where(*(_has_entry(*MARKS[mark], fact.c.case_id) for mark in marks))
    if once:
        later = fact.alias("later")
        wanted = wanted.where(
            ~exists().where(
                later.c.case_id == fact.c.case_id,
                later.c.rev > fact.c.rev,
                _as_read(later.c.element) == query.element,
                *_of_entry(query, later, by=""),
            )
        )
    return wanted
