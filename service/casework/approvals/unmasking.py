"""Unmasking: an auditor reads answers of named classes in one case, for a time, because a second
person said yes.

It is a request like any other (`requests`): asked with a reason and for the matter that she has
stated, decided by who answers for data protection, ended by time or by either of the two. While it
is open it widens what `access` lets her see of this case (`access.Sight.unmasked`), on the pages of
audit alone. Of a protected identity nothing is unmasked: it is known to named persons only. Source:
decisions/0069.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from service.access import CLASSES, OWN_OFFICE, Viewer, can_act
from service.casework.approvals import requests
from service.casework.approvals.requests import UNMASK
from service.casework.cases import audit_matter, protection
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
    """Classes of one case that are open to one auditor until a moment.

    `number` is that of the line in the history of the case with which it was approved: each look
    bears it.
    """

    approval: str
    number: int
    classes: frozenset[str]
    until: datetime


def opens(opened: OpenUnmasking | None, klass: str, group: str = "") -> bool:
    """Whether a masked field of a class and group is open now; a note for one office never is."""
    return opened is not None and klass in opened.classes and group != OWN_OFFICE


def widened(visibility: CaseVisibility, opened: OpenUnmasking | None) -> CaseVisibility:
    """Visibility of a case for a viewer, with the classes that are open to her."""
    if opened is None:
        return visibility
    unmasked = {visibility.viewer.person: opened.classes}
    return replace(visibility, sight=replace(visibility.sight, unmasked=unmasked))


def load_open(
    reader: Reader, viewer: Viewer, case: cases.CaseSummary, now: datetime
) -> OpenUnmasking | None:
    """Load what is open to an auditor in a case at this moment; None for nothing.

    It is open only with its entry in the history of the case, and not once the identity is
    protected.
    """
    if not can_act(viewer, "audit") or protection.is_protected(case.marking):
        return None
    row = newest(reader, viewer, case.id)
    if row is None or row.state != APPROVED or row.expires <= now:
        return None
    if row.decided_by in (None, viewer.person):
        return None
    approvals.require_newest(reader, row)
    entries = ledger_entries.latest(reader, approvals.stream_of(row), kinds=[GIVEN], limit=RECENT)
    for entry in entries:
        body = json.loads(entry.body)
        if body.get("approval") == row.id and body.get("digest") == row.digest:
            classes = frozenset(body.get("classes", ())) & set(classes_of(row))
            return OpenUnmasking(row.id, entry.seq, classes, row.expires)
    return None


def newest(reader: Reader, viewer: Viewer, case_id: str) -> Approval | None:
    """The newest request of an auditor about a case."""
    rows = approvals.asked_by(reader, viewer.person, kind=UNMASK, case_id=case_id, limit=1)
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
    return tuple(klass for klass in SECRET if klass in asked)


def why_not(reader: Reader, services: Services, case: cases.CaseSummary) -> str:
    """Why nothing of a case can be unmasked, as a code; "" when it can."""
    if protection.is_protected(case.marking):
        return "protected"
    if UNMASK not in services.programme.approvals.kinds:
        return "nobody"
    return "" if services.key(reader, f"case:{case.id}") is not None else "erased"


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
    none = () if chosen else (FieldFault("classes", "unmask.no_class"),)
    protection.check_reason(reason.strip(), *none)
    before = newest(tx, by, case_id)
    if before is not None and before.state in OPEN and before.expires > now:
        raise Stale
    subjects = {"classes": " ".join(chosen), "matter": str(matter)}
    return requests.ask(
        tx,
        services,
        by=by,
        now=now,
        kind=UNMASK,
        case_id=case_id,
        subjects=subjects,
        digest=requests.digest_of(UNMASK, case_id, subjects),
        reason=reason,
    )


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
        Whatever `requests.decide` raises.
    """
    row = approvals.get(tx, id_)
    if row is None or row.kind != UNMASK or row.case_id is None:
        raise NotFound
    case = cases.get(tx, row.case_id)
    if case is None:
        raise NotFound
    if approve and protection.is_protected(case.marking):
        raise NotAllowed(why="unmask_protected")
    word = ""
    if not approve:
        protection.check_reason(reason.strip())
        key = services.key(tx, f"case:{case.id}")
        word = seal_reason(key, approvals.stream_of(row), by.person, reason.strip())
    requests.decide(tx, services, by=by, now=now, id_=id_, approve=approve, word=word)


def matter_words(reader: Reader, services: Services, row: Approval) -> str:
    """Words of the matter that a request names; "" when they cannot be opened."""
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
                key = services.key(reader, f"case:{row.case_id}")
                return open_reason(key, stream, entry.actor, str(body["word"]))
            except CannotOpen:
                return ""
    return ""
