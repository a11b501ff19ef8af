"""The commands of unmasking: asking, deciding and ending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.approvals import requests, unmasking
from service.records.context import Services
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class AskUnmasking:
    """Ask a second person to unmask classes of one case."""

    case_id: str
    classes: tuple[str, ...]
    reason: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> str:
        """Ask, and give the id of the request. Raises what `unmasking.ask` raises."""
        about = {"case_id": self.case_id, "reason": self.reason}
        return unmasking.ask(tx, services, by=by, now=now, classes=self.classes, **about)


@dataclass(frozen=True, slots=True)
class DecideUnmasking:
    """Approve a request to unmask, or decline it with a reason."""

    approval: str
    approve: bool
    reason: str = ""

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Decide. Raises what `unmasking.decide` raises."""
        unmasking.decide(
            tx,
            services,
            by=by,
            now=now,
            id_=self.approval,
            approve=self.approve,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class EndUnmasking:
    """Mask a case again before the time is over, or take back what one has asked for."""

    approval: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """End it. Raises what `requests.end` raises."""
        requests.end(tx, services, by=by, now=now, id_=self.approval)
