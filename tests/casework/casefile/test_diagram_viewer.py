"""The viewer in the browser gets drawings, marks after each fact and lines of history."""

from __future__ import annotations

from typing import Any

import pytest

from service.casework.casefile.diagram_state import DiagramState, load_diagram_state
from service.casework.casefile.diagram_viewer import still_diagram_data, viewer_data
from tests.casework.casefile.conftest import release
from tests.support.world import NOON, World


def xml(release_id: str, file: str) -> str:
    return f"/drawings/{release_id}/{file}"


@pytest.fixture
def shown(desk: World, case_id: str) -> DiagramState:
    """The case after its first task."""
    desk.do(case_id, "a", {"answer": ["YES"]})
    with desk.database.transaction(write=False) as tx:
        return load_diagram_state(tx, desk.program.services, desk.case(case_id), NOON)


def test_the_newest_state_is_one_step(shown: DiagramState) -> None:
    data = viewer_data(shown, lang="en", xml=xml, hidden=["b"])
    assert [(step["rev"], step["release"]) for step in data["steps"]] == [(2, 0)]
    assert data["moments"]["2"]["tokens"] == [["b", "active", 1]]
    assert ["a", 1] in data["moments"]["2"]["done"]
    assert (data["at"], data["hidden"]) == (0, ["b"])


def test_a_replay_has_what_is_new_in_each_moment(shown: DiagramState) -> None:
    rows: list[dict[str, Any]] = [{"n": 1, "rev": 1}, {"n": 2, "rev": 0}, {"n": 3, "rev": 2}]
    data = viewer_data(shown, lang="en", xml=xml, at=2, steps=rows)
    assert [step["rev"] for step in data["steps"]] == [1, 1, 2], "a line without fact stays"
    assert data["at"] == 1
    first, second = data["moments"]["1"]["done"], data["moments"]["2"]["done"]
    assert not [mark for mark in first if mark in second]


def test_the_drawings_of_a_release_have_their_address(shown: DiagramState) -> None:
    (drawn,) = viewer_data(shown, lang="en", xml=xml)["releases"]
    (file,) = drawn["files"]
    assert file["xml"] == xml(shown.release.id, file["file"])
    assert drawn["name"] == f"v{shown.release.number}"


def test_a_drawing_without_a_case_has_no_marks() -> None:
    data = still_diagram_data(release(), "0.bpmn", xml)
    assert data["moments"] == {"0": {"tokens": [], "done": []}}
    assert data["releases"][0]["files"][0]["file"] == "0.bpmn"
