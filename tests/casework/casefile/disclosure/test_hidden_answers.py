"""What is hidden from a viewer is told apart from what nobody has filled in."""

from __future__ import annotations

from service.access import Viewer
from service.casework.casefile import notes
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.disclosure.hidden_answers import (
    hidden_documents,
    hidden_groups,
    hides,
    hides_notes,
)
from service.store.transaction import Tx
from tests.support.world import World

AUDITOR = Viewer("p_a", "elsewhere", frozenset({"auditor"}), "en")


def view(tx: Tx, desk: World, case_id: str, viewer: Viewer) -> CaseView:
    return load_case_view(tx, desk.program.services, viewer, case_id, desk.clock.now())


def test_an_auditor_is_told_what_is_hidden(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        hers, auditors = (view(tx, desk, case_id, who) for who in (desk.viewer(), AUDITOR))
        assert hidden_groups(hers) == ()
        assert hidden_groups(auditors) == ("Plain",)
        assert (hides(hers, ["note"]), hides(auditors, ["note"])) == (False, True)
        assert not hides(auditors, ["answer"]), "no form that was sent asks it"
        assert (hidden_documents(auditors), hides_notes(auditors, 0)) == (0, False)
        notes.write(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            case_id=case_id,
            text="a note",
            shared=(),
        )
    with desk.database.transaction(write=False) as tx:
        hers, auditors = (view(tx, desk, case_id, who) for who in (desk.viewer(), AUDITOR))
        assert hides_notes(auditors, 0)
        assert not hides_notes(hers, 1)
