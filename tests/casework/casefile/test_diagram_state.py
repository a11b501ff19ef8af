"""The state of each element after each fact: done, active, waiting, overdue, stopped."""

from __future__ import annotations

from dataclasses import replace

from service.casework.casefile.diagram_state import (
    DiagramMarks,
    DiagramState,
    element_states,
    load_diagram_state,
)
from tests.support.small_desk import START
from tests.support.world import World


def state(desk: World, case_id: str) -> DiagramState:
    with desk.database.transaction(write=False) as tx:
        return load_diagram_state(tx, desk.program.services, desk.case(case_id), desk.clock.now())


def test_each_fact_has_its_marks(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    shown = state(desk, case_id)
    assert sorted(shown.marks) == [0, 1, 2]
    assert element_states(shown, 0) == {}
    assert (element_states(shown, 1)["a"], element_states(shown, 2)["a"]) == ("active", "done")
    assert element_states(shown, 2)["b"] == "active"
    assert element_states(shown, 2)[START] == "done"


def test_what_is_late_or_stopped_is_marked_in_the_newest_state(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    shown = replace(state(desk, case_id), late=frozenset({"b"}))
    assert element_states(shown, 2)["b"] == "overdue"
    assert element_states(replace(shown, stopped=frozenset({"b"})), 2)["b"] == "incident"
    assert "b" not in element_states(shown, 1)


def test_a_fact_is_shown_on_the_release_of_its_time(desk: World, case_id: str) -> None:
    shown = state(desk, case_id)
    assert shown.on(1) is shown.release
    assert shown.defined(1) is shown.definition
    other = replace(shown.release, id="other")
    marks = {**shown.marks, 2: DiagramMarks((), (), "other")}
    moved = replace(shown, marks=marks, releases=(shown.release, other))
    assert (moved.newest, moved.on(2).id, moved.on(1).id) == (2, "other", shown.release.id)
