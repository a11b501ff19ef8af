"""What of a drawing counts as hard to read, and what does not. The linter's sentences have their
cases in tests/engine/lint/cases_picture.py.
"""

from __future__ import annotations

from service.engine.bpmn.drawn_planes import Box, DrawnLine, DrawnPlane, DrawnShape
from service.engine.bpmn.legibility import (
    LINE_THROUGH_SHAPE,
    LINES_CROSS,
    WORDS_ON_SHAPE,
    Clash,
    clashes,
    leads_back,
)


def shape(
    id_: str, x: float, y: float, kind: str = "userTask", host: str = "", label: Box | None = None
) -> DrawnShape:
    large = kind == "userTask"
    box = Box(x, y, 100 if large else 40, 80 if large else 40)
    return DrawnShape(id_, kind, id_, box, label, "", False, True, host)


def line(source: str, target: str, *corners: tuple[float, float]) -> DrawnLine:
    return DrawnLine(f"{source}_{target}", "sequenceFlow", "", source, target, corners, None)


def plane(shapes: list[DrawnShape], *lines: DrawnLine) -> DrawnPlane:
    return DrawnPlane("p", "", tuple(shapes), lines)


A, B = shape("a", 0, 0), shape("b", 200, 0)


def test_lines_to_one_step_may_run_together_and_may_not_cross() -> None:
    c = shape("c", 0, 200)
    joined = line("c", "b", (100, 240), (150, 240), (150, 40), (200, 40))
    assert clashes(plane([A, B, c], line("a", "b", (100, 40), (200, 40)), joined)) == []
    beyond = line("c", "b", (50, 200), (50, 160), (150, 160), (150, -20), (250, -20), (250, 0))
    assert clashes(plane([A, B, c], line("a", "b", (100, 40), (200, 40)), beyond)) == [
        Clash(LINES_CROSS, "a_b", "c_b")
    ]


def test_lines_that_cross_twice_are_one_clash() -> None:
    over = line("b", "a", (250, 80), (250, 120), (120, 120), (120, 20), (180, 20), (180, 60))
    assert clashes(plane([A, B], line("a", "b", (100, 40), (200, 40)), over)) == [
        Clash(LINES_CROSS, "a_b", "b_a")
    ]


def test_a_sloping_line_is_in_the_way_where_it_runs_and_nowhere_else() -> None:
    far = shape("d", 400, 300)
    cut = line("a", "d", (100, 0), (400, 300))
    assert clashes(plane([A, far, shape("m", 200, 120)], cut)) == [
        Clash(LINE_THROUGH_SHAPE, "a_d", "m")
    ]
    assert clashes(plane([A, far, shape("m", 300, 10)], cut)) == []


def test_a_line_may_leave_an_event_across_the_step_that_it_sits_on() -> None:
    event = shape("t", 30, 60, "boundaryEvent", "a")
    assert clashes(plane([A, B, event], line("t", "b", (50, 60), (50, 20), (200, 20)))) == []


def test_words_may_lie_in_the_corner_of_a_diamond() -> None:
    gateway = shape("g", 0, 200, "exclusiveGateway")
    beside, on = Box(30, 190, 60, 16), Box(20, 190, 60, 16)
    assert clashes(plane([gateway, shape("a", 0, 0, label=beside)])) == []
    assert clashes(plane([gateway, shape("a", 0, 0, label=on)])) == [
        Clash(WORDS_ON_SHAPE, "a", "g")
    ]


def test_a_flow_leads_back_when_its_target_stands_further_left() -> None:
    below = shape("c", 0, 200)
    drawn = plane(
        [A, B, below],
        line("a", "b", (100, 40), (200, 40)),
        line("b", "c", (250, 80), (250, 240), (100, 240)),
        line("a", "c", (50, 80), (50, 200)),
    )
    assert leads_back(drawn) == ["b_c"]
