"""Read models of an office's statistics about its own work, each a single statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select, union, union_all

from service.store.read_models.audit_conditions import as_read
from service.store.read_models.list_reader import MOST, InboxReader, counted, granted, seen
from service.store.row_scope import as_system
from service.store.tables import (
    case_access,
    consent,
    incident,
    office,
    officer_case_count,
    open_case_count,
    person,
    referral,
    task,
)

if TYPE_CHECKING:
    from service.store.transaction import Tx

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


def stages(tx: Tx, reader: InboxReader) -> dict[str, int]:
    """Stage to open cases that a grant opens to the reader; "" to those that have reached none."""
    wanted = select(open_case_count.c.roles, open_case_count.c.stage, open_case_count.c.cases)
    wanted = wanted.where(open_case_count.c.office_id == reader.office, open_case_count.c.cases > 0)
    found: Counter[str] = Counter()
    for roles, stage, n in tx.all(lambda *row: row, wanted):
        if not reader.roles.isdisjoint(roles.split()):
            found[stage] += n
    return dict(found)


def loads(tx: Tx, *, now: datetime) -> list[OpenTaskCount]:
    """Open tasks by office, role and person, with how many of them are late."""
    late = func.sum(case((task.c.sort_due < now, 1), else_=0))
    wanted = select(
        task.c.office_id, task.c.role, func.coalesce(task.c.claimed_by, ""), func.count(), late
    ).where(task.c.office_id.is_not(None))
    return tx.all(
        OpenTaskCount,
        as_system("load", wanted.group_by(task.c.office_id, task.c.role, task.c.claimed_by)),
    )


def people(
    tx: Tx, *, now: datetime, office: str, persons: Collection[str]
) -> dict[str, PersonCounts]:
    """Person of an office to what she has; of tasks at most `MOST` are counted."""
    own = [task.c.claimed_by == person.c.id, as_read(task.c.office_id) == office]
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
        func.coalesce(handled.scalar_subquery(), 0),
        counted([claimed], "claimed"),
        counted([claimed.where(task.c.sort_due < now)], "late"),
    )
    wanted = select(person.c.id, *numbers).where(person.c.id.in_(sorted(persons)))
    rows = tx.all(lambda id_, *row: (id_, PersonCounts(*row)), as_system("load", wanted))
    return dict(rows)


def waits(tx: Tx, reader: InboxReader) -> list[WaitingCases]:
    """Whom the reader's cases wait for, those who are waited for longest first.

    A case counts for the office whose task in it has been open for longest. The number of cases is
    at most `MOST`.
    """
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
        select(office.c.id, counted(waiting, "cases"), first)
        .where(office.c.id != reader.office)
        .subquery("of_offices")
    )
    found = select(*of_offices.c).where(of_offices.c.since.is_not(None))
    return tx.all(WaitingCases, found.order_by(of_offices.c.since))


def incidents(tx: Tx, reader: InboxReader) -> int:
    """Count the open cases of the reader that have an open incident."""
    stopped = [
        select(case_access.c.case_id)
        .join_from(incident, case_access, as_read(incident.c.case_id) == case_access.c.case_id)
        .where(incident.c.closed_at.is_(None), case_access.c.ended == 0, *rules)
        .distinct()
        for rules in granted(reader)
    ]
    return int(tx.value(as_system("figures", select(counted(stopped, "incidents")))))


def due_in(tx: Tx, reader: InboxReader, *, element: str, bounds: Sequence[datetime]) -> list[int]:
    """In how many of the reader's cases one step is what is due first, and due before each of
    several moments; of all cases the `MOST` that are due first are counted.
    """
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
    return tx.all(lambda *row: list(row), select(*numbers))[0]


def consents_ending(
    tx: Tx, reader: InboxReader, *, today: date, until: date, limit: int = 20
) -> list[EndingConsent]:
    """Consents in the reader's open cases that end by themselves soon."""
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
    return tx.all(EndingConsent, as_system("figures", ordered))


def answered(tx: Tx, *, since: datetime) -> list[AnsweredReferral]:
    """The newest referrals that each office answered since a moment, at most `FEW` of each."""
    newest = referral.alias("newest")
    of_office = (
        select(newest.c.id)
        .where(newest.c.to_office == office.c.id, newest.c.answered_at >= since)
        .order_by(newest.c.answered_at.desc())
        .limit(FEW)
        .correlate(office)
    )
    wanted = select(referral.c.to_office, referral.c.sent_at, referral.c.answered_at).join_from(
        office, referral, referral.c.id.in_(of_office)
    )
    return tx.all(AnsweredReferral, as_system("load", wanted))
