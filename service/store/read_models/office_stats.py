"""Read models of an office's statistics about its own work, each a single statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select, union, union_all

from service.store.prepared import PreparedStatement
from service.store.read_models.audit_conditions import as_read
from service.store.read_models.list_reader import (
    MOST,
    InboxReader,
    counted,
    existing,
    granted,
    seen,
)
from service.store.row_scope import as_system
from service.store.statement_shapes import by_shape
from service.store.tables import (
    case_access,
    case_officer,
    cases,
    consent,
    office,
    officer_case_count,
    open_case_count,
    person,
    referral,
    task,
)

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader

MANY = 500
"""Counting of cases that wait for one other office stops here."""
FEW = 50
"""Answers of an office that its answer time is taken from."""


@dataclass(frozen=True, slots=True)
class OpenTaskCount:
    """Open tasks of one office and role that one person has, or that nobody has."""

    office: str
    role: str
    person: str
    tasks: int
    late: int


@dataclass(frozen=True, slots=True)
class PersonCounts:
    """The open cases that a person of an office handles, the tasks that she has claimed, and how
    many of those are late.
    """

    handled: int
    claimed: int
    late: int


@dataclass(frozen=True, slots=True)
class WaitingCases:
    """Cases of the office that wait for another, and since when the longest does."""

    office: str
    cases: int
    since: datetime


@dataclass(frozen=True, slots=True)
class EndingConsent:
    """A consent that ends soon."""

    case_id: str
    ref: str
    purpose: str
    valid_to: date


@dataclass(frozen=True, slots=True)
class AnsweredReferral:
    """A referral that was answered."""

    office: str
    sent_at: datetime
    answered_at: datetime


STAGES = PreparedStatement(
    select(open_case_count.c.roles, open_case_count.c.stage, open_case_count.c.cases).where(
        open_case_count.c.office_id == bindparam("office"), open_case_count.c.cases > 0
    )
)


def stages(source: Reader, reader: InboxReader) -> dict[str, int]:
    """Stage to open cases that a grant opens to the reader; "" to those that have reached none.

    The counts of an office say nothing of whom a case is barred to: for who knows less than her
    office the cases themselves are counted.
    """
    found: Counter[str] = Counter()
    if reader.barred:
        return dict(source.all(lambda *row: row, *read_of_stages(reader)))
    for roles, stage, n in source.all(lambda *row: row, STAGES, {"office": reader.office}):
        if not reader.roles.isdisjoint(roles.split()):
            found[stage] += n
    return dict(found)


def read_of_stages(reader: InboxReader) -> Read:
    """What `stages` reads."""
    return _existing_stages(reader) if reader.barred else (STAGES, {"office": reader.office})


@by_shape
def _existing_stages(reader: InboxReader) -> Select[Any]:
    parts = [
        select(case_access.c.case_id, case_access.c.stage).where(
            *rules, case_access.c.ended == 0, case_access.c.opens < case_access.c.until
        )
        for rules in granted(reader)
    ]
    every = union(*parts).subquery("existing")
    return select(every.c.stage, func.count()).group_by(every.c.stage)


def loads(reader: Reader, *, now: datetime) -> list[OpenTaskCount]:
    """Open tasks by office, role and person, with how many of them are late."""
    late = func.sum(case((task.c.sort_due < now, 1), else_=0))
    wanted = select(
        task.c.office_id, task.c.role, func.coalesce(task.c.claimed_by, ""), func.count(), late
    ).where(task.c.office_id.is_not(None))
    return reader.all(
        OpenTaskCount,
        as_system("load", wanted.group_by(task.c.office_id, task.c.role, task.c.claimed_by)),
    )


def people(
    source: Reader, reader: InboxReader, *, persons: Collection[str]
) -> dict[str, PersonCounts]:
    """Person of the reader's office to what she has; of tasks at most `MOST` are counted."""
    rows = source.all(lambda id_, *row: (id_, PersonCounts(*row)), *read_of_people(reader))
    return {id_: counts for id_, counts in rows if id_ in persons}


@by_shape
def read_of_people(reader: InboxReader) -> Select[Any]:
    """What `people` reads."""
    now, office = reader.now, reader.office
    own = [
        task.c.claimed_by == person.c.id,
        as_read(task.c.office_id) == office,
        *existing(task.c.case_id, reader.barred),
    ]
    claimed = select(task.c.key).where(*own).order_by(task.c.sort_due).correlate(person)
    handled = (
        select(officer_case_count.c.cases)
        .where(
            officer_case_count.c.office_id == office,
            officer_case_count.c.person_id == person.c.id,
        )
        .correlate(person)
    )
    numbers = (
        func.coalesce(handled.scalar_subquery(), 0) if not reader.barred else _handled(reader),
        counted([claimed], "claimed"),
        counted([claimed.where(task.c.sort_due < now)], "late"),
    )
    wanted = select(person.c.id, *numbers).where(
        person.c.office_id == office, person.c.closed_at.is_(None)
    )
    return as_system("load", wanted)


def _handled(reader: InboxReader) -> ColumnElement[int]:
    """How many open cases a person handles, of those that exist for the reader."""
    found = (
        select(func.count())
        .join_from(case_officer, cases, cases.c.id == case_officer.c.case_id)
        .where(
            case_officer.c.office_id == reader.office,
            case_officer.c.person_id == person.c.id,
            cases.c.status == "open",
            *existing(case_officer.c.case_id, reader.barred),
        )
        .correlate(person)
    )
    return found.scalar_subquery()


def waits(source: Reader, reader: InboxReader) -> list[WaitingCases]:
    """Whom the reader's cases wait for, those who are waited for longest first.

    A case counts for the office whose task in it has been open for longest. The number of cases is
    at most `MANY`.
    """
    return source.all(WaitingCases, *read_of_waits(reader))


@by_shape
def read_of_waits(reader: InboxReader) -> Select[Any]:
    """What `waits` reads."""
    away, since = case_access.c.away_office, case_access.c.away_since
    parts = [[*rules, away == office.c.id, since.is_not(None)] for rules in granted(reader)]
    waiting = [
        select(case_access.c.case_id).where(*rules).order_by(since).correlate(office)
        for rules in parts
    ]
    longest = [
        select(since).where(*rules).order_by(since).limit(1).correlate(office) for rules in parts
    ]
    every = union_all(*(select(one.subquery()) for one in longest)).subquery("longest")
    first = select(func.min(every.c.away_since, type_=since.type)).scalar_subquery().label("since")
    of_offices = (
        select(office.c.id, counted(waiting, "cases", MANY), first)
        .where(office.c.id != reader.office)
        .subquery("of_offices")
    )
    found = select(*of_offices.c).where(of_offices.c.since.is_not(None))
    return found.order_by(of_offices.c.since)


def incidents(source: Reader, reader: InboxReader) -> int:
    """Count the open cases of the reader that have an open incident, at most `MOST`."""
    return int(source.value(*read_of_incidents(reader)))


@by_shape
def read_of_incidents(reader: InboxReader) -> Select[Any]:
    """What `incidents` reads."""
    is_stopped = case_access.c.stopped_since.is_not(None)
    stopped = [
        select(case_access.c.case_id).where(*rules, is_stopped, case_access.c.ended == 0)
        for rules in granted(reader)
    ]
    return select(counted(stopped, "incidents"))


def due_in(
    source: Reader, reader: InboxReader, *, element: str, bounds: Sequence[datetime]
) -> list[int]:
    """Count the reader's cases whose earliest deadline is of one step and lies before each bound.

    Only the `MOST` cases with the earliest deadlines are counted.

    Args:
        element: the step.
        bounds: moments; the answer has one number for each, in their order.
    """
    return source.all(lambda *row: list(row), *read_of_due(reader, element, *bounds))[0]


@by_shape
def read_of_due(reader: InboxReader, element: str, *bounds: datetime) -> Select[Any]:
    """What `due_in` reads."""
    step = case_access.c.due_element == element
    first = [
        select(case_access.c.case_id, case_access.c.due)
        .where(*rules, step)
        .order_by(case_access.c.due)
        .limit(MOST)
        .subquery()
        for _, rules in seen(reader)
    ]
    every = union(*map(select, first)).subquery("waiting")
    numbers = (
        func.coalesce(func.sum(case((every.c.due < until, 1), else_=0)), 0) for until in bounds
    )
    return select(*numbers)


def consents_ending(
    source: Reader, reader: InboxReader, *, today: date, until: date, limit: int
) -> list[EndingConsent]:
    """Consents in the reader's open cases that end by themselves soon."""
    return source.all(EndingConsent, *read_of_consents(reader, today, until, limit))


@by_shape
def read_of_consents(reader: InboxReader, today: date, until: date, limit: int) -> Select[Any]:
    """What `consents_ending` reads."""
    order = (consent.c.valid_to, consent.c.case_id)
    rows = (
        select(consent.c.case_id, case_access.c.ref, consent.c.purpose, consent.c.valid_to)
        .join_from(consent, case_access, as_read(consent.c.case_id) == case_access.c.case_id)
        .where(
            consent.c.withdrawn_on.is_(None),
            consent.c.valid_to >= today,
            consent.c.valid_to <= until,
            case_access.c.ended == 0,
        )
    )
    parts = [
        rows.where(*rules).order_by(*order).limit(limit).subquery() for rules in granted(reader)
    ]
    every = union(*map(select, parts)).subquery("ending")
    ordered = select(*every.c).order_by(every.c.valid_to, every.c.case_id).limit(limit)
    return as_system("figures", ordered)


NEWEST = referral.alias("newest")
NEWEST_OF_OFFICE = (
    select(NEWEST.c.id)
    .where(NEWEST.c.to_office == office.c.id, NEWEST.c.answered_at >= bindparam("since"))
    .order_by(NEWEST.c.answered_at.desc())
    .limit(FEW)
    .correlate(office)
)
ANSWERED = PreparedStatement(
    as_system(
        "load",
        select(referral.c.to_office, referral.c.sent_at, referral.c.answered_at).join_from(
            office, referral, referral.c.id.in_(NEWEST_OF_OFFICE)
        ),
    )
)


def answered(reader: Reader, *, since: datetime) -> list[AnsweredReferral]:
    """The newest referrals that each office answered since a moment, at most `FEW` of each."""
    return reader.all(AnsweredReferral, ANSWERED, {"since": since})
