"""Unmasking: one person reads answers of named classes in one case, for a time, because a second
person said yes.

Who asks is an auditor (`unmask_case`), for the matter that she has stated; somebody of an office
whose open case continues an ended one (`open_ended_case`), for that case (`earlier_case`); or
somebody whose own office's records the plan of retention has locked (`open_locked`, `locked_case`).
It is a request like any other (`requests`): asked with a reason, decided by a second person, ended
by time or by either of the two. While it is open it widens what `access` lets the one who asked see
of this case, on the pages that ask for it alone: those of audit, and the answers of the ended case
(`access.Sight.unmasked`); what was locked on every page of its case (`access.Sight.unlocked`). Of a
protected identity nothing is opened: it is known to named persons only.
Source: decisions/0069, decisions/0106, decisions/0120.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from service.access import CLASSES, OWN_OFFICE, Sight, Viewer, can_act
from service.casework.approvals import requests
from service.casework.approvals.earlier_case import EarlierCase, load_earlier_case
from service.casework.approvals.locked_case import load_locked_case
from service.casework.approvals.requests import OPEN_ENDED, OPEN_LOCKED, TIMED, UNMASK
from service.casework.cases import audit_matter, continuation, protection
from service.casework.cases.case_visibility import CaseVisibility
from service.errors import CannotOpen, FieldFault, NotAllowed, NotFound, Stale
from service.records.context import Services
from service.records.ledger_append import open_reason, seal_reason
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import approvals, cases
from service.store.casefile.approvals import APPROVED, OPEN, Approval
from service.store.installation import ledger_entries
from service.store.transaction import Tx

SECRET: Final = CLASSES[1:]
"""Classes that are masked for an auditor, and can be unmasked."""
GIVEN: Final = "approval_given"
RECENT: Final = 50
"""Entries of a case among which that of an approval is looked for."""


@dataclass(frozen=True, slots=True)
class OpenUnmasking:
    """Classes of one case that are open to one person until a moment.

    `number` is that of the line in the history of the case with which it was approved: each look
    bears it.
    """

    approval: str
    kind: str
    number: int
    classes: frozenset[str]
    until: datetime
    before_end: Sight | None = None
    """The case as it was known on its last day, of an ended one; None for an auditor."""


def opens(opened: OpenUnmasking | None, klass: str, group: str = "") -> bool:
    """Whether a masked field of a class and group is open now; a note for one office never is."""
    return opened is not None and klass in opened.classes and group != OWN_OFFICE


def widened(visibility: CaseVisibility, opened: OpenUnmasking | None) -> CaseVisibility:
    """Visibility of a case for a viewer, with the classes that are open to her."""
    if opened is None:
        return visibility
    unmasked = {visibility.viewer.person: opened.classes}
    sight = replace(visibility.sight, unmasked=unmasked, before_end=opened.before_end)
    return replace(visibility, sight=sight)


def unlocked(visibility: CaseVisibility, opened: OpenUnmasking | None) -> CaseVisibility:
    """Visibility of a case for a viewer, with what was locked and is open to her."""
    if opened is None:
        return visibility
    classes = {visibility.viewer.person: opened.classes}
    return replace(visibility, sight=replace(visibility.sight, unlocked=classes))


def load_open(
    reader: Reader, viewer: Viewer, case: cases.CaseSummary, now: datetime
) -> OpenUnmasking | None:
    """Load what is open to an auditor in a case at this moment; None for nothing.

    It is open only with its entry in the history of the case, and not once the identity is
    protected.
    """
    if not can_act(viewer, "audit") or protection.is_protected(case.marking):
        return None
    return _given(reader, newest(reader, viewer, case.id), viewer, now)


def load_reopened(
    reader: Reader,
    services: Services,
    visibility: CaseVisibility,
    case: cases.CaseSummary,
    now: datetime,
) -> OpenUnmasking | None:
    """Load what is open to somebody of an office in an ended case at this moment, as her office saw
    it on its last day; None for nothing.

    It is open as that to an auditor is, and only while the case that continues it is hers and open.
    """
    viewer = visibility.viewer
    if case.status != "ended" or not visibility.by_office:
        return None
    row = newest(reader, viewer, case.id, OPEN_ENDED)
    opened = _given(reader, row, viewer, now)
    if row is None or opened is None or row.asked_office != viewer.office:
        return None
    earlier = EarlierCase(reader, services, visibility, case, now)
    if earlier.why_not() or earlier.why_not_in(_linked_case(reader, services, row)):
        return None
    return replace(opened, before_end=earlier.before)


def load_unlocked(
    reader: Reader, visibility: CaseVisibility, case: cases.CaseSummary, now: datetime
) -> OpenUnmasking | None:
    """Load what is open to somebody of an office of its own locked records at this moment; None for
    nothing. Where nothing of the office is locked, nothing is read.

    It is open only with its entry in the history of the case, and not once the identity is
    protected.
    """
    viewer = visibility.viewer
    mine = visibility.by_office and visibility.sight.locked.get(viewer.office)
    if not mine or protection.is_protected(case.marking):
        return None
    row = newest(reader, viewer, case.id, OPEN_LOCKED)
    if row is None or row.subjects.get("office") != viewer.office:
        return None
    return _given(reader, row, viewer, now)


def _linked_case(reader: Reader, services: Services, row: Approval) -> str:
    """The case for which a request about an ended one was made; "" when it is not known."""
    number = int(row.subjects.get("link", 0))
    return continuation.case_of_link(reader, services, row.case_id or "", number)


def _given(
    reader: Reader, row: Approval | None, viewer: Viewer, now: datetime
) -> OpenUnmasking | None:
    """What the newest request of a person opens now: as the case's history says that it was given
    to her, for what the request names.
    """
    if row is None or row.state != APPROVED or row.expires <= now:
        return None
    if row.decided_by in (None, viewer.person):
        return None
    if row.digest != requests.digest_of(row.kind, row.case_id or "", row.subjects):
        return None
    approvals.require_newest(reader, row)
    entries = ledger_entries.latest(reader, approvals.stream_of(row), kinds=[GIVEN], limit=RECENT)
    for entry in entries:
        body = json.loads(entry.body)
        if body.get("approval") == row.id and body.get("digest") == row.digest:
            classes = frozenset(body.get("classes", ())) & set(classes_of(row))
            return OpenUnmasking(row.id, row.kind, entry.seq, classes, row.expires)
    return None


def newest(reader: Reader, viewer: Viewer, case_id: str, kind: str = UNMASK) -> Approval | None:
    """The newest request of a kind by the viewer about a case."""
    rows = approvals.asked_by(reader, viewer.person, kind=kind, case_id=case_id, limit=1)
    return next(iter(rows), None)


def reads_of_open(at_hand: AtHand, viewer: Viewer, case_id: str) -> list[Read]:
    """What `load_open` reads besides `read_of_newest`, which is at hand."""
    row = newest(at_hand, viewer, case_id)
    if row is None or row.state != APPROVED:
        return []
    given = ledger_entries.read_of_latest(approvals.stream_of(row), kinds=[GIVEN], limit=RECENT)
    return [(approvals.OF_CASE, {"case_id": case_id}), given]


def read_of_newest(viewer: Viewer, case_id: str) -> Read:
    """What `newest` reads."""
    return approvals.read_of_asked_by(viewer.person, UNMASK, case_id, 1)


def classes_of(row: Approval) -> tuple[str, ...]:
    """The classes that a request names, in their order."""
    asked = str(row.subjects.get("classes", "")).split()
    return tuple(klass for klass in CLASSES if klass in asked)


def why_not(reader: Reader, services: Services, case: cases.CaseSummary) -> str:
    """Why nothing of a case can be unmasked, as a code; "" when it can."""
    if protection.is_protected(case.marking):
        return "protected"
    if UNMASK not in services.programme.approvals.kinds:
        return "nobody"
    return "" if services.case_keys(reader, case.id).own is not None else "erased"


def ask(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    classes: Collection[str],
    reason: str,
) -> str:
    """Ask a second person to unmask classes of a case, and give the id of the request.

    Raises:
        NotFound: there is no such case.
        NotAllowed: not for her role, nothing of this case is ever unmasked, or no matter is stated.
        InvalidAnswers: no class, or no reason.
        Stale: she has asked already, or it is open.
    """
    matter = _require_askable(tx, services, by, case_id)
    chosen = [klass for klass in SECRET if klass in classes]
    about = {"matter": str(matter)}
    return _ask(
        tx, services, by, now, kind=UNMASK, case_id=case_id, chosen=chosen, about=about, why=reason
    )


def ask_reopening(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    classes: Collection[str],
    reason: str,
) -> str:
    """Ask a second person to open classes of the ended case that one continues; gives the id of the
    request.

    Args:
        case_id: the open case, which continues the ended one.
    Raises:
        NotFound: there is no such case for her, or it continues none that she sees.
        ReasonNeeded: she must say first why she opens it.
        NotAllowed: nothing of the ended case can be opened to her; `why` says why not.
        InvalidAnswers: no class, or no reason.
        Stale: she has asked already, or it is open.
    """
    earlier = load_earlier_case(tx, services, by, case_id, now)
    if why := earlier.why_not() or earlier.why_not_in(case_id):
        raise NotAllowed(why=f"reopen_{why}")
    old = earlier.case.id
    chosen = [klass for klass in earlier.classes if klass in classes]
    about = {"link": str(continuation.number_of_link(tx, services, old, case_id))}
    return _ask(
        tx, services, by, now, kind=OPEN_ENDED, case_id=old, chosen=chosen, about=about, why=reason
    )


def ask_unlocking(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    classes: Collection[str],
    reason: str,
) -> str:
    """Ask a second person of one's office to open classes of what it wrote in an ended case, and
    the plan has locked; gives the id of the request.

    Raises:
        NotFound: there is no such case for her, or nothing of her office is locked in it.
        ReasonNeeded: she must say first why she opens the case.
        NotAllowed: nothing of it can be opened to her; `why` says why not.
        InvalidAnswers: no class, or no reason.
        Stale: she has asked already, or it is open.
    """
    locked = load_locked_case(tx, services, by, case_id, now)
    if why := locked.why_not():
        raise NotAllowed(why=f"unlock_{why}")
    chosen = [klass for klass in locked.classes if klass in classes]
    about = {"office": by.office}
    return _ask(
        *(tx, services, by, now),
        kind=OPEN_LOCKED,
        case_id=case_id,
        chosen=chosen,
        about=about,
        why=reason,
    )


def _ask(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    kind: str,
    case_id: str,
    chosen: Collection[str],
    about: Mapping[str, str],
    why: str,
) -> str:
    none = () if chosen else (FieldFault("classes", "unmask.no_class"),)
    protection.check_reason(why.strip(), *none)
    before = newest(tx, by, case_id, kind)
    if before is not None and before.state in OPEN and before.expires > now:
        raise Stale
    subjects = {"classes": " ".join(chosen), **about}
    return requests.ask(
        tx,
        services,
        by=by,
        now=now,
        kind=kind,
        case_id=case_id,
        subjects=subjects,
        digest=requests.digest_of(kind, case_id, subjects),
        reason=why,
    )


def end_with_linked(tx: Tx, services: Services, *, now: datetime) -> int:
    """End requests about ended cases whose open case has ended too; gives their number."""
    rows = [
        row
        for state in OPEN
        for row in approvals.waiting(tx, {OPEN_ENDED}, now, state=state)
        if is_over(tx, services, row)
    ]
    return requests.expire_rows(tx, rows, now=now)


def is_over(reader: Reader, services: Services, row: Approval) -> bool:
    """Whether the case for which an ended one was asked for has ended too, or is not known any
    more.
    """
    if row.kind != OPEN_ENDED:
        return False
    return not cases.is_open(reader, _linked_case(reader, services, row))


def _require_askable(tx: Tx, services: Services, by: Viewer, case_id: str) -> int:
    """Require that something of the case can be unmasked; gives the number of her matter."""
    case = cases.get(tx, case_id)
    if case is None or not can_act(by, "audit"):
        raise NotFound
    if why := why_not(tx, services, case):
        raise NotAllowed(why=f"unmask_{why}")
    matter = audit_matter.matter_of_look(tx, by)
    if matter is None:
        raise NotAllowed(why="matter")
    return matter.seq


def decide(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    id_: str,
    approve: bool,
    reason: str = "",
) -> None:
    """Approve a request or decline it; who declines says why.

    Raises:
        InvalidAnswers: declined without a reason, or with one that is too long.
        NotAllowed: approved, but the identity is protected, or the case for which it was asked has
            ended.
        Whatever `requests.decide` raises.
    """
    row = approvals.get(tx, id_)
    if row is None or row.kind not in TIMED or row.case_id is None:
        raise NotFound
    case = cases.get(tx, row.case_id)
    if case is None:
        raise NotFound
    if approve and protection.is_protected(case.marking):
        raise NotAllowed(why="unmask_protected")
    if approve and is_over(tx, services, row):
        raise NotAllowed(why="reopen_over")
    word = ""
    if not approve:
        protection.check_reason(reason.strip())
        key = services.case_keys(tx, case.id).own
        word = seal_reason(key, approvals.stream_of(row), by.person, reason.strip())
    requests.decide(tx, services, by=by, now=now, id_=id_, approve=approve, word=word)


def matter_words(reader: Reader, services: Services, row: Approval) -> str:
    """Words of the matter that a request of an auditor names; "" when they cannot be opened."""
    if row.kind != UNMASK:
        return ""
    return audit_matter.words_of(
        reader, services, row.asked_by, row.asked_office, int(row.subjects.get("matter", 0))
    )


def refusal_words(reader: Reader, services: Services, row: Approval) -> str:
    """Reason of a refusal; "" when there is none, or it cannot be opened."""
    stream = approvals.stream_of(row)
    for entry in ledger_entries.latest(reader, stream, kinds=["approval_refused"], limit=RECENT):
        body = json.loads(entry.body)
        if body.get("approval") == row.id and body.get("word"):
            try:
                key = services.case_keys(reader, str(row.case_id)).own
                return open_reason(key, stream, entry.actor, str(body["word"]))
            except CannotOpen:
                return ""
    return ""
