"""The acts of a log review: the worker begins it, an auditor judges looks and finishes the step
that waits.

No month is begun twice, whichever worker is faster: the first entry of its stream is written once.
Months that were missed while no worker ran are begun when one runs again, the oldest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.access import Viewer, can_act
from service.audit.log_review import review_process
from service.audit.log_review.looks import FoundLook, MonthOfLooks
from service.audit.log_review.review import FOLLOW, JUDGE, OPEN, VERDICTS, LogReview
from service.audit.log_review.review_process import (
    BEGUN,
    CLOSED,
    JUDGED,
    LOOK,
    SIGNED,
    month_of,
    stream_of,
)
from service.audit.log_review.review_words import seal_words
from service.casework.casefile.read_log import record_read
from service.errors import FieldFault, FourEyes, InvalidAnswers, NotFound, TaskClosed
from service.records.context import WORKER, Services, actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.transaction import Tx

LONGEST = 500
"""Characters of a reason."""


def due_month(tx: Tx, services: Services, now: datetime) -> str | None:
    """The month whose review is to begin now, as 2026-10; None when there is none.

    The month is over, no review of it has begun, and the installation was there before it was over.
    Where no review was ever begun, it is the month before this one.
    """
    zone = ZoneInfo(services.zone)
    this = now.astimezone(zone).date().replace(day=1)
    last = month_of(this - timedelta(days=1))
    if _is_begun(tx, last):
        return None
    oldest = ledger_entries.of_stream(tx, "system", limit=1)
    if not oldest or month_of(oldest[0].at.astimezone(zone).date()) > last:
        return None
    before = review_process.months(tx)
    wanted = _month_after(before[-1]) if before else last
    return wanted if wanted <= last else None


def begin_review(tx: Tx, services: Services, found: MonthOfLooks, *, now: datetime) -> bool:
    """Begin the review of a month; False when another worker has begun it meanwhile."""
    if _is_begun(tx, found.month):
        return False
    body: dict[str, ledger_lines.Canonical] = {
        "month": found.month,
        "process": review_process.VERSION,
        "digest": review_process.definition(review_process.VERSION).digest,
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


def judge_look(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    month: str,
    look: int,
    verdict: str,
    reason: str,
) -> None:
    """Judge a listed look: explained, to be followed up, or passed on as an incident.

    The newest judgement of a look counts; the earlier ones stay. A judgement that decides the look
    closes a question about it that waits for an answer. The read log gets that the auditor looked
    at its case for the review.

    Raises:
        NotFound: she is no auditor, or there is no such review or look.
        TaskClosed: the review has ended.   FourEyes: it is her own look.
        InvalidAnswers: no such verdict here, no reason, or one that is too long.
    """
    review, end = locked_review(tx, by, month)
    listed = next((one for one in review.looks if one.number == look), None)
    if listed is None:
        raise NotFound
    if review.task is None:
        raise TaskClosed
    if listed.person == by.person:
        raise FourEyes
    reason = " ".join(reason.split())
    if faults := _faults(verdict, reason, review.task.element):
        raise InvalidAnswers(faults)
    if listed.case and cases.get(tx, listed.case) is not None:
        purpose = "log_review"
        record_read(tx, by=by, now=now, case_id=listed.case, purpose=purpose, classes=("C0",))
    stream = stream_of(month)
    asked = review.waiting_question(look)
    if asked is not None and verdict != OPEN:
        review_process.close(review, asked, now=now, seed=str(end + 1))
        append_entry(tx, stream, CLOSED, by=actor(by), now=now, body={"look": look})
    word = seal_words(tx, services, listed, stream=stream, person=by.person, words=reason)
    body: dict[str, ledger_lines.Canonical] = {"look": look, "verdict": verdict}
    body["word"] = word
    append_entry(tx, stream, JUDGED, by=actor(by), now=now, body=body)


def sign_review(
    tx: Tx, _services: Services, by: Viewer, now: datetime, *, month: str, element: str
) -> None:
    """Finish the step of a review that waits, in one's own name, so that the process goes on.

    Args:
        element: the step that the page showed.
    Raises:
        NotFound: she is no auditor, or there is no such review.
        TaskClosed: another step waits, or none.   FourEyes: the diagram wants another person.
        InvalidAnswers: looks are left that must be judged first.
    """
    review, end = locked_review(tx, by, month)
    if review.task is None or review.task.element != element:
        raise TaskClosed
    if review.must_be_another(by.person):
        raise FourEyes
    if left := review.must_be_judged(by.person):
        raise InvalidAnswers((FieldFault("looks", "left", {"n": len(left)}),))
    own = element == JUDGE and review.left > 0
    follow = review.to_follow_up > 0
    review_process.turn(review, own=own, follow_up=follow, now=now, seed=str(end + 1))
    body: dict[str, ledger_lines.Canonical] = {
        "element": element,
        "own": own,
        "follow": follow,
    }
    stream = stream_of(month)
    append_entry(tx, stream, SIGNED, by=actor(by), now=now, body=body)


def locked_review(tx: Tx, by: Viewer, month: str) -> tuple[LogReview, int]:
    """Load a review and the number of its last entry; nobody else writes to it meanwhile."""
    if not can_act(by, "audit"):
        raise NotFound
    end, _ = ledger_entries.end(tx, stream_of(month))
    return review_process.load_review(tx, month), end


def _is_begun(tx: Tx, month: str) -> bool:
    """Whether a review of a month was begun."""
    return ledger_entries.end(tx, stream_of(month))[0] > 0


def _month_after(month: str) -> str:
    first = datetime.fromisoformat(f"{month}-01").date()
    return month_of(first + timedelta(days=31))


def _body(number: int, look: FoundLook) -> Mapping[str, ledger_lines.Canonical]:
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


def _faults(verdict: str, reason: str, element: str) -> tuple[FieldFault, ...]:
    allowed = [one for one in VERDICTS if element != FOLLOW or one != OPEN]
    found = [] if verdict in allowed else [FieldFault("verdict", "required")]
    if not reason:
        found.append(FieldFault("reason", "required"))
    elif len(reason) > LONGEST:
        found.append(FieldFault("reason", "too_long"))
    return tuple(found)
