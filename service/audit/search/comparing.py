"""What no entry says by itself, for a search: looks that are compared with others, and promises
that a case broke.

Neither is stored: the looks are counted when somebody asks, and which cases broke a promise is what
the last verification of every case found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.records.context import Services
from service.store.read_models import audit_search
from service.store.read_models.audit_conditions import BROKEN, MANY, AuditQuery
from service.store.read_models.log_review import busy_days
from service.store.transaction import Tx
from service.store.work import batches

DAYS_AT_MOST: Final = 31
"""Days within which looks are compared; as many as a log review has."""
BY_DUTY: Final = ("auditor",)
"""Roles that look at the cases of all offices because that is their work."""
APART: Final = "log_review"
"""Purpose of looks that are not counted: whoever reviews the log opens what stands out in it."""


@dataclass(frozen=True, slots=True)
class BrokenFound:
    """Which cases broke a promise, as the last verification of every case found when it ended."""

    at: datetime
    cases: tuple[str, ...]


def load_broken(tx: Tx) -> BrokenFound | None:
    """What the last verification found; None when none has come to its end."""
    runs = batches.of_subject(tx, batches.VERIFY, batches.VERIFY)
    run = next((one for one in runs if one.state == batches.DONE), None)
    if run is None or run.ended_at is None:
        return None
    broke = tuple(str(case_id) for case_id, _ in run.detail["broke"])
    return BrokenFound(run.ended_at, broke)


def prepare(tx: Tx, services: Services, query: AuditQuery) -> AuditQuery:
    """The query with what it needs besides the words that were asked for.

    Where looks are compared it has a period; see `period_of_looks`.
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
    """The query with a period of at most `DAYS_AT_MOST`: what is missing of it is filled in.

    Without any day it ends with this day.
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
