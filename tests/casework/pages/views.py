"""A case as one person of a test sees it."""

from __future__ import annotations

from dataclasses import replace

from service.access import Viewer
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.cases.case_visibility import CaseVisibility
from service.store.transaction import Tx
from tests.support.world import World


def view(tx: Tx, desk: World, case: str, *, by: str = "sara") -> CaseView:
    """Load the view of a case for one person."""
    return load_case_view(tx, desk.program.services, desk.viewer(by), case, desk.clock.now())


def blind(at: CaseView) -> CaseVisibility:
    """What an auditor sees of the case: its process facts."""
    return replace(at.visibility, viewer=Viewer("p_a", "elsewhere", frozenset({"auditor"})))
