"""Page rows of unmaskings: for who asks, for the person who decides, and those open now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.approvals import requests, unmasking
from service.casework.approvals.earlier_case import load_earlier_case
from service.casework.approvals.locked_case import load_locked_case
from service.casework.approvals.requests import OPEN_ENDED, OPEN_LOCKED, TIMED, UNMASK
from service.casework.approvals.unmasking import OpenUnmasking
from service.casework.approvals.waiting_list import reason_text
from service.errors import NotFound
from service.people import accounts
from service.records.context import Services
from service.store.at_hand import Reader
from service.store.casefile import approvals, cases
from service.store.casefile.approvals import (
    APPROVED,
    ASKED,
    ENDED,
    EXPIRED,
    OPEN,
    REFUSED,
    Approval,
)
from service.store.installation import offices
from service.store.transaction import Tx
from service.text import say


@dataclass(frozen=True, slots=True)
class UnmaskingRequest:
    """A request to unmask as pages show it, by words."""

    id: str
    case: str
    ref: str
    who: str
    office: str
    asked: datetime
    expires: datetime
    """When it stops waiting, or when it is masked again."""
    classes: tuple[str, ...]
    reason: str
    matter: str
    state: str
    """One of `store.casefile.approvals`, such as `asked`."""
    kind: str
    """One of `requests.TIMED`."""
    refusal: str = ""
    """Why it was declined."""


@dataclass(frozen=True, slots=True)
class CaseUnmasking:
    """What somebody can ask for in one case, and what has become of her last request.

    `why_not` is a code of why nothing of it can be unmasked, "" when it can.
    """

    case: cases.CaseSummary
    why_not: str
    choices: tuple[tuple[str, str], ...]
    minutes: int
    """How long what is approved stays open."""
    last: UnmaskingRequest | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is open now."""
        return self.last is not None and self.last.state == APPROVED and not self.why_not

    @property
    def waits(self) -> bool:
        """Whether a request waits."""
        return self.last is not None and self.last.state == ASKED and not self.why_not


@dataclass(frozen=True, slots=True)
class OpenClasses:
    """What is open in the case of a page: for its band and its button."""

    approval: str
    words: str
    """How its texts begin, as `requests.TIMED` has it."""
    number: int
    classes: tuple[str, ...]
    until: datetime


def class_name(klass: str, lang: str) -> str:
    """What a class is called."""
    return say(f"audit.classes_{klass}", lang)


def shown_open(opened: OpenUnmasking | None, lang: str) -> OpenClasses | None:
    """What is open, by words."""
    if opened is None:
        return None
    names = tuple(class_name(klass, lang) for klass in sorted(opened.classes))
    words = TIMED[opened.kind]
    return OpenClasses(opened.approval, words, opened.number, names, opened.until)


def load_case_unmasking(
    reader: Reader, services: Services, viewer: Viewer, case: cases.CaseSummary, now: datetime
) -> CaseUnmasking:
    """Load what an auditor can ask for in a case."""
    why_not = unmasking.why_not(reader, services, case)
    about = UNMASK, case, why_not, unmasking.SECRET
    return _case_unmasking(reader, services, viewer, now, *about)


def load_case_reopening(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> CaseUnmasking:
    """Load what can be asked for of the ended case that an open one continues.

    Raises:
        NotFound: there is no such open case for her, or it continues none that she sees.
        ReasonNeeded: she must say first why she opens the open case.
    """
    earlier = load_earlier_case(tx, services, viewer, case_id, now)
    why_not = earlier.why_not() or earlier.why_not_in(case_id)
    about = OPEN_ENDED, earlier.case, why_not, earlier.classes
    return _case_unmasking(tx, services, viewer, now, *about)


def load_case_unlocking(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> CaseUnmasking:
    """Load what somebody can ask for of her own office's locked records in a case.

    Raises:
        NotFound: there is no such case for her, or nothing of her office is locked in it.
        ReasonNeeded: she must say first why she opens the case.
    """
    locked = load_locked_case(tx, services, viewer, case_id, now)
    about = OPEN_LOCKED, locked.case, locked.why_not(), locked.classes
    return _case_unmasking(tx, services, viewer, now, *about)


def _case_unmasking(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    now: datetime,
    kind: str,
    case: cases.CaseSummary,
    why_not: str,
    classes: Iterable[str],
) -> CaseUnmasking:
    row = unmasking.newest(reader, viewer, case.id, kind)
    rule = services.programme.approvals.kinds.get(kind)
    return CaseUnmasking(
        case,
        why_not,
        tuple((klass, class_name(klass, viewer.lang)) for klass in classes),
        int(rule.lasts.total_seconds() // 60) if rule is not None else 0,
        next(iter(_shown(reader, services, viewer, now, [row])), None) if row is not None else None,
    )


def load_request(
    reader: Reader, services: Services, viewer: Viewer, id_: str, now: datetime
) -> UnmaskingRequest:
    """Load a request for who decides about it.

    Raises:
        NotFound: there is none, or it is not hers to decide.
    """
    row = approvals.get(reader, id_)
    if row is None or row.kind not in TIMED:
        raise NotFound
    if not requests.may_decide(reader, services, viewer, row):
        raise NotFound
    (found,) = _shown(reader, services, viewer, now, [row])
    return found


def load_open_unmaskings(
    reader: Reader, services: Services, viewer: Viewer, now: datetime
) -> tuple[UnmaskingRequest, ...]:
    """Load the open unmaskings that the viewer may end: her own, and, where she decides about
    unmaskings, those of others.
    """
    rows = approvals.waiting(reader, TIMED, now, state=APPROVED)
    hers = [
        row
        for row in rows
        if row.case_id not in viewer.barred
        if row.asked_by == viewer.person or requests.may_decide(reader, services, viewer, row)
        if not unmasking.is_over(reader, services, row)
    ]
    return tuple(_shown(reader, services, viewer, now, hers))


def _shown(
    reader: Reader, services: Services, viewer: Viewer, now: datetime, rows: Sequence[Approval]
) -> Iterable[UnmaskingRequest]:
    refs: Mapping[str, str] = cases.refs(
        reader, sorted({row.case_id for row in rows if row.case_id})
    )
    names = accounts.names(reader, services, {row.asked_by for row in rows})
    places = offices.names(reader)
    for row in rows:
        over = row.state in OPEN and row.expires <= now
        ended = unmasking.is_over(reader, services, row) if row.state in OPEN else False
        declined = row.state == REFUSED
        yield UnmaskingRequest(
            id=row.id,
            case=row.case_id or "",
            ref=refs.get(row.case_id or "", ""),
            who=names.get(row.asked_by, ""),
            office=places.get(row.asked_office, ""),
            asked=row.asked_at,
            expires=row.expires,
            classes=tuple(class_name(one, viewer.lang) for one in unmasking.classes_of(row)),
            reason=reason_text(reader, services, row),
            matter=unmasking.matter_words(reader, services, row),
            state=ENDED if ended else EXPIRED if over else row.state,
            kind=row.kind,
            refusal=unmasking.refusal_words(reader, services, row) if declined else "",
        )
