"""The page of a comparison: two sides, lines by class with their places, marks on diagrams."""

from __future__ import annotations

import re

import pytest

from service.errors import NotFound
from service.release.bundle import Bundle
from service.workshop.comparison_page import (
    ComparedSide,
    Comparison,
    Jump,
    compare_sides,
    load_release_side,
)
from tests.support.world import World, shipped

CASE, DEADLINES = "workflows/return_case.bpmn", "workflows/deadlines.dmn"
FIRST = "Task_OfferReturnInformation"


def compared(world: World, after: Bundle, handlers: dict[str, str] | None = None) -> Comparison:
    old = ComparedSide("a", "v1", 1, shipped(), {"letters.notify_iom": "tree1:a"})
    new = ComparedSide("b", "v2", 0, after, handlers or dict(old.handlers))
    return compare_sides(world.program.services, old, new, "en")


def with_text(bundle: Bundle, file: str, was: str, now: str) -> Bundle:
    text = bundle.text(file)
    assert was in text
    return bundle.with_file(file, text.replace(was, now, 1).encode())


def test_lines_stand_by_class_with_their_place(shipped_world: World) -> None:
    after = with_text(shipped(), CASE, 'dueDate="P5D"', 'dueDate="P7D"')
    after = with_text(after, DEADLINES, '"P3D"', '"P4D"')
    after = with_text(after, "forms/new_case.form", '"label": "Bed', '"label": "Om bed')
    found = compared(shipped_world, after)
    assert [kind for kind, _ in found.groups] == ["rule", "who", "text"]
    places = {kind: lines[0].jump for kind, lines in found.groups}
    assert places["who"] == places["text"] == Jump("return_case.bpmn", FIRST)
    assert places["rule"] == Jump("return_case.bpmn", "Rule_Deadlines")
    assert found.marks == {
        "return_case.bpmn": {FIRST: "changed", "Rule_Deadlines": "changed"},
    }
    assert found.files == ("forms/new_case.form", DEADLINES, CASE)
    assert found.diagrams[0] == "return_case.bpmn"
    assert found.titles["return_case.bpmn"] == "Return in three steps"


def test_what_moved_is_marked_where_nothing_else_is(shipped_world: World) -> None:
    drawn = re.search(rf'bpmnElement="{FIRST}">\s*<dc:Bounds x="', shipped().text(CASE))
    assert drawn
    moved = with_text(shipped(), CASE, drawn[0], f"{drawn[0]}1")
    found = compared(shipped_world, moved)
    assert found.marks == {"return_case.bpmn": {FIRST: "moved"}}
    ((kind, (line,)),) = found.groups
    assert kind == "text"
    assert line.moved == (("New case: offer information", Jump("return_case.bpmn", FIRST)),) or (
        line.moved[0][1] == Jump("return_case.bpmn", FIRST)
    )
    renamed = with_text(moved, CASE, "NYTT ÄRENDE – erbjud", "NYTT ÄRENDE – ge")
    assert compared(shipped_world, renamed).marks["return_case.bpmn"][FIRST] == "changed"


def test_a_changed_handler_is_a_difference_of_equal_files(shipped_world: World) -> None:
    same = compared(shipped_world, shipped())
    assert (same.groups, same.files) == ((), ())
    found = compared(shipped_world, shipped(), {"letters.notify_iom": "tree1:b"})
    ((kind, (line,)),) = found.groups
    assert kind == "code"
    assert line.jump == Jump("return_case.bpmn", "Svc_NotifyIomHelsinki")


def test_a_release_is_loaded_with_its_handlers_and_is_intact(shipped_world: World) -> None:
    with shipped_world.program.database.transaction(write=False) as tx:
        live = shipped_world.program.services.current(tx)
        side = load_release_side(tx, live.id)
        assert (side.name, side.intact, side.is_draft) == ("v1", True, False)
        assert "letters.notify_iom" in side.handlers
        for unknown in ("f" * 64, "nope"):
            with pytest.raises(NotFound):
                load_release_side(tx, unknown)
