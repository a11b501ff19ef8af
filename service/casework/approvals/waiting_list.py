"""Lists of approvals: those that wait for a second person, and those that a person asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import GLASS, Viewer
from service.casework.approvals import requests
from service.errors import CannotOpen
from service.people import accounts
from service.records.context import Services
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import approvals, cases
from service.store.casefile.approvals import OPEN, Approval
from service.store.installation import offices
from service.text import known, say


@dataclass(frozen=True, slots=True)
class WaitingApproval:
    """A request as its page shows it: the case by its pseudonym, and nothing of it."""

    id: str
    case: str
    ref: str
    what: str
    who: str
    asked: datetime
    expires: datetime
    reason: str
    state: str
    state_text: str
    draft: str = ""
    """The draft of a release that it is about: it is decided on the page of its changes."""
    plan: str = ""
    """Id of a migration plan; a request about one is decided on the page of the plan."""
    release: str = ""
    """Id of an earlier release to be made current again; decided on the page of that release."""
    classes: tuple[str, ...] = ()
    """Classes of answers to be unmasked; such a request is decided on a page of its own."""
    erasure: bool = False
    """Whether it is about erasing these classes."""


@dataclass(frozen=True, slots=True)
class ApprovalLists:
    """What waits for the viewer's decision, and what she asked for."""

    waiting: tuple[WaitingApproval, ...]
    own: tuple[WaitingApproval, ...]
    reopened: frozenset[str]
    """Ids of those about answers of an ended case."""
    glass: frozenset[str] = frozenset()
    """Ids of those with which a case is open already, in danger to life."""


def load_approval_lists(
    reader: Reader, services: Services, viewer: Viewer, now: datetime
) -> ApprovalLists:
    """Load both lists of a viewer."""
    waiting = waiting_for(reader, services, viewer, now)
    asked = approvals.asked_by(reader, viewer.person)
    own = [row for row in asked if row.case_id not in viewer.barred]
    ids = {row.case_id for row in (*waiting, *own) if row.case_id}
    refs = cases.refs(reader, sorted(ids)) if ids else {}
    names = accounts.names(reader, services, {row.asked_by for row in (*waiting, *own)})
    places = offices.names(reader)

    def shown(row: Approval) -> WaitingApproval:
        over = row.state in OPEN and row.expires <= now
        state = approvals.EXPIRED if over else row.state
        who = (names.get(row.asked_by, ""), places.get(row.asked_office, ""))
        return WaitingApproval(
            id=row.id,
            case=row.case_id or "",
            ref=refs.get(row.case_id or "", "") or str(row.subjects.get("release", "")),
            what=what_text(row.kind, viewer.lang),
            who=", ".join(filter(None, who)),
            asked=row.asked_at,
            expires=row.expires,
            reason=reason_text(reader, services, row),
            state=state,
            state_text=say(f"approval.{state}", viewer.lang),
            draft=str(row.subjects.get("draft", "")),
            plan=str(row.subjects.get("plan", "")),
            release=row.digest if _is_about_release(row) else "",
            classes=tuple(str(row.subjects.get("classes", "")).split()),
            erasure=row.kind == approvals.ERASE_EARLY,
        )

    of_office = requests.TIMED.keys() - {requests.UNMASK, GLASS}
    reopened = frozenset(row.id for row in (*waiting, *own) if row.kind in of_office)
    glass = frozenset(row.id for row in own if row.kind == GLASS)
    return ApprovalLists(tuple(map(shown, waiting)), tuple(map(shown, own)), reopened, glass)


def waiting_for(
    reader: Reader, services: Services, viewer: Viewer, now: datetime
) -> list[Approval]:
    """Requests that the viewer may decide now, the oldest first."""
    found = (
        approvals.ROWS.all(reader, *read, listed=True)
        for read in reads_of_waiting(services, viewer, now)
    )
    return [
        row for rows in found for row in rows if requests.may_decide(reader, services, viewer, row)
    ]


def reads_of_waiting(services: Services, viewer: Viewer, now: datetime) -> list[Read]:
    """What `waiting_for` reads first; of the requests that it finds `reads_of_deciders` is next."""
    kinds = services.programme.approvals.decided_by(viewer.roles)
    return [approvals.read_of_waiting(kinds, now)] if kinds else []


def reads_of_deciders(
    at_hand: AtHand, services: Services, viewer: Viewer, now: datetime
) -> list[Read]:
    """What `waiting_for` reads of the cases of the requests that wait."""
    return [
        read
        for waiting in reads_of_waiting(services, viewer, now)
        for row in approvals.ROWS.all(at_hand, *waiting, listed=True)
        for read in requests.reads_of_deciding(services, viewer, row)
    ]


def _is_about_release(row: Approval) -> bool:
    """Whether a request names a release alone, and no case, draft or plan."""
    return not row.case_id and set(row.subjects) == {"release"}


def what_text(kind: str, lang: str) -> str:
    """What a kind of approval lets somebody do."""
    key = f"approval.kind_{kind}"
    return say(key, lang) if known(key) else kind


def reason_text(reader: Reader, services: Services, row: Approval) -> str:
    """The words of who asked; empty when they cannot be opened any more."""
    key = services.key(reader, approvals.reason_owner(row))
    if key is None or row.reason is None:
        return ""
    try:
        where = {"table": "approval", "column": "reason", "row": row.id}
        return key.open("notes", row.reason, **where).decode()
    except CannotOpen:
        return ""
