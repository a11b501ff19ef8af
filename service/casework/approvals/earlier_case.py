"""Earlier case, which has ended and which an open one continues: what an office may ask a second
person to open of it again, and why not.

An office that takes a call after the end works in a new case, and sees little of the old one. What
it may ask for is what it saw on the last day of the old case, of classes C2 and C3, while the new
case is open and its own. Source: decisions/0106.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from service.access import Sight, Viewer
from service.casework.approvals.requests import OPEN_ENDED
from service.casework.cases import case_visibility, continuation, grants, protection
from service.casework.cases.case_visibility import CaseVisibility
from service.errors import NotFound
from service.records.context import Services
from service.store.at_hand import Reader
from service.store.casefile import cases
from service.store.installation import keys
from service.store.transaction import Tx

AFTER_END: Final = ("C2", "C3")
"""Classes that can be opened again."""


@dataclass(frozen=True)
class EarlierCase:
    """An ended case that an open one continues, for one person of an office."""

    reader: Reader
    services: Services
    visibility: CaseVisibility
    case: cases.CaseSummary
    now: datetime

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles of hers that may ask."""
        rule = self.services.programme.approvals.kinds.get(OPEN_ENDED)
        return self.visibility.viewer.lane_roles & (rule.ask if rule is not None else frozenset())

    @cached_property
    def before(self) -> Sight | None:
        """The case as those roles knew it on its last day."""
        sight = self.visibility.sight
        return grants.load_sight_before_end(
            self.reader, self.services, self.case, sight, self.roles
        )

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes of which her office saw something on that day."""
        if self.before is None:
            return ()
        stage, held = self.before.stage, self.before.grants_of(self.visibility.viewer)
        matrix = self.visibility.matrix
        return tuple(
            klass
            for klass in AFTER_END
            if any(klass in one.classes and matrix.shows(one.role, stage, klass) for one in held)
        )

    def why_not(self) -> str:
        """Why nothing of it can be opened to her, as a code; "" when it can."""
        if self.services.case_keys(self.reader, self.case.id).own is None:
            return "erased"
        if protection.is_protected(self.case.marking):
            return "protected"
        if OPEN_ENDED not in self.services.programme.approvals.kinds:
            return "nobody"
        return "" if self.classes else "nothing"

    def why_not_in(self, case_id: str) -> str:
        """Why nothing of it can be opened for a case that continues it, as a code; "" when it can:
        that case is open, not of a protected identity, and her office holds one of the roles in it.
        """
        case = cases.get(self.reader, case_id) if case_id else None
        if case is None or case.status == "ended":
            return "over"
        if protection.is_protected(case.marking):
            return "protected"
        viewer = self.visibility.viewer
        try:
            sight = case_visibility.load_unexplained_visibility(
                self.reader, self.services, viewer, case, self.now
            ).sight
        except NotFound:
            return "role"
        held = {grant.role for grant in sight.grants_of(viewer) if grant.role in self.roles}
        return "" if any(sight.parties.get(role) == viewer.office for role in held) else "role"


def load_earlier_case(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> EarlierCase:
    """Load the ended case that an open one continues.

    Raises:
        NotFound: there is no such open case for her, or it continues none that she sees.
        ReasonNeeded: she must say first why she opens the open case.
    """
    links = continuation.read_of_links(case_id), keys.read_of_case(case_id)
    case, at_hand = case_visibility.ask_case(tx, services, case_id, *links)
    seen = case_visibility.load_case_visibility(at_hand, services, viewer, case, now)
    if not seen.by_office:
        raise NotFound
    linked = continuation.load_case_links(tx, at_hand, services, viewer, case_id, now)
    old = cases.get(tx, linked.before.case) if linked.before is not None else None
    if old is None or old.status != "ended":
        raise NotFound
    visibility = case_visibility.load_unexplained_visibility(tx, services, viewer, old, now)
    return EarlierCase(tx, services, visibility, old, now)
