"""Read models of the programme report: the cases that began in a period, under their pseudonyms."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from service.store.casefile.cases import BRIEF, CaseSummary
from service.store.row_scope import as_system
from service.store.tables import cases, consent, party, referral, task

if TYPE_CHECKING:
    from service.store.at_hand import Reader


@dataclass(frozen=True, slots=True)
class WaitingTasks:
    """Open tasks of one step in one role, and how many of them are late."""

    element: str
    role: str
    tasks: int
    late: int
    since: datetime


@dataclass(frozen=True, slots=True)
class ReferralTimes:
    """When a referral was sent, and when it was answered."""

    case_id: str
    office: str
    sent_at: datetime
    answered_at: datetime | None


def begun(
    reader: Reader,
    process: str,
    start: datetime,
    until: datetime,
    *,
    office: str = "",
    barred: Collection[str] = (),
) -> list[CaseSummary]:
    """Cases of a process that began in a period, oldest first.

    Args:
        until: the first moment after the period.
        office: only those in which it takes part; "" for all.
        barred: cases that do not exist for who asks.
    """
    wanted = select(*BRIEF).where(
        cases.c.process == process, cases.c.opened_at >= start, cases.c.opened_at < until
    )
    if barred:
        wanted = wanted.where(cases.c.id.not_in(sorted(barred)))
    if office:
        wanted = wanted.where(
            cases.c.id.in_(select(party.c.case_id).where(party.c.office_id == office))
        )
    return reader.all(
        CaseSummary, as_system("report", wanted.order_by(cases.c.opened_at, cases.c.id))
    )


def first_year(reader: Reader, process: str) -> datetime | None:
    """When the first case of a process began."""
    wanted = select(func.min(cases.c.opened_at, type_=cases.c.opened_at.type)).where(
        cases.c.process == process
    )
    found: datetime | None = reader.value(as_system("report", wanted))
    return found


def withdrew(reader: Reader, case_id: str, purpose: str) -> bool:
    """Whether a consent to a purpose was taken back in a case and none has been given since."""
    wanted = (
        select(consent.c.withdrawn_on)
        .where(consent.c.case_id == case_id, consent.c.purpose == purpose)
        .order_by(consent.c.at.desc(), consent.c.id.desc())
        .limit(1)
    )
    return reader.value(wanted) is not None


def waiting(reader: Reader, case_ids: Sequence[str], now: datetime) -> list[WaitingTasks]:
    """Open tasks of these cases by step and role."""
    late = func.count().filter(task.c.sort_due < now)
    wanted = (
        select(
            task.c.element,
            task.c.role,
            func.count(),
            late,
            func.min(task.c.opened_at, type_=task.c.opened_at.type),
        )
        .where(task.c.case_id.in_(case_ids))
        .group_by(task.c.element, task.c.role)
    )
    return reader.all(WaitingTasks, as_system("report", wanted))


def referrals_of(reader: Reader, case_ids: Sequence[str]) -> list[ReferralTimes]:
    """Referrals of these cases that were sent."""
    wanted = select(
        referral.c.case_id, referral.c.to_office, referral.c.sent_at, referral.c.answered_at
    ).where(referral.c.case_id.in_(case_ids), referral.c.sent_at.is_not(None))
    return reader.all(ReferralTimes, as_system("report", wanted))


def offices_of(reader: Reader, process: str) -> list[str]:
    """Offices that take part in a case of a process."""
    wanted = (
        select(party.c.office_id)
        .join(cases, cases.c.id == party.c.case_id)
        .where(cases.c.process == process)
        .distinct()
    )
    return sorted(reader.all(str, as_system("report", wanted)))
