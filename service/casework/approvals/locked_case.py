"""Locked case: an ended case of which the plan of retention has locked what an office wrote, and
what somebody of that office may ask a second one to open to her again, and why not.

What opens is what she would see without the lock, and nothing more. Source: decisions/0120.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import CLASSES, Viewer
from service.casework.approvals.requests import OPEN_LOCKED
from service.casework.cases import case_visibility, protection
from service.casework.cases.case_visibility import CaseVisibility
from service.errors import NotFound
from service.records.context import Services
from service.store.at_hand import Reader
from service.store.casefile import cases
from service.store.installation import keys
from service.store.transaction import Tx


@dataclass(frozen=True)
class LockedCase:
    """An ended case in which something that her office wrote is locked, for one person there."""

    reader: Reader
    services: Services
    visibility: CaseVisibility
    case: cases.CaseSummary

    @property
    def classes(self) -> tuple[str, ...]:
        """The locked classes of what her office wrote."""
        locked = self.visibility.sight.locked.get(self.visibility.viewer.office, frozenset())
        return tuple(klass for klass in CLASSES if klass in locked)

    def why_not(self) -> str:
        """Why nothing of it can be opened to her, as a code; "" when it can."""
        if self.services.case_keys(self.reader, self.case.id).own is None:
            return "erased"
        if protection.is_protected(self.case.marking):
            return "protected"
        return "" if may_ask(self.services, self.visibility) else "nobody"


def may_ask(services: Services, visibility: CaseVisibility) -> bool:
    """Whether something that the viewer's office wrote is locked, and she has a role that may ask
    to open it.
    """
    rule = services.programme.approvals.kinds.get(OPEN_LOCKED)
    viewer = visibility.viewer
    asks = rule is not None and bool(viewer.roles & rule.ask)
    return asks and visibility.by_office and bool(visibility.sight.locked.get(viewer.office))


def load_locked_case(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> LockedCase:
    """Load an ended case in which something that the viewer's office wrote is locked.

    Raises:
        NotFound: there is no such case for her.
        ReasonNeeded: she must say first why she opens it.
    """
    case, at_hand = case_visibility.ask_case(tx, services, case_id, keys.read_of_case(case_id))
    visibility = case_visibility.load_case_visibility(at_hand, services, viewer, case, now)
    if not visibility.by_office or not visibility.sight.locked.get(viewer.office):
        raise NotFound
    return LockedCase(at_hand, services, visibility, case)
