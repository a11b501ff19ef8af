"""The form of a sent answer is opened as it was; what it does not correct cannot be changed."""

from __future__ import annotations

from service.casework.corrections.correction_form import (
    CorrectionSession,
    open_correction,
    unsent_key,
)
from tests.casework.corrections.conftest import START, fact_of
from tests.support.world import World


def opened(desk: World, case: str, element: str) -> CorrectionSession:
    with desk.database.transaction(write=False) as tx:
        rev, now = fact_of(desk, case, element), desk.clock.now()
        return open_correction(tx, desk.program.services, desk.viewer(), case, rev, now)


def test_the_form_begins_as_it_was_sent(desk: World, case_id: str) -> None:
    session = opened(desk, case_id, "a")
    assert session.base == {
        "answer": ["YES"],
        "day": ["2026-04-01"],
        "note": ["She said so"],
        "contact": ["0700"],
    }
    assert session.check(session.base).faults == ()
    assert not session.changes(session.base).answers
    assert session.context.before == {"note": ["first words"]}, "what was answered before it"
    assert session.target.unsent_key == unsent_key(case_id, fact_of(desk, case_id, "a"))


def test_a_field_of_elsewhere_is_neither_drawn_nor_read(desk: World, case_id: str) -> None:
    session = opened(desk, case_id, START)
    drawn = [widget.key for section in session.draw(session.base) for widget in section.widgets]
    assert drawn == ["place"]
    typed = {"note": ["typed"], "place": ["Uppsala"], "correction.why": ["so"]}
    assert session.own(typed) == {"place": ["Uppsala"], "correction.why": ["so"]}
    assert session.changes(typed).answers == {"place": "Uppsala"}


def test_an_answer_that_is_emptied_is_taken_away(desk: World, case_id: str) -> None:
    session = opened(desk, case_id, "a")
    assert session.changes({**session.base, "note": [""]}).answers == {"note": None}
