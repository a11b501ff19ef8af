"""How a diagram is drawn: planes with shapes and lines, and what each is called."""

from __future__ import annotations

import pytest

from service.engine import Box, drawn_planes
from service.errors import BadDiagram
from tests.support.tree import ROOT


def test_every_plane_of_the_shipped_process_is_read_whole() -> None:
    planes = drawn_planes((ROOT / "workflows" / "return_case.bpmn").read_bytes())
    first = planes[0]
    assert first.name == "Återvändande i tre steg"
    assert [plane.of for plane in planes[1:4]] == ["Sub_Step1", "Sub_Step2", "Sub_Step3"]
    shapes = {shape.id: shape for shape in first.shapes}
    start, step = shapes["Start_PersonIdentified"], shapes["Sub_Step1"]
    assert (start.kind, start.name) == ("startEvent", "Person identifierad")
    assert (start.box, start.label) == (Box(234, 327, 36, 36), Box(212, 367, 80, 28))
    assert (step.kind, step.is_open, shapes["Sub_Programme"].is_open) == ("subProcess", False, True)
    line = next(line for line in first.lines if line.id == "F_Start_Programme_Sub_Step1")
    assert (line.kind, line.corners[0]) == ("sequenceFlow", (408, 345))
    left, top, right, bottom = first.corners
    assert left < right
    assert top < bottom
    assert all(plane.shapes and plane.lines for plane in planes)


def test_an_event_says_what_it_waits_for_and_whether_it_ends() -> None:
    planes = drawn_planes((ROOT / "workflows" / "home_journey.bpmn").read_bytes())
    events = [shape for plane in planes for shape in plane.shapes if shape.kind == "boundaryEvent"]
    assert {shape.event for shape in events} >= {"timer", "message"}
    assert {shape.interrupts for shape in events} == {True, False}


def test_what_is_no_diagram_is_refused() -> None:
    with pytest.raises(BadDiagram):
        drawn_planes(b"no xml")
