"""The explanation of a turn: who did what, and which gateway led on."""

from __future__ import annotations

from service.casework.commands import button_preview
from service.casework.tasks import explanation
from tests.casework.tasks.sessions import session
from tests.support.world import World


def test_the_turns_that_opened_and_closed_a_task_are_found(desk: World, case: str) -> None:
    desk.do(case, "a")
    history = desk.facts(case)
    opened, closed = (
        explanation.opened_by(history, "a", 1),
        explanation.closed_by(history, "a", 1),
    )
    assert opened is not None
    assert closed is not None
    assert (opened.kind, closed.kind, closed.element) == ("start", "complete", "a")
    assert explanation.closed_by(history, "b", 1) is None


def test_a_turn_is_told_with_person_and_office(desk: World, case: str) -> None:
    desk.do(case, "a", by="stina")
    history = desk.facts(case)
    with desk.database.transaction(write=False) as tx:
        found = session(tx, desk, case, "b")
        explainer = explanation.load_turn_explainer(
            tx, found.services, found.target.visibility, found.target.newest, history
        )
    sentence = explainer.did(history[-1])
    assert "Stina" in sentence
    assert "2026-03-02 13:00" in sentence
    assert explainer.led(history[-1]) == []


def test_names_read_by_a_condition_are_found() -> None:
    names = {"answer": "string", "sent": "number"}
    assert button_preview.names_read('=answer = "YES"', names) == {"answer"}
    assert button_preview.names_read("", names) == frozenset()
    assert button_preview.names_read("=((", names) == names.keys()
