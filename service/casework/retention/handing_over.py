"""What the plan has an office hand over to an archive: what may be packaged, and what is not erased
before the archive's receipt is entered.

The plan decides whose records are handed over: only an office to which a rule `hand_over` has given
its task about a case has anything here. Source: decisions/0127.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from service.access import CLASSES, Viewer, can_act
from service.casework.approvals import protected_acts, requests
from service.casework.cases import protection
from service.casework.retention import kept
from service.errors import NotFound, NotPackable
from service.records.context import Services
from service.release.programme.retention_rules import HAND_OVER, RetentionPlan
from service.store.at_hand import Reader
from service.store.casefile import approvals, cases, retention_acts
from service.store.casefile.approvals import PACKAGE_CASE
from service.store.casefile.retention_acts import DESTROY, RetentionAct
from service.store.transaction import Tx

ENDED: Final = "ended"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Records of an office in an ended case that go to an archive."""

    case: cases.CaseSummary
    office: str
    classes: tuple[str, ...]
    """Those that the plan hands over and of which the office keeps something still."""
    rules: tuple[str, ...]
    """Ids of the rules that gave the office its tasks."""

    @property
    def needs_second(self) -> bool:
        """Whether a second person is asked: the identity is protected."""
        return protection.is_protected(self.case.marking)


@dataclass(frozen=True, slots=True)
class ArchiveOffer:
    """The package for an archive that the office may make, or will be asked for."""

    classes: str
    ready: bool
    """Whether the plan has asked for it."""
    second: str
    """Of a protected identity how a second person's approval stands: `ask`, `asked`, `approved`; ""
    where none is needed."""


def require_hand_over(reader: Reader, viewer: Viewer, case_id: str) -> HandOver:
    """What the viewer's office hands over of a case.

    Raises:
        NotFound: she keeps no records of it.
        NotPackable: the case is open, or the plan has not asked the office to hand it over, or it
            is erased.
    """
    case = cases.get(reader, case_id)
    if case is None or not can_act(viewer, "keep_records"):
        raise NotFound
    if not kept.wrote_in(reader, viewer, case_id):
        raise NotFound
    if case.status != ENDED:
        raise NotPackable(why="open")
    found = to_hand_over(viewer.office, case, retention_acts.of_case(reader, case_id))
    if found is None:
        raise NotPackable(why="not_asked")
    return found


def to_hand_over(
    office: str, case: cases.CaseSummary, acts: Collection[RetentionAct]
) -> HandOver | None:
    """What an office was asked to hand over of an ended case, and has still; None for nothing.

    What was handed over already counts too: an archive may ask for it again.
    """
    mine = [act for act in acts if act.office_id == office]
    asked = [act for act in mine if act.does == HAND_OVER]
    gone = {klass for act in mine if act.does == DESTROY for klass in act.classes}
    left = {klass for act in asked for klass in act.classes} - gone
    if case.status != ENDED or not left:
        return None
    classes = tuple(klass for klass in CLASSES if klass in left)
    return HandOver(case, office, classes, tuple(dict.fromkeys(act.rule for act in asked)))


def second_person(reader: Reader, viewer: Viewer, order: HandOver, now: datetime) -> str:
    """How the approval of a second person stands that the viewer needs to make a package: `ask`,
    `asked`, `approved`; "" where the identity is not protected.
    """
    if not order.needs_second:
        return ""
    digest = protected_acts.digest(PACKAGE_CASE, order.case.id, order.office)
    rows = approvals.asked_by(reader, viewer.person, kind=PACKAGE_CASE, case_id=order.case.id)
    states = {row.state for row in rows if row.digest == digest and row.expires > now}
    if approvals.APPROVED in states:
        return "approved"
    return "asked" if approvals.ASKED in states else "ask"


def offer(
    reader: Reader,
    viewer: Viewer,
    order: HandOver,
    now: datetime,
    named: Callable[[Collection[str]], str],
) -> ArchiveOffer:
    """The package that the viewer may make, for a page.

    Args:
        named: classes of records in words.
    """
    second = second_person(reader, viewer, order, now)
    return ArchiveOffer(named(order.classes), ready=True, second=second)


def ask_second(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case_id: str, why: str
) -> str:
    """Ask a second person of one's office whether a package of a protected identity may be made;
    gives the id of the request.

    Raises:
        NotFound, NotPackable: as `require_hand_over` says; NotFound too where none is needed.
        InvalidAnswers: no reason, or one that is too long.
    """
    order = require_hand_over(tx, by, case_id)
    if not order.needs_second:
        raise NotFound
    return requests.ask(
        *(tx, services),
        by=by,
        now=now,
        kind=PACKAGE_CASE,
        case_id=case_id,
        subjects={"subject": order.office},
        digest=protected_acts.digest(PACKAGE_CASE, case_id, order.office),
        reason=why,
    )


def waiting_for_receipt(
    plan: RetentionPlan, record: str, kind: str, handed_over: Collection[str], today: date
) -> frozenset[str]:
    """The classes that a rule in force hands over, and of which no receipt is entered yet: until
    then nobody erases them.

    Args:
        handed_over: ids of the rules by which the office has handed them over.
    """
    return frozenset(
        klass
        for rule in plan.rules
        if rule.does == HAND_OVER and rule.counts_for(record, kind) and rule.id not in handed_over
        for first, last in [plan.in_force(rule)]
        if first <= today <= last
        for klass in rule.classes
    )
