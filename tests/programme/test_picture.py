"""The diagrams are drawn for people: nothing lies on anything else, lines meet borders, words can
be read.
"""

from __future__ import annotations

from itertools import combinations

import pytest

from service.engine.bpmn.drawn_planes import drawn_planes
from service.engine.bpmn.legibility import LINES_CROSS, clashes, leads_back

from .picture import COLLAPSED, CONTAINERS, LEAFLET, WORKFLOWS, Picture, element, local

PROCESSES = sorted(path.stem for path in WORKFLOWS.glob("*.bpmn"))
LEAST_WIDTH, LEAST_HEIGHT = 130, 80
SCREEN = 2000
CROSSINGS = 5
"""Of lines, in all diagrams together: a figure to lower, never to raise."""
LEADING_BACK = 70
"""Flows to a step further left; a loop needs one."""
WIDE, NARROW = 8.4, 6.4
"""Widest average pixels of a capital and of a small letter in a 12 px sans-serif face."""


PLANES = [(process, plane) for process in PROCESSES for plane in Picture(process).planes]


@pytest.fixture(scope="module", params=PLANES, ids="-".join)
def picture(request: pytest.FixtureRequest) -> Picture:
    return Picture(*request.param)


@pytest.mark.parametrize("process", PROCESSES)
def test_every_element_is_drawn_once(process: str) -> None:
    picture = Picture(process)
    parts = (
        "self::b:participant|self::b:lane|self::b:sequenceFlow|self::b:messageFlow"
        "|self::b:subProcess|self::b:callActivity|self::b:textAnnotation|self::b:association"
    )
    steps = (
        "contains(local-name(),'Event') and @id and not(contains(local-name(),'Definition'))"
        "|contains(local-name(),'Task')|contains(local-name(),'Gateway')"
    )
    nodes = [
        *element(picture.root, f"//b:*[{parts}]"),
        *(n for part in steps.split("|") for n in element(picture.root, f"//b:*[{part}]")),
    ]
    wanted = {str(node.get("id")) for node in nodes}
    drawn = [
        str(node.get("bpmnElement")) for node in element(picture.root, "//i:BPMNShape|//i:BPMNEdge")
    ]
    assert sorted(drawn) == sorted(wanted)


def test_nothing_hides_anything_else_and_few_lines_cross() -> None:
    found = [
        (process, clash)
        for process in PROCESSES
        for plane in drawn_planes((WORKFLOWS / f"{process}.bpmn").read_bytes())
        for clash in clashes(plane)
    ]
    assert [one for one in found if one[1].kind != LINES_CROSS] == []
    crossings = [(process, clash.one, clash.other) for process, clash in found]
    assert len(crossings) <= CROSSINGS, crossings


def test_most_flows_lead_to_the_right() -> None:
    back = [
        (process, flow)
        for process in PROCESSES
        for plane in drawn_planes((WORKFLOWS / f"{process}.bpmn").read_bytes())
        for flow in leads_back(plane)
    ]
    assert len(back) <= LEADING_BACK, back


def test_the_journey_is_read_on_sheets_of_at_most_25_steps() -> None:
    sheets = drawn_planes((WORKFLOWS / "home_journey.bpmn").read_bytes())
    steps = {
        sheet.of: sum(shape.kind not in ("lane", "participant") for shape in sheet.shapes)
        for sheet in sheets
    }
    assert max(steps.values()) <= 25, steps


def test_sub_processes_contain_or_avoid_each_other(picture: Picture) -> None:
    frames = [s for s in picture.shapes.values() if s.kind in CONTAINERS]
    clashes = [
        (a.id, b.id)
        for a, b in combinations(frames, 2)
        if a.box.meets(b.box) and not a.box.holds(b.box) and not b.box.holds(a.box)
    ]
    assert clashes == []


def test_a_step_is_drawn_in_its_lane_and_its_sub_process(picture: Picture) -> None:
    outside = []
    shapes = picture.shapes
    for lane in element(picture.root, "//b:lane"):
        loaded = [str(ref.text) for ref in element(lane, "b:flowNodeRef")]
        drawn = shapes.get(str(lane.get("id")))
        outside += [id_ for id_ in loaded if drawn and not drawn.box.holds(shapes[id_].box)]
    for frame in (s for s in shapes.values() if s.kind == "subProcess"):
        inside = [str(child.get("id")) for child in picture.elements[frame.id]]
        outside += [id_ for id_ in inside if id_ in shapes and not frame.box.holds(shapes[id_].box)]
    assert outside == []


def test_labels_are_wholly_inside_or_outside_a_lane(picture: Picture) -> None:
    lanes = [s for s in picture.shapes.values() if s.kind == "lane"]
    cut = [
        (id_, lane.id)
        for id_, label in picture.labels.items()
        for lane in lanes
        if label.meets(lane.box) and not lane.box.holds(label)
    ]
    assert cut == []


def test_lines_are_level_or_upright_and_begin_and_end_on_borders(picture: Picture) -> None:
    crooked = [
        edge.id
        for edge, start, end in picture.segments()
        if start[0] != end[0] and start[1] != end[1]
    ]
    loose = [
        e.id
        for e in picture.edges.values()
        if not picture.shapes[e.source].touches(e.points[0])
        or not picture.shapes[e.target].touches(e.points[-1])
    ]
    assert (crooked, loose) == ([], [])


def test_no_line_enters_the_inside_of_the_steps_it_joins(picture: Picture) -> None:
    boxes = {
        s.id: s.box
        for s in picture.shapes.values()
        if s.kind not in CONTAINERS and not s.kind.endswith("Gateway")
    }
    cut = [
        (e.id, id_)
        for e, start, end in picture.segments()
        for id_ in (e.source, e.target)
        if id_ in boxes and boxes[id_].cut_by(start, end)
    ]
    assert cut == []


def test_border_events_sit_on_the_border_of_their_step(picture: Picture) -> None:
    loose = []
    for shape in picture.shapes.values():
        if shape.attached_to:
            middle = (shape.box.x + shape.box.width / 2, shape.box.y + shape.box.height / 2)
            loose += [] if picture.shapes[shape.attached_to].touches(middle) else [shape.id]
    assert loose == []


def test_boxes_are_large_enough_for_their_words(picture: Picture) -> None:
    boxes = [
        s for s in picture.shapes.values() if s.kind.endswith("Task") or s.kind == "callActivity"
    ]
    small = [s.id for s in boxes if s.box.width < LEAST_WIDTH or s.box.height < LEAST_HEIGHT]
    narrow = [
        s.id
        for s in boxes
        for word in str(picture.elements[s.id].get("name")).split()
        if sum(WIDE if letter.isupper() else NARROW for letter in word) > s.box.width
    ]
    assert (small, narrow) == ([], [])


def test_every_named_flow_and_event_has_a_place_for_its_words(picture: Picture) -> None:
    named_fields = [
        id_ for id_, s in picture.shapes.items() if s.kind.endswith(("Event", "Gateway"))
    ] + list(picture.edges)
    assert [
        id_
        for id_ in named_fields
        if picture.elements[id_].get("name") and id_ not in picture.labels
    ] == []


def test_the_steps_stand_in_a_row_each_on_a_plane_of_its_own() -> None:
    picture = Picture("return_case")
    steps = [picture.shapes[f"Sub_Step{n}"] for n in (1, 2, 3)]
    assert {(step.kind, step.box.y, step.box.height) for step in steps} == {
        (COLLAPSED, steps[0].box.y, steps[0].box.height)
    }
    assert sorted(step.box.x for step in steps) == [step.box.x for step in steps]
    assert {step.id for step in steps} < set(picture.planes)
    assert picture.shapes["Pool_return_case"].box.width <= SCREEN


def test_a_collapsed_frame_has_a_plane_and_a_plane_a_frame() -> None:
    for process in PROCESSES:
        planes = [*Picture(process).planes]
        collapsed = {
            shape.id
            for plane in planes
            for shape in Picture(process, plane).shapes.values()
            if shape.kind == COLLAPSED
        }
        assert collapsed == set(planes[1:])


def test_the_first_sheet_is_the_leaflet_in_its_order() -> None:
    picture = Picture("return_case")
    notes = [
        note
        for note in element(picture.root, "//b:textAnnotation")
        if str(note.get("id")) in picture.shapes
    ]
    words = [element(note, "b:text")[0].text or "" for note in notes]
    assert [text.partition(" – ")[0] for text in words] == list(LEAFLET)
    joined = {
        str(line.get("targetRef")): str(line.get("sourceRef"))
        for line in element(picture.root, "//b:association")
    }
    beside = [joined[str(note.get("id"))] for note in notes]
    assert beside == ["Sub_Step1"] * 4 + ["Sub_Step2"] * 5 + ["Sub_Step3"] * 3


def test_twelve_words_of_the_leaflet_begin_a_label_in_capitals() -> None:
    names = [
        str(node.get("name"))
        for process in PROCESSES
        for node in Picture(process).elements.values()
        if local(node) in {"userTask", "serviceTask", "callActivity"}
    ]
    assert [word for word in LEAFLET if not any(name.startswith(word) for name in names)] == []


def test_the_returnee_stands_above_and_the_partners_below() -> None:
    picture = Picture("return_case")
    above, below = picture.shapes["Pool_Returnee"], picture.shapes["Pool_Partners"]
    case = picture.shapes["Pool_return_case"].box
    assert [picture.elements[pool.id].get("processRef") for pool in (above, below)] == [None, None]
    assert above.box.bottom < case.y
    assert case.bottom < below.box.y
    assert {(e.source, e.target) for e in picture.edges.values() if e.kind == "messageFlow"} == {
        ("Sub_Step1", "Pool_Returnee"),
        ("Pool_Returnee", "Sub_Step2"),
        ("Sub_Step2", "Pool_Returnee"),
        ("Pool_Returnee", "Sub_Step3"),
        ("Pool_Returnee", "Bnd_Withdrawn"),
        ("Sub_Step3", "Pool_Partners"),
    }
