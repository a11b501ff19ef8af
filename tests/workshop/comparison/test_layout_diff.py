"""A box that moved is words, and a line that follows it is not counted."""

from __future__ import annotations

from service.engine import FileParts
from service.workshop.comparison.layout_diff import diff_layout
from service.workshop.comparison.release_changes import ChangeTexts, ReleaseChange

STEP = {"kind": "userTask", "@name": "Plan"}
OTHER = {"kind": "userTask", "@name": "Check"}
FLOW = {"kind": "sequenceFlow", "@sourceRef": "a", "@targetRef": "b"}
ELEMENTS = {"a": STEP, "b": OTHER, "f": FLOW}
DRAWN = {"": "one", "a": "x=1", "b": "x=2", "f": "1-2"}


def layout(drawing: dict[str, str], elements: dict[str, dict[str, str]]) -> list[ReleaseChange]:
    before, after = FileParts(ELEMENTS, DRAWN), FileParts(elements, drawing)
    return list(diff_layout(before, after, "workflows/a.bpmn", "Return", ChangeTexts("en")))


def test_nothing_moved_says_nothing() -> None:
    assert layout(DRAWN, ELEMENTS) == []


def test_a_line_that_follows_its_step_is_not_counted() -> None:
    (change,) = layout({**DRAWN, "a": "x=9", "f": "9-2"}, ELEMENTS)
    assert (change.kind, change.sign, change.moved) == ("text", "moved", (("a", "Plan"),))
    assert change.text.startswith("1 part of the drawing “Return” lies elsewhere")


def test_a_line_that_moved_alone_is_named_by_what_it_joins() -> None:
    (change,) = layout({**DRAWN, "f": "1-5-2"}, ELEMENTS)
    assert change.moved == (("f", "Plan → Check"),)


def test_a_step_that_came_is_told_as_that_and_not_as_moved() -> None:
    drawing = {**DRAWN, "c": "x=3", "f": "1-3"}
    elements = {**ELEMENTS, "c": STEP, "f": {**FLOW, "@targetRef": "c"}}
    assert layout(drawing, elements) == []


def test_another_plane_is_one_sentence() -> None:
    (change,) = layout({**DRAWN, "": "two"}, ELEMENTS)
    assert change.text == "The drawing “Return” is laid out otherwise."
