"""A case as one person of a test sees it."""

from __future__ import annotations

from dataclasses import replace

from service.access import Viewer
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.pages import message_form, overview_tab, people_tab, records_tabs
from service.store.transaction import Tx
from tests.support.world import World


def view(tx: Tx, desk: World, case: str, *, by: str = "sara") -> CaseView:
    """Load the view of a case for one person, with what every tab reads."""
    services, viewer = desk.program.services, desk.viewer(by)
    more = [
        *overview_tab.reads_of_overview(case),
        *people_tab.reads_of_people(case),
        *records_tabs.reads_of_letters(case),
        *records_tabs.reads_of_history(case),
        *message_form.reads_of_message_form(viewer, case, "m"),
    ]
    return load_case_view(tx, services, viewer, case, desk.clock.now(), more=more)


def blind(at: CaseView) -> CaseVisibility:
    """What an auditor sees of the case: its process facts."""
    return replace(at.visibility, viewer=Viewer("p_a", "elsewhere", frozenset({"auditor"})))
