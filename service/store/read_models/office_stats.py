"""Read models of an office's statistics about its own work, each a single statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, case, exists, func, or_, select

from service.store.casefile.grants import granted_to
from service.store.read_models.inbox import InboxReader
from service.store.row_scope import as_system
from service.store.tables import case_grant, case_officer, cases, consent, incident, referral, task

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class OpenTaskCount:
    """Open tasks of one office and role that one person has, or that nobody has."""

    office: str
    role: str
    person: str
    tasks: int
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
    """Stage to open cases that the reader may see; "" to those that have reached none."""
    wanted = (
        select(cases.c.stage, func.count())
        .where(cases.c.status == "open", cases.c.id.in_(_seen(reader)))
        .group_by(cases.c.stage)
    )
    return dict(tx.all(lambda stage, n: (stage, n), wanted))


def loads(tx: Tx, *, now: datetime, office: str = "") -> list[OpenTaskCount]:
    """Open tasks by office, role and person, with how many of them are late.

    Args:
        office: of this one alone when it is named.
    """
    late = func.sum(case((task.c.sort_due < now, 1), else_=0))
    wanted = select(
        task.c.office_id, task.c.role, func.coalesce(task.c.claimed_by, ""), func.count(), late
    )
    wanted = wanted.where(task.c.office_id == office if office else task.c.office_id.is_not(None))
    return tx.all(
        OpenTaskCount,
        as_system("load", wanted.group_by(task.c.office_id, task.c.role, task.c.claimed_by)),
    )


def cases_of_officers(tx: Tx, *, office: str) -> dict[str, int]:
    """Person of an office to the open cases that she handles."""
    wanted = (
        select(case_officer.c.person_id, func.count())
        .join_from(case_officer, cases, cases.c.id == case_officer.c.case_id)
        .where(case_officer.c.office_id == office, cases.c.status != "ended")
        .group_by(case_officer.c.person_id)
    )
    return dict(tx.all(lambda person, n: (person, n), wanted))


def waits(tx: Tx, reader: InboxReader) -> list[WaitingCases]:
    """Whom the reader's cases wait for, those who are waited for longest first."""
    since = func.min(task.c.opened_at, type_=task.c.opened_at.type)
    wanted = select(task.c.office_id, func.count(task.c.case_id.distinct()), since).where(
        task.c.office_id != reader.office, task.c.case_id.in_(_seen(reader))
    )
    return tx.all(WaitingCases, wanted.group_by(task.c.office_id).order_by(since))


def incidents(tx: Tx, reader: InboxReader) -> int:
    """Count the open cases of the reader that have an open incident."""
    stopped = exists().where(incident.c.case_id == cases.c.id, incident.c.closed_at.is_(None))
    counted = select(func.count()).where(
        cases.c.status == "open", cases.c.id.in_(_seen(reader)), stopped
    )
    return int(tx.value(counted))


def due_in(
    tx: Tx, reader: InboxReader, *, element: str, bounds: list[tuple[str, datetime]]
) -> dict[str, int]:
    """How many tasks of one step are due before each of several moments.

    Args:
        bounds: (label, moment), the earliest first; a task counts at the first that it lies before.
    """
    label = case(*((task.c.sort_due < until, name) for name, until in bounds), else_="")
    counted = (
        select(label, func.count())
        .where(
            task.c.element == element,
            or_(task.c.office_id == reader.office, task.c.case_id.in_(_seen(reader))),
        )
        .group_by(label)
    )
    return dict(tx.all(lambda name, n: (name, n), counted))


def consents_ending(
    tx: Tx, reader: InboxReader, *, today: date, until: date, limit: int = 20
) -> list[EndingConsent]:
    """Consents in the reader's open cases that end by themselves soon."""
    wanted = select(
        consent.c.case_id, cases.c.ref, consent.c.purpose, consent.c.valid_to
    ).join_from(consent, cases, cases.c.id == consent.c.case_id)
    ending = and_(
        consent.c.withdrawn_on.is_(None),
        consent.c.valid_to >= today,
        consent.c.valid_to <= until,
        cases.c.status == "open",
    )
    return tx.all(
        EndingConsent,
        wanted.where(ending, cases.c.id.in_(_seen(reader)))
        .order_by(consent.c.valid_to, cases.c.ref)
        .limit(limit),
    )


def answered(tx: Tx, *, since: datetime) -> list[AnsweredReferral]:
    """Referrals answered since a moment, of all offices."""
    wanted = select(referral.c.to_office, referral.c.sent_at, referral.c.answered_at)
    return tx.all(
        AnsweredReferral,
        as_system(
            "load", wanted.where(referral.c.sent_at >= since, referral.c.answered_at.is_not(None))
        ),
    )


def _seen(reader: InboxReader) -> Select[tuple[str]]:
    return select(case_grant.c.case_id).where(
        granted_to(case_grant, reader.office, reader.roles, reader.now)
    )
