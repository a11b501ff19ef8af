"""Holds: an office orders that nothing of a case is erased, for a time, and says why.

A person alone orders 30 days at most. For longer, a year at most, she asks a second one, and the
case is held for the 30 days meanwhile. What is under way holds a case by itself: a referral of it
that lives, a request for approval that waits, an incident that is open, and what is open about it
in another case (`open_matters`). What no process records is ordered, and says what it is: an appeal
that is not decided, a child's open case that names no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from service.access import Viewer
from service.casework.approvals import requests
from service.casework.cases.protection import check_reason
from service.casework.retention.open_matters import CHILD, OpenMatters, load_open_matters
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.records.context import Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.records.retention import ZONE, office_day
from service.store.at_hand import Reader
from service.store.casefile import (
    approvals,
    cases,
    document_requests,
    holds,
    referrals,
    subject_requests,
)
from service.store.casefile.approvals import LONG_HOLD
from service.store.casefile.holds import Hold
from service.store.transaction import Tx
from service.store.work import incidents

ALONE: Final = timedelta(days=30)
"""How long one person alone may hold a case."""
LONGEST: Final = timedelta(days=365)
"""How long two persons may."""
ORDER, APPEAL = "order", "appeal"
WHYS: Final = (ORDER, APPEAL, CHILD)
"""For what a case is held by an order: an appeal and a child's case are recorded nowhere else."""
SET, LENGTHENED, ENDED = "hold_set", "hold_lengthened", "hold_ended"
"""Kinds of ledger entries."""


def set_hold(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    case_id: str,
    until: datetime,
    reason: str,
    why: str = ORDER,
) -> Hold:
    """Order that nothing of a case is erased until a moment, by one person.

    Args:
        why: one of `WHYS`.
    Raises:
        NotFound: no such case.
        InvalidAnswers: no reason, one that is too long, a moment that is over, or later than
            `ALONE`.
    """
    case, key = cases.get(tx, case_id), services.key(tx, f"office:{by.office}")
    if case is None or key is None:
        raise NotFound
    reason = reason.strip()
    check_reason(reason)
    _check_end(until, now, ALONE)
    id_ = ulid(now)
    row = Hold(
        id=id_,
        case_id=case.id,
        office_id=by.office,
        by=by.id,
        at=now,
        until=until,
        why=why,
        reason=key.seal("notes", reason.encode(), table="hold", column="reason", row=id_),
    )
    holds.add(tx, row)
    body = {"hold": id_, "to": by.office, "until": last_day(until).isoformat()}
    append_entry(tx, f"case/{case.id}", SET, by=by, now=now, body=body)
    return row


def ask_longer(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    hold: Hold,
    until: datetime,
    reason: str,
) -> str:
    """Ask a second person to approve that a hold lasts until a later moment; gives the id of the
    request.

    Raises:
        NotAllowed: as `requests.ask` says.
        InvalidAnswers: a moment that is over, or later than `LONGEST`; no reason.
    """
    _check_end(until, now, LONGEST)
    subjects = {"hold": hold.id, "until": until.isoformat()}
    return requests.ask(
        *(tx, services),
        by=by,
        now=now,
        kind=LONG_HOLD,
        case_id=hold.case_id,
        subjects=subjects,
        digest=requests.digest_of(LONG_HOLD, hold.case_id, subjects),
        reason=reason,
    )


def lengthen_hold(tx: Tx, *, by: Viewer, now: datetime, hold_id: str, approval: str) -> Hold:
    """Let a hold last as long as a second person has approved.

    Raises:
        NotFound: there is none, it has ended, or she asked for nothing of that id.
        ApprovalNeeded: nobody approved it, or it was used or ran out.
    """
    row, asked = _lasting(tx, hold_id, now), approvals.get(tx, approval)
    if asked is None or asked.subjects.get("hold") != row.id:
        raise NotFound
    requests.use(tx, by=by, now=now, kind=LONG_HOLD, case_id=row.case_id, digest=asked.digest)
    until = datetime.fromisoformat(str(asked.subjects["until"]))
    after = holds.lengthen(tx, row, until)
    body = {"hold": row.id, "to": row.office_id, "until": last_day(until).isoformat()}
    body |= {"approval": asked.id}
    append_entry(tx, f"case/{row.case_id}", LENGTHENED, by=actor(by), now=now, body=body)
    return after


def _lasting(tx: Tx, hold_id: str, now: datetime) -> Hold:
    """A hold that lasts, of its case as it is now: one that had ended and was put back is refused.

    Raises:
        NotFound: there is none, or it has ended.
        RowRefused: a row of the case is not what the case says.
    """
    found = holds.get(tx, hold_id)
    if found is None or cases.load(tx, found.case_id) is None:
        raise NotFound
    row = next(one for one in holds.of_case(tx, found.case_id) if one.id == hold_id)
    if not row.lasts(now):
        raise NotFound
    return row


def last_day(until: datetime) -> date:
    """The last day of a hold, where rules run."""
    return office_day(until - timedelta(seconds=1), ZONE)


def _check_end(until: datetime, now: datetime, most: timedelta) -> None:
    if not now < until <= now + most:
        facts: dict[str, object] = {"label": "", "most": most.days}
        raise InvalidAnswers((FieldFault("until", "form.hold_until", facts),))


def end_hold(tx: Tx, *, by: Actor, now: datetime, hold_id: str) -> None:
    """End a hold before its time.

    Raises:
        NotFound: there is none, or it has ended.
    """
    row = _lasting(tx, hold_id, now)
    holds.end(tx, row, by=by.id, at=now)
    body = {"hold": row.id, "to": row.office_id}
    append_entry(tx, f"case/{row.case_id}", ENDED, by=by, now=now, body=body)


def why_held(
    reader: Reader,
    services: Services,
    case_id: str,
    now: datetime,
    *,
    open_matters: OpenMatters | None = None,
) -> str:
    """What keeps a case from being erased, as a part of `retention.held_…`; "" for nothing.

    Args:
        open_matters: where many cases are asked for, loaded once for all of them.
    """
    if open_matters is None:
        open_matters = load_open_matters(reader, services)
    return next(_reasons(reader, case_id, now, open_matters), "")


def _reasons(
    reader: Reader, case_id: str, now: datetime, open_matters: OpenMatters
) -> Iterator[str]:
    yield from (row.why for row in holds.of_case(reader, case_id) if row.lasts(now))
    if any(row.state in referrals.WAITING for row in referrals.of_case(reader, case_id)):
        yield "referral"
    if any(row.is_open for row in subject_requests.of_case(reader, case_id)):
        yield "subject_request"
    if document_requests.choices_of_case(reader, case_id):
        yield "document_request"
    asked = approvals.ROWS.of_case(reader, approvals.OF_CASE, case_id)
    others = [row for row in asked if row.kind not in approvals.OF_OFFICE]
    if any(row.state in approvals.OPEN and now < row.expires for row in others):
        yield "approval"
    if any(row.closed_at is None for row in incidents.of_case(reader, case_id)):
        yield "incident"
    if case_id in open_matters:
        yield open_matters[case_id]
