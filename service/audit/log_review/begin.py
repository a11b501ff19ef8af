"""The beginning of a review: once for each month, by the worker.

A stream of the ledger has a first entry once, so that no month is begun twice, whichever worker is
faster. What was missed while no worker ran is begun when one runs again, the oldest month first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.audit.log_review import process
from service.audit.log_review.looks import FoundLook, MonthOfLooks
from service.audit.log_review.process import BEGUN, LOOK, month_of, stream_of
from service.records.context import WORKER, Services
from service.records.ledger_entries import append_entry
from service.security import ledger
from service.store.installation import ledger_entries
from service.store.transaction import Tx


def due_month(tx: Tx, services: Services, now: datetime) -> str | None:
    """The month whose review is to begin now, as 2026-10; None when there is none.

    It is over, no review of it has begun, and the installation was there before it was over. Where
    no review was ever begun, it is the month before this one.
    """
    zone = ZoneInfo(services.zone)
    this = now.astimezone(zone).date().replace(day=1)
    last = month_of(this - timedelta(days=1))
    if is_begun(tx, last):
        return None
    oldest = ledger_entries.of_stream(tx, "system", limit=1)
    if not oldest or month_of(oldest[0].at.astimezone(zone).date()) > last:
        return None
    before = process.months(tx)
    wanted = _month_after(before[-1]) if before else last
    return wanted if wanted <= last else None


def is_begun(tx: Tx, month: str) -> bool:
    """Whether a review of a month was begun."""
    return ledger_entries.end(tx, stream_of(month))[0] > 0


def begin_review(tx: Tx, services: Services, found: MonthOfLooks, *, now: datetime) -> bool:
    """Begin the review of a month; False when another worker has begun it meanwhile."""
    if is_begun(tx, found.month):
        return False
    body: dict[str, ledger.Canonical] = {
        "month": found.month,
        "process": process.VERSION,
        "digest": process.definition(process.VERSION).digest,
        "limits": asdict(services.programme.log_review),
        "looks": len(found.looks),
        "left_out": found.left_out,
        "offices": [[id_, looks, listed] for id_, (looks, listed) in found.offices.items()],
    }
    stream = stream_of(found.month)
    append_entry(tx, stream, BEGUN, by=WORKER, now=now, body=body)
    for number, look in enumerate(found.looks, 1):
        append_entry(tx, stream, LOOK, by=WORKER, now=now, body=_body(number, look))
    return True


def _body(number: int, look: FoundLook) -> Mapping[str, ledger.Canonical]:
    return {
        "look": number,
        "person": look.person,
        "of": look.office,
        "case": look.case,
        "why": look.why,
        "first": look.first.isoformat(),
        "last": look.last.isoformat(),
        "times": look.times,
        "cases": look.cases,
    }


def _month_after(month: str) -> str:
    first = datetime.fromisoformat(f"{month}-01").date()
    return month_of(first + timedelta(days=31))
