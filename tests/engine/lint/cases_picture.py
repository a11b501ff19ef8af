"""Cases of the rules about the picture: a start, a step and an end, drawn badly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tests.engine.lint.case import Case
from tests.support.diagram_files import release
from tests.support.diagrams import line, task

_Rect: TypeAlias = tuple[int, int, int, int]
"""Left, top, width and height."""

STEPS: Mapping[str, _Rect] = {
    "s": (0, 20, 36, 36),
    "a": (100, 0, 100, 80),
    "e": (300, 20, 36, 36),
}
LEVEL = {"s_a": [(36, 38), (100, 38)], "a_e": [(200, 38), (300, 38)]}
OVER_EACH_OTHER = {
    "s_a": [(18, 56), (18, 120), (150, 120), (150, 80)],
    "a_e": [(120, 80), (120, 140), (318, 140), (318, 56)],
}
ON_EACH_OTHER = {
    "s_a": [(18, 56), (18, 120), (150, 120), (150, 80)],
    "a_e": [(120, 80), (120, 120), (318, 120), (318, 56)],
}


def drawn(
    steps: Mapping[str, _Rect] = STEPS,
    lines: Mapping[str, Sequence[tuple[int, int]]] = LEVEL,
    words: Mapping[str, _Rect] | None = None,
) -> bytes:
    """The diagram with a picture: rectangles of steps, corners of lines, and places of words by the
    id that they belong to.
    """
    places = words or {}
    parts = [
        f'<di:BPMNShape bpmnElement="{id_}">{_bounds(rect)}{_words(places.get(id_))}</di:BPMNShape>'
        for id_, rect in steps.items()
    ]
    for id_, corners in lines.items():
        points = "".join(f'<dd:waypoint x="{x}" y="{y}"/>' for x, y in corners)
        parts.append(
            f'<di:BPMNEdge bpmnElement="{id_}">{points}{_words(places.get(id_))}</di:BPMNEdge>'
        )
    picture = (
        '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"'
        ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
        ' xmlns:dd="http://www.omg.org/spec/DD/20100524/DI">'
        f'<di:BPMNPlane bpmnElement="p">{"".join(parts)}</di:BPMNPlane></di:BPMNDiagram>'
    )
    end = b"</bpmn:definitions>"
    return line(task()).replace(end, picture.encode() + end)


def _bounds(rect: _Rect) -> str:
    x, y, width, height = rect
    return f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _words(rect: _Rect | None) -> str:
    return f"<di:BPMNLabel>{_bounds(rect)}</di:BPMNLabel>" if rect else ""


def case(key: str, bad: bytes, good: bytes) -> Case:
    return Case(key, release(bad), release(good))


UNDER = (100, 90, 60, 14)
PICTURE = [
    case("D512", drawn(lines=OVER_EACH_OTHER), drawn()),
    case("D512.together", drawn(lines=ON_EACH_OTHER), drawn()),
    case(
        "D512.through",
        drawn({**STEPS, "a": (400, 0, 100, 80)}, {"s_a": [(36, 38), (400, 38)]}),
        drawn(
            {**STEPS, "a": (400, 0, 100, 80)}, {"s_a": [(18, 56), (18, 90), (450, 90), (450, 80)]}
        ),
    ),
    case(
        "D512.words",
        drawn(words={"a": (60, 30, 30, 14)}),
        drawn(words={"a": (60, 38, 30, 14)}),
    ),
    case(
        "D512.shapes",
        drawn({**STEPS, "e": (190, 20, 36, 36)}, {}),
        drawn({**STEPS, "e": (200, 20, 36, 36)}, {}),
    ),
    case(
        "D512.hidden",
        drawn(words={"s": (80, 60, 30, 14)}),
        drawn(words={"s": (70, 60, 30, 14)}),
    ),
    case(
        "D512.hidden",
        drawn(words={"s": UNDER, "a_e": (150, 95, 60, 14)}),
        drawn(words={"s": UNDER, "a_e": (160, 95, 60, 14)}),
    ),
]
