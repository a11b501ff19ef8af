"""The preview: every shipped form is drawn and checked with invented answers, of no case."""

from __future__ import annotations

from service.access import Viewer
from service.workshop.forms.form_pages import load_draft_forms
from service.workshop.forms.form_preview import FormPreview, draw_preview
from tests.support.world import World, shipped

MAJA = Viewer("p_maja", "", frozenset({"owner"}), zone="Europe/Stockholm")


def test_every_form_is_drawn_with_invented_answers(shipped_world: World) -> None:
    services = shipped_world.program.services
    draft = load_draft_forms(shipped(), services, "sv")
    with shipped_world.program.database.transaction(write=False) as tx:

        def drawn(form: str, **how: object) -> FormPreview:
            return draw_preview(
                tx,
                services,
                draft.bundle,
                draft.forms[form],
                draft.forms,
                viewer=MAJA,
                now=shipped_world.clock.now(),
                **{"lang": "sv", **how},  # type: ignore[arg-type]  # each has its own type
            )

        for id_ in draft.forms:
            assert drawn(id_, invented=True, checked=True).sections, id_
        fine = drawn("take_alarm", invented=True, checked=True)
        assert fine.faults == ()
        english = drawn("referral_decision", lang="en")
        assert english.sections[0].label == "Decision"
        assert english.buttons == ("Approve", "Return for completion", "Reject")
        seen = drawn("risk_assessment", role="RegionalCoordinator", stage="2")
        assert seen.seen < seen.asked
