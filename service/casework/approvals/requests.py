"""Asking for a second person's approval, deciding about it, and using what was approved.

One way for everything that needs two persons. A request names what is to be done (`subjects`) and
carries a digest of exactly that: of a release the hash of its content, of a case the ids of what is
asked for. What was approved can be used once, by who asked, for what has the same digest, until it
runs out; what opens answers (`TIMED`) is open from the approval until then, or until either of the
two ends it. Breaking the glass (`GLASS`) opens from the moment on in which it is asked, while it
waits too; the second person lets it last.
Whoever asks never decides. Each step is a ledger entry; the reason lies sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from service.access import GLASS, PRODUCT_ROLES, RECORDS_OFFICER, Viewer
from service.casework.cases import bars, closed_offices
from service.casework.cases.protection import check_reason
from service.errors import ApprovalNeeded, FourEyes, NotAllowed, NotFound, RowRefused, Stale
from service.records.context import CLOCK, Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.records.outbox import send_letters
from service.release.programme.approval_rules import ApprovalRule
from service.security import ledger_lines
from service.store.at_hand import Read, Reader
from service.store.casefile import approvals, parties
from service.store.casefile.approvals import (
    APPROVED,
    ASKED,
    ENDED,
    EXPIRED,
    OPEN,
    REFUSED,
    USED,
    Approval,
)
from service.store.changes import Writer
from service.store.installation import newest_rows, offices, people
from service.store.transaction import Tx
from service.store.work import letters

WAITING = "approval_waiting"
"""Letter to those who may decide about a request."""
WAITING_GLASS, RING_GLASS = "glass_waiting", "ring_glass"
"""The same where somebody has broken the glass, and the call to whoever is on duty."""
ABOUT_GLASS: Final = "glass:"
"""How the keys of letters begin that say so: they lead to where a second person decides."""
UNMASK: Final = "unmask_case"
OPEN_ENDED: Final = "open_ended_case"
OPEN_LOCKED: Final = "open_locked"
TIMED: Final[Mapping[str, str]] = {
    UNMASK: "unmask",
    OPEN_ENDED: "reopen",
    OPEN_LOCKED: "unlock",
    GLASS: "glass",
}
"""Kinds that open answers for a time, and are not used up, to how their texts begin."""
EVERYWHERE: Final = PRODUCT_ROLES - {RECORDS_OFFICER}
"""Roles of the product that count whatever the office."""


def digest_of(kind: str, case_id: str, subjects: Mapping[str, str]) -> str:
    """The digest of a request that ids alone describe."""
    return ledger_lines.digest(
        ledger_lines.canonical({"kind": kind, "case": case_id, **subjects}).decode()
    )


def ask(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    kind: str,
    case_id: str,
    subjects: Mapping[str, str],
    digest: str,
    reason: str,
) -> str:
    """Ask for approval, and give the id of the request; asking for the same again gives the same.

    Args:
        case_id: empty when it belongs to no case.
        subjects: ids and codes of what is to be done; `digest` is of exactly that, as hex.
    Raises:
        NotFound: no such kind.   NotAllowed: not for her role.   InvalidAnswers: no reason.
    """
    rule = _rule(services, kind)
    reason = reason.strip()
    in_case = "" if kind == GLASS else case_id  # whoever hears of danger, of whatever office
    if not _holds(tx, by, rule.ask, in_case, by.office):
        raise NotAllowed(why="role")
    check_reason(reason)
    same = _own(tx, by, kind, digest, now, *OPEN)
    if same is not None:
        return same.id
    id_ = ulid(now)
    row = Approval(
        id=id_,
        case_id=case_id or None,
        kind=kind,
        subjects=dict(subjects),
        digest=digest,
        state=ASKED,
        asked_by=by.person,
        asked_office=by.office,
        asked_at=now,
        expires=now + rule.waits,
    )
    key = services.key(tx, approvals.reason_owner(row))
    if key is None:
        raise NotFound
    sealed = key.seal("notes", reason.encode(), table="approval", column="reason", row=id_)
    row = replace(row, reason=sealed)
    approvals.add(tx, row)
    body = {"digest": digest, "until": row.expires.isoformat()}
    _append(tx, row, "approval_asked", actor(by), now, body)
    _inform(tx, services, rule, row, actor(by))
    return id_


def decide(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    id_: str,
    approve: bool,
    word: str = "",
) -> None:
    """Approve or refuse what somebody else asked for.

    Args:
        word: why she refuses, sealed for the stream of the request; may be empty.
    Raises:
        NotFound: there is no such request, or it is not hers to decide.
        FourEyes: she asked for it herself.
        Stale: it was decided, or ran out.
    """
    row = approvals.get(tx, id_)
    if row is None:
        raise NotFound
    rule = _rule(services, row.kind)
    if row.asked_by == by.person:
        raise FourEyes(why="approval")
    if not may_decide(tx, services, by, row):
        raise NotFound
    if row.state != ASKED or row.expires <= now:
        raise Stale
    _require_newest(tx, row)
    marks = {"decided_by": by.person, "decided_at": now}
    if not approve:
        approvals.settle(tx, row, state=REFUSED, **marks)
        body = {"digest": row.digest} | ({"word": word} if word else {})
        _append(tx, row, "approval_refused", actor(by), now, body)
        return
    until = (row.asked_at if row.kind == GLASS else now) + rule.lasts
    approvals.settle(tx, row, state=APPROVED, expires=until, **marks)
    body = {"digest": row.digest, "until": until.isoformat()}
    _append(tx, row, "approval_given", actor(by), now, body)


def use(
    tx: Tx,
    *,
    by: Viewer,
    now: datetime,
    kind: str,
    case_id: str,
    digest: str,
    subject: str = "",
) -> Approval:
    """Use up what a second person approved, for exactly what it was approved for; gives it.

    Args:
        subject: what the fault names when there is no approval.
    Raises:
        ApprovalNeeded: nobody approved this for her, or it was used or ran out.
    """
    row = _own(tx, by, kind, digest, now, APPROVED)
    if row is None or row.decided_by in (None, by.person) or (row.case_id or "") != case_id:
        raise ApprovalNeeded(case=case_id, kind=kind, subject=subject)
    _require_newest(tx, row)
    approvals.settle(tx, row, state=USED, used_at=now)
    _append(tx, row, "approval_used", actor(by), now, {"digest": digest})
    return row


def end(tx: Tx, services: Services, by: Viewer, now: datetime, *, id_: str) -> None:
    """End what is open for a time (`TIMED`), or take back a request for it.

    Raises:
        NotFound: there is no such request, or she is neither who asked nor one who decides.
        Stale: it is over, or it waits and is another's.
    """
    row = approvals.get(tx, id_)
    if row is None or row.kind not in TIMED:
        raise NotFound
    own = row.asked_by == by.person
    if not own and not may_decide(tx, services, by, row):
        raise NotFound
    if row.state not in (OPEN if own else (APPROVED,)) or row.expires <= now:
        raise Stale
    _require_newest(tx, row)
    approvals.settle(tx, row, state=ENDED, used_at=now)
    _append(tx, row, "approval_ended", actor(by), now, {})


def expire(tx: Tx, *, now: datetime) -> int:
    """End requests that nobody decided or used in time, and what was open for a time that is over;
    gives their number.
    """
    return expire_rows(tx, approvals.over(tx, now), now=now)


def expire_rows(tx: Tx, rows: Iterable[Approval], *, now: datetime) -> int:
    """End open requests by the clock; gives their number."""
    over = [row for row in rows if _is_newest(tx, row)]
    for row in over:
        if row.kind in TIMED and row.state == APPROVED:
            approvals.settle(tx, row, state=ENDED)
            _append(tx, row, "approval_ended", CLOCK, now, {})
            continue
        approvals.settle(tx, row, state=EXPIRED)
        _append(tx, row, "approval_expired", CLOCK, now, {})
    return len(over)


def may_decide(reader: Reader, services: Services, viewer: Viewer, row: Approval) -> bool:
    """Whether the viewer may decide about a request now: never about her own, and never in a case
    that is barred to her.
    """
    if row.case_id in viewer.barred:
        return False
    rule = services.programme.approvals.kinds.get(row.kind)
    if rule is None or row.asked_by == viewer.person:
        return False
    return _decides(reader, services, viewer, rule, row)


def reads_of_deciding(services: Services, viewer: Viewer, row: Approval) -> list[Read]:
    """What `may_decide` reads: who holds the roles of the case, where that decides."""
    rule = services.programme.approvals.kinds.get(row.kind)
    if rule is None or row.asked_by == viewer.person or not row.case_id:
        return []
    if viewer.roles & rule.decide & EVERYWHERE:
        return []
    if row.kind == GLASS:
        return closed_offices.reads_of_closed_offices(row.case_id)
    return [(parties.OF_CASE, {"case_id": row.case_id})]


def _rule(services: Services, kind: str) -> ApprovalRule:
    rule = services.programme.approvals.kinds.get(kind)
    if rule is None:
        raise NotFound
    return rule


def _decides(
    reader: Reader, services: Services, viewer: Viewer, rule: ApprovalRule, row: Approval
) -> bool:
    """Whether the viewer holds a role that decides, in an office that may. A program never does."""
    if viewer.is_program:
        return False
    if viewer.roles & rule.decide & EVERYWHERE:
        return not rule.same_office or viewer.office == row.asked_office
    if row.kind == GLASS and viewer.office in closed_offices.load_closed_offices(
        reader, services, row.case_id or ""
    ):
        return False
    if viewer.roles & rule.decide and viewer.office in _on_duty(services, rule, row):
        return True
    if not _holds(reader, viewer, rule.decide, row.case_id or "", row.asked_office):
        return False
    if rule.same_office:
        return viewer.office == row.asked_office
    return not rule.other_office or viewer.office in _deciding_offices(reader, rule, row)


def _on_duty(services: Services, rule: ApprovalRule, row: Approval) -> set[str]:
    """Offices that name somebody on duty, whose people may decide whichever offices the case has.

    Another than the one that asked, as long as there is another one.
    """
    found = set(services.programme.on_call) if rule.on_duty else set[str]()
    others = found - {row.asked_office}
    return others if rule.other_office and others else found


def _deciding_offices(reader: Reader, rule: ApprovalRule, row: Approval) -> set[str]:
    """Offices whose people may decide about a request by what they are in its case, or by whose
    records it is about.
    """
    if rule.same_office:
        return {row.asked_office}
    holders = parties.of_case(reader, row.case_id) if row.case_id else {}
    found = {office for role, office in holders.items() if role in rule.decide}
    others = found - {row.asked_office}
    return others if rule.other_office and others else found


def _holds(
    reader: Reader, viewer: Viewer, roles: frozenset[str], case_id: str, asked_office: str
) -> bool:
    """Whether the viewer holds one of these roles: of the product, or of a lane in the office that
    has it in the case. Who answers for the records of an office counts where that office asked.
    """
    mine = viewer.roles & roles
    if mine & EVERYWHERE or (RECORDS_OFFICER in mine and viewer.office == asked_office):
        return True
    lanes = viewer.lane_roles & roles
    if not case_id:
        return bool(lanes)
    holders = parties.of_case(reader, case_id)
    return any(holders.get(role) == viewer.office for role in lanes)


def _require_newest(tx: Tx, row: Approval) -> None:
    """Refuse a request that was put back to an older state, such as before it was used. Those of a
    case are summed in its row; one of no case is bound by its stream.

    Raises:
        RowRefused: it was, or another request of its case was, or one was taken away.
    """
    if row.case_id is None:
        newest_rows.require_newest(tx, approvals.stream_of(row), "approval", row)
    else:
        approvals.require_newest(tx, row)


def _is_newest(tx: Tx, row: Approval) -> bool:
    """Whether a request is as it was left; another is left alone, and named to who asks."""
    try:
        _require_newest(tx, row)
    except RowRefused as refused:
        tx.refused.append(refused)
        return False
    return True


def _own(
    reader: Reader, by: Viewer, kind: str, digest: str, now: datetime, *states: str
) -> Approval | None:
    """The newest request of a person for this, in one of these states and not run out."""
    return next(
        (
            row
            for row in approvals.asked_by(reader, by.person, kind=kind)
            if row.digest == digest and row.state in states and row.expires > now
        ),
        None,
    )


def _inform(tx: Tx, services: Services, rule: ApprovalRule, row: Approval, by: Actor) -> None:
    """Write to the offices whose people may decide; the letter names nobody. Where somebody has
    broken the glass, whoever is on duty is called too.
    """
    known = offices.everyone(tx)
    informed, rung = _deciding_offices(tx, rule, row), set[str]()
    if row.kind == GLASS and row.case_id:
        roles = people.roles_of_offices(tx)
        rung = {one for one in _on_duty(services, rule, row) if roles.get(one, set()) & rule.decide}
        closed = closed_offices.load_closed_offices(tx, services, row.case_id)
        closed |= bars.load_bars(tx, row.case_id).offices
        informed, rung = (informed | rung) - closed, rung - closed
    template = WAITING_GLASS if row.kind == GLASS else WAITING
    rows = [_letter(row, known, office, template) for office in sorted(informed)]
    rows += [
        replace(
            _letter(row, known, office, RING_GLASS),
            key=f"{ABOUT_GLASS}{row.id}:{office}:ring",
            channel=services.programme.on_call[office].id,
        )
        for office in sorted(rung)
    ]
    if row.kind == GLASS:
        send_letters(tx, rows, by=by, now=row.asked_at)
    else:
        letters.add(tx, rows)


def _letter(
    row: Approval, known: Mapping[str, offices.Office], office: str, template: str
) -> letters.Letter:
    return letters.Letter(
        key=f"{ABOUT_GLASS if row.kind == GLASS else 'approval:'}{row.id}:{office}",
        case_id=row.case_id or "",
        office_id=office,
        role="",
        template=template,
        language=known[office].language if office in known else "sv",
        params={},
        needs_consent="",
        made_at=row.asked_at,
    )


def _append(
    writer: Writer, row: Approval, kind: str, by: Actor, now: datetime, more: Mapping[str, str]
) -> None:
    body: dict[str, ledger_lines.Canonical] = {"approval": row.id, "what": row.kind, **more}
    if classes := str(row.subjects.get("classes", "")):
        body["classes"] = (*classes.split(),)
    append_entry(writer, approvals.stream_of(row), kind, by=by, now=now, body=body)
