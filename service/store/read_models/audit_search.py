"""Read models of an auditor's searches: cases by their process facts, and entries of the ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    exists,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from service.security.records import LedgerEntry
from service.store import keyset
from service.store.casefile.cases import BRIEF, PATH_ERASED, CaseSummary
from service.store.installation.ledger_entries import ENTRIES
from service.store.keyset import ListOrder, ListPage, PageRequest
from service.store.prepared import PreparedStatement
from service.store.read_models.audit_conditions import (
    CASE,
    MANY,
    MARKS,
    READ_KINDS,
    READS,
    STATES,
    AuditQuery,
    as_read,
    begins,
    case_of,
    did,
    has_entry,
    has_look,
    of_case,
    of_entry,
    of_look,
)
from service.store.row_scope import as_system
from service.store.tables import cases, fact, line, stream

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.transaction import Tx

MOST: Final = 500
"""Counting stops here."""
FEW: Final = 200
"""Cases whose entries are gone through one by one."""


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


BEYOND: Final = "\U0010ffff"
"""Comes after every letter."""
NAMED = PreparedStatement(
    as_system(
        "audit",
        union_all(
            *(
                select(
                    select(cases.c.id)
                    .where(column >= bindparam(name), column < bindparam(f"{name}_end"))
                    .limit(FEW + 1)
                    .subquery()
                )
                for name, column in (("ref", cases.c.ref), ("number", cases.c.number))
            )
        ),
    )
)


def with_named(tx: Tx, query: AuditQuery) -> AuditQuery:
    """The query with the cases whose pseudonym or number begins with its word, where they are few;
    they are found without a walk through all cases then.

    On PostgreSQL texts are in the order of its language, and a word is looked for in each.
    """
    if not query.word or tx.postgres:
        return query
    ref, number = query.word.lower(), query.word
    given = {"ref": ref, "ref_end": ref + BEYOND, "number": number, "number_end": number + BEYOND}
    found = tx.all(str, NAMED, given)
    return replace(query, named=(*found,)) if len(found) <= FEW else query


def begun_cases(
    reader: Reader, query: AuditQuery, step: PageRequest, limit: int
) -> ListPage[BegunCase]:
    """Cases, those that began last first; the period is that in which they began."""
    return keyset.page(
        reader, BegunCase, as_system("audit", _begun(query)), CASE_ORDER, step, limit
    )


def entries(
    reader: Reader, query: AuditQuery, step: PageRequest, limit: int, *, once: bool = False
) -> ListPage[LedgerEntry]:
    """Entries of the ledger, the newest first.

    Args:
        once: of each stream only its newest entry that fits.
    """
    few = None if once else _few_cases(reader, query)
    wanted = as_system("audit", _places(query, once=once, few=few))
    page = keyset.page(reader, EntryPlace, wanted, ENTRY_ORDER, step, limit)
    places = [(row.stream, row.seq) for row in page.rows]
    found = ENTRIES.where(tuple_(line.c.stream, line.c.seq).in_(places)).order_by(
        line.c.at.desc(), line.c.stream.desc(), line.c.seq.desc()
    )
    rows = reader.all(LedgerEntry, found) if places else []
    return ListPage(tuple(rows), page.previous, page.next)


def facts_at(
    reader: Reader, query: AuditQuery, step: PageRequest, limit: int, *, once: bool = False
) -> ListPage[FoundFact]:
    """Facts at an element, the newest first.

    Args:
        once: of each case only its newest fact that fits.
    """
    wanted = as_system("audit", _at_element(query, once=once))
    return keyset.page(reader, FoundFact, wanted, FACT_ORDER, step, limit)


def count(reader: Reader, query: AuditQuery, *, lines: bool) -> int:
    """How many cases, or entries, there are on all pages, at most `MOST`."""
    order: ListOrder[Any] = CASE_ORDER
    if query.element:
        wanted, order = _at_element(query, once=not lines), FACT_ORDER
    elif lines or enters_by_entries(query):
        few = _few_cases(reader, query) if lines else None
        wanted, order = _places(query, once=not lines, few=few), ENTRY_ORDER
    else:
        wanted = _begun(query)
    # from the newest on, as a page is read: of an old entry a newer one mostly fits too
    newest = wanted.order_by(*(column.desc() for column in order.columns)).limit(MOST)
    return int(
        reader.value(as_system("audit", select(func.count()).select_from(newest.subquery())))
    )


def of_ids(reader: Reader, case_ids: Collection[str]) -> dict[str, CaseSummary]:
    """Cases by id; none whose path is erased."""
    if not case_ids:
        return {}
    rows = reader.all(CaseSummary, select(*BRIEF).where(cases.c.id.in_(sorted(set(case_ids)))))
    return {row.id: row for row in rows if row.kind != PATH_ERASED}


def enters_by_entries(query: AuditQuery) -> bool:
    """Whether cases are found by their entries: the newest that fits stands for its case."""
    of_marks = query.compares or any(mark in MARKS for mark in query.marks)
    return not query.word and (query.of_entries or of_marks)


def _begun(query: AuditQuery) -> Select[Any]:
    wanted = select(cases.c.opened_at, cases.c.id).where(*of_case(query))
    of_begin = not query.of_entries and not query.compares
    if query.since is not None and of_begin:
        wanted = wanted.where(cases.c.opened_at >= query.since)
    if query.until is not None and of_begin:
        wanted = wanted.where(cases.c.opened_at < query.until)
    if query.compares:
        wanted = wanted.where(has_look(query, cases.c.id))
    for mark in query.marks:
        if mark in MARKS:
            wanted = wanted.where(has_entry(*MARKS[mark], cases.c.id))
    if query.of_entries and not query.of_looks:
        wanted = wanted.where(did(query))
    return wanted


def _few_cases(reader: Reader, query: AuditQuery) -> list[str] | None:
    """The cases that fit as they stand, when they are few: their entries are gone through then.

    None when they are many, or when nothing is asked of them.
    """
    states = tuple(mark for mark in query.marks if mark in STATES)
    asked = AuditQuery(
        word=query.word,
        release=query.release,
        marks=states,
        now=query.now,
        broken=query.broken,
        named=query.named,
        barred=query.barred,
    )
    if not (asked.word or asked.release or asked.marks):
        return None
    newest = _begun(asked).order_by(cases.c.opened_at.desc(), cases.c.id.desc()).limit(FEW + 1)
    found = reader.all(BegunCase, as_system("audit", newest))
    return [row.id for row in found] if len(found) <= FEW else None


def _places(query: AuditQuery, *, once: bool, few: Collection[str] | None = None) -> Select[Any]:
    """Entries that fit, of all streams, of those of cases, or of those of a few cases."""
    wanted = select(line.c.at, line.c.stream, line.c.seq)
    if query.barred:
        hidden = [start + id_ for id_ in query.barred for start in (CASE, READS)]
        barred = select(stream.c.number).where(stream.c.name.in_(hidden))
        wanted = wanted.where(line.c.stream.not_in(barred))
    if case_of(query.streams):
        return wanted.where(
            line.c.stream == _number_of(query.streams), *of_entry(query, line, by="")
        )
    by = next((name for name in ("actor", "kind", "office") if getattr(query, name)), "at")
    by = by if few is None else "stream"
    marks = [mark for mark in MARKS if mark in query.marks]
    # the rarest mark is what is looked for; the others are conditions on its case
    first = marks.pop(0) if marks and not query.of_entries and not query.compares else ""
    start, kinds = MARKS[first] if first else (query.streams, ())
    if query.of_looks:
        start, kinds = READS, () if query.kind else READ_KINDS
    wanted = wanted.where(*of_entry(query, line, by=by))
    if kinds:
        by_kind = by == "at" and MANY not in query.marks  # the days of `MANY` are of persons
        wanted = wanted.where((line.c.kind if by_kind else as_read(line.c.kind)).in_(kinds))
    asked = of_case(query) if few is None else []
    if once or marks or asked or few is not None or query.compares:
        start = start or (READS if query.kind in READ_KINDS else CASE)
    if once:
        wanted = wanted.where(_held(~_newer(query, kinds, start)))
    if few is not None:
        names = select(stream.c.number).where(stream.c.name.in_([start + id_ for id_ in few]))
        wanted = wanted.where(line.c.stream.in_(names))
    return _within(query, wanted, start, asked, marks) if start else wanted


def _within(
    query: AuditQuery,
    wanted: Select[Any],
    start: str,
    asked: Collection[ColumnElement[bool]],
    marks: Collection[str],
) -> Select[Any]:
    """Those of the entries whose streams begin so, and whose cases are as asked.

    Everything is looked up for the entry: a join would let the database begin with the streams, or
    with the cases.
    """
    case_id = _case_in(start)
    wanted = wanted.where(case_id.is_not(None))
    wanted = wanted.where(*(_held(has_entry(*MARKS[mark], case_id)) for mark in marks))
    if query.of_looks:
        wanted = wanted.where(*of_look(query, line, case_id))
    elif query.compares:
        wanted = wanted.where(_held(has_look(query, case_id)))
    return wanted.where(_held(exists().where(cases.c.id == case_id, *asked))) if asked else wanted


def _held(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition that is asked of each row, and never made a join of."""
    return select(literal(1)).where(condition).scalar_subquery() == 1


def _case_in(start: str) -> ColumnElement[str]:
    """The case of an entry whose stream's name begins so, looked up by its number; NULL for the
    entries of other streams.
    """
    own = stream.alias("own")
    name = select(func.substr(own.c.name, len(start) + 1))
    name = name.where(own.c.number == line.c.stream, begins(own.c.name, start))
    return name.correlate(line).scalar_subquery()


def _newer(query: AuditQuery, kinds: Collection[str], start: str) -> ColumnElement[bool]:
    """Whether the stream has a newer entry that fits."""
    later = line.alias("later")
    newer = [later.c.stream == line.c.stream, later.c.seq > line.c.seq]
    newer += of_entry(query, later, by="")
    if kinds:
        newer.append(as_read(later.c.kind).in_(kinds))
    if query.of_looks:
        newer += of_look(query, later, _case_in(start))
    return exists().where(*newer).correlate(line)


def _number_of(name: str) -> ColumnElement[int]:
    return select(stream.c.number).where(stream.c.name == name).scalar_subquery()


def _at_element(query: AuditQuery, *, once: bool) -> Select[Any]:
    """Facts at an element that fit."""
    own = (fact.c.at, fact.c.case_id, fact.c.rev, fact.c.kind, fact.c.actor, fact.c.office)
    wanted = select(*own).where(
        fact.c.element == query.element, *of_entry(query, fact, by="element")
    )
    if asked := of_case(query):
        wanted = wanted.where(exists().where(cases.c.id == fact.c.case_id, *asked))
    marks = [mark for mark in MARKS if mark in query.marks]
    wanted = wanted.where(*(has_entry(*MARKS[mark], fact.c.case_id) for mark in marks))
    if query.compares:
        wanted = wanted.where(has_look(query, fact.c.case_id))
    if once:
        later = fact.alias("later")
        newer = exists().where(
            later.c.case_id == fact.c.case_id,
            later.c.rev > fact.c.rev,
            as_read(later.c.element) == query.element,
            *of_entry(query, later, by=""),
        )
        wanted = wanted.where(_held(~newer.correlate(fact)))
    return wanted
