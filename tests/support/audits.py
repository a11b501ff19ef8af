"""Auditors of tests: the matter for which they look, and what two people unmask for them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from service.access import Viewer, can_act
from service.application.container import Tresteg
from service.casework.approvals import unmasking
from service.casework.cases import audit_matter

MATTER: Final = "Tillsyn 2026-4"
"""What auditors look for when a test does not say."""


def state_matter(program: Tresteg, by: Viewer, now: datetime, words: str = MATTER) -> None:
    """An auditor who has signed in states for which matter she looks; nobody else has one."""
    if can_act(by, "audit"):
        with program.database.transaction() as tx:
            audit_matter.state_matter(tx, program.services, by=by, now=now, words=words)


def unmask(
    program: Tresteg, auditor: Viewer, second: Viewer, now: datetime, case: str, *classes: str
) -> str:
    """An auditor asks for classes of a case and a second person says yes; the id of the request."""
    services = program.services
    with program.database.transaction() as tx:
        id_ = unmasking.ask(
            tx, services, by=auditor, now=now, case_id=case, classes=classes, reason="A complaint"
        )
        unmasking.decide(tx, services, by=second, now=now, id_=id_, approve=True)
    return id_
