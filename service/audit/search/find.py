"""The search of auditors: cases, or entries of the ledger, found by process facts alone.

No answer of a class above C0 can be asked for: whoever could search for a sealed answer would learn
it without opening it.

Two conditions are worked out before the search (`prepare`), since no row holds them: looks that are
compared with others are counted when somebody asks, and cases that broke a promise are those that
the last verification of every case found.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.audit.search.entry_words import EntryWords, load_entry_words
from service.records.context import Services
from service.records.months import as_shown
from service.store.at_hand import AtHand
from service.store.casefile import facts
from service.store.casefile.cases import CaseSummary
from service.store.installation import releases
from service.store.keyset import PageRequest
from service.store.read_models import audit_conditions, audit_search, oversight
from service.store.read_models.audit_conditions import BROKEN, MANY, AuditQuery
from service.store.read_models.log_review import busy_days
from service.store.transaction import Tx
from service.store.work import batches
from service.text import say

MARKS = (*audit_conditions.MARKS, *audit_conditions.STATES, *audit_conditions.COMPARED)
"""Marks of cases that the search page offers as ticks."""
DAYS_AT_MOST: Final = 31
"""Days within which looks are compared; as many as a log review has."""
BY_DUTY: Final = ("auditor",)
"""Roles that look at the cases of all offices because that is their work."""
APART: Final = "log_review"
"""Purpose of looks that are not counted: whoever reviews the log opens what stands out in it."""


@dataclass(frozen=True, slots=True)
class BrokenFound:
    """Cases that broke a promise, as the last verification of every case found when it ended."""

    at: datetime
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundCase:
    """One case; `lines` is how many entries its history has, `matched` its newest entry that fits
    in words, "" where cases alone were asked for.
    """

    id: str
    ref: str
    number: str
    began: datetime
    ended: datetime | None
    lines: int
    releases: str
    marks: tuple[str, ...]
    matched: str
    matched_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """One entry. `case_id` and `ref` are empty where it is of no case; `place` is its number in the
    history of its case, 0 where that is not known.
    """

    at: datetime
    what: str
    who: str
    office: str
    case_id: str
    ref: str
    place: int


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page; `total` stops at a limit, which `more` says."""

    cases: tuple[FoundCase, ...]
    entries: tuple[FoundEntry, ...]
    total: int
    more: bool
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class _Hit:
    at: datetime
    case_id: str
    kind: str
    element: str
    actor: str
    office: str
    place: int


def load_found(
    tx: Tx,
    names: AtHand,
    services: Services,
    query: AuditQuery,
    step: PageRequest,
    *,
    lang: str,
    limit: int,
) -> FoundPage:
    """A page of the cases that fit.

    Args:
        names: as `entry_words.load_names` gives it.
    """
    query = prepare(tx, services, query)
    total = audit_search.count(tx, query, lines=False)
    hits: Sequence[_Hit] = ()
    if query.element or audit_search.enters_by_entries(query):
        hits, previous, after = _hits(tx, query, step, limit, once=True)
        ids = [hit.case_id for hit in hits]
    else:
        page = audit_search.begun_cases(tx, query, step, limit)
        ids = [row.id for row in page.rows]
        previous, after = page.previous, page.next
    rows = _cases(tx, names, services, query, ids, hits, lang)
    return FoundPage(tuple(rows), (), total, total >= audit_search.MOST, previous, after)


def load_found_entries(
    tx: Tx,
    names: AtHand,
    services: Services,
    query: AuditQuery,
    step: PageRequest,
    *,
    lang: str,
    limit: int,
) -> FoundPage:
    """A page of the entries that fit, of cases and of all other streams; `names` as above."""
    query = prepare(tx, services, query)
    total = audit_search.count(tx, query, lines=True)
    hits, previous, after = _hits(tx, query, step, limit, once=False)
    words = load_entry_words(tx, names, services, [hit.actor for hit in hits], lang, elements=True)
    known = audit_search.of_ids(tx, [hit.case_id for hit in hits if hit.case_id])
    shown = (hit for hit in hits if hit.case_id in known or not hit.case_id)  # no erased path
    rows = [_entry(hit, words, known.get(hit.case_id)) for hit in shown]
    return FoundPage((), tuple(rows), total, total >= audit_search.MOST, previous, after)


def load_broken(tx: Tx, barred: Collection[str] = ()) -> BrokenFound | None:
    """Load the cases that broke a promise, without those that do not exist for who asks; None when
    no verification has come to its end.
    """
    runs = batches.of_subject(tx, batches.VERIFY, batches.VERIFY)
    run = next((one for one in runs if one.state == batches.DONE), None)
    if run is None or run.ended_at is None:
        return None
    broke = tuple(str(id_) for id_, _ in run.detail["broke"] if id_ not in barred)
    return BrokenFound(run.ended_at, broke)


def prepare(tx: Tx, services: Services, query: AuditQuery) -> AuditQuery:
    """Complete a query with the ids and days that its conditions stand for.

    A query that compares looks has a period already; see `period_of_looks`.
    """
    query = audit_search.with_named(tx, query)
    if BROKEN in query.marks:
        broken = load_broken(tx)
        query = replace(query, broken=broken.cases if broken is not None else ())
    if MANY in query.marks and query.since is not None and query.until is not None:
        days = list(_days(query.since, query.until, services.zone))
        limit = services.programme.log_review.cases_a_day
        query = replace(query, busy=tuple(busy_days(tx, days, limit=limit, apart=APART)))
    return replace(query, by_duty=BY_DUTY) if query.compares else query


def period_of_looks(query: AuditQuery, now: datetime, zone: str) -> AuditQuery:
    """The query with a period: a day that is missing is put `DAYS_AT_MOST` from the other one.

    Without any day the period ends with this day.
    """
    length = timedelta(days=DAYS_AT_MOST)
    place = ZoneInfo(zone)
    tomorrow = now.astimezone(place).date() + timedelta(days=1)
    end = datetime.combine(tomorrow, time(), place)
    until = query.until or (query.since + length if query.since is not None else end)
    return replace(query, since=query.since or until - length, until=until)


def _days(since: datetime, until: datetime, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """The whole days that a period touches."""
    place = ZoneInfo(zone)
    day, last = (moment.astimezone(place).date() for moment in (since, until))
    while day <= last:
        after = day + timedelta(days=1)
        yield datetime.combine(day, time(), place), datetime.combine(after, time(), place)
        day = after


def _hits(
    tx: Tx, query: AuditQuery, step: PageRequest, limit: int, *, once: bool
) -> tuple[list[_Hit], str, str]:
    if query.element:
        found = audit_search.facts_at(tx, query, step, limit, once=once)
        hits = [
            _Hit(row.at, row.case_id, row.kind, query.element, row.actor, row.office, 0)
            for row in found.rows
        ]
        return hits, found.previous, found.next
    page = audit_search.entries(tx, query, step, limit, once=once)
    bodies = [json.loads(row.body) for row in page.rows]
    pairs = {
        (audit_conditions.case_of(row.stream), int(body["rev"]))
        for row, body in zip(page.rows, bodies, strict=True)
        if body.get("rev") and audit_conditions.case_of(row.stream)
    }
    at = facts.elements(tx, pairs)
    hits = []
    for row, body in zip(page.rows, bodies, strict=True):
        case_id = audit_conditions.case_of(row.stream)
        element = at.get((case_id, int(body.get("rev") or 0))) or str(body.get("element", ""))
        place = row.seq if row.stream.startswith(audit_conditions.CASE) else 0
        hits.append(_Hit(row.at, case_id, row.kind, element, row.actor, row.office, place))
    return hits, page.previous, page.next


def _entry(hit: _Hit, words: EntryWords, case: CaseSummary | None) -> FoundEntry:
    return FoundEntry(
        as_shown(case, hit.at),
        words.what(hit.kind, hit.element),
        words.who(hit.actor),
        words.office(hit.office),
        case.id if case is not None else "",
        case.ref if case is not None else "",
        hit.place,
    )


def _matched(query: AuditQuery, hit: _Hit, words: EntryWords) -> str:
    """The entry that fits, in words; with person and office where looks are compared."""
    what = words.what(hit.kind, hit.element)
    if not query.of_looks:
        return what
    whose = ", ".join(part for part in (words.who(hit.actor), words.office(hit.office)) if part)
    return f"{what}: {whose}"


def _cases(
    tx: Tx,
    names: AtHand,
    services: Services,
    query: AuditQuery,
    ids: Sequence[str],
    hits: Sequence[_Hit],
    lang: str,
) -> list[FoundCase]:
    known = audit_search.of_ids(tx, ids)
    lengths = oversight.lengths(tx, ids)
    marks = oversight.marks_of(tx, ids)
    used = oversight.releases_of(tx, ids)
    for id_ in set(query.broken) & set(ids):
        marks.setdefault(id_, set()).add(audit_conditions.BROKEN)
    numbers = {title.id: f"v{title.number}" for title in releases.everyone(names)}
    words = load_entry_words(
        tx, names, services, [h.actor for h in hits], lang, elements=bool(hits)
    )
    by_case = {hit.case_id: hit for hit in hits}

    def row(case: CaseSummary) -> FoundCase:
        hit = by_case.get(case.id)
        return FoundCase(
            id=case.id,
            ref=case.ref,
            number=case.number,
            began=as_shown(case, case.opened_at),
            ended=None if case.closed_at is None else as_shown(case, case.closed_at),
            lines=lengths.get(case.id, 0),
            releases=" → ".join(numbers.get(id_, id_) for id_ in used.get(case.id, ())),
            marks=tuple(
                say(f"audit_find.mark_{mark}", lang)
                for mark in (*audit_conditions.MARKS, audit_conditions.BROKEN)
                if mark in marks.get(case.id, ())
            ),
            matched="" if hit is None else _matched(query, hit, words),
            matched_at=None if hit is None else as_shown(case, hit.at),
        )

    return [row(known[id_]) for id_ in ids if id_ in known]
