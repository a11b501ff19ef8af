"""What a diagram file draws: shapes, edges and labels with their places, for tests that look at the
picture as a person would.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import hypot
from pathlib import Path

from lxml import etree

WORKFLOWS = Path(__file__).parents[2] / "workflows"
NAMES = {
    "b": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "i": "http://www.omg.org/spec/BPMN/20100524/DI",
    "c": "http://www.omg.org/spec/DD/20100524/DC",
    "d": "http://www.omg.org/spec/DD/20100524/DI",
    "z": "http://camunda.org/schema/zeebe/1.0",
}
LEAFLET = (
    "NYTT ÄRENDE",
    "HÄNVISNING",
    "MEDDELANDE",
    "STÖD",
    "VÄLGRUNDAT BESLUT",
    "BEHOVSINVENTERING",
    "ÅTERINTEGRATIONSPLAN",
    "RISKHANTERING",
    "FÖRBEREDELSE INFÖR OCH UNDER HEMRESAN",
    "ÅTERINTEGRATIONSSTÖD",
    "UPPFÖLJNING",
    "ÅTERKOPPLING",
)
"""The twelve nodes, as the leaflet of 2016 words them, in its order."""
CONTAINERS = frozenset({"participant", "lane", "subProcess"})
COLLAPSED = "collapsedSubProcess"
"""A sub-process that is drawn as a box here, and open on a plane of its own."""
ON_EDGE = 0.6
"""Whole pixels are written; a middle may lie between two."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower side."""
        return self.y + self.height

    def meets(self, other: Box, *, room: float = 0) -> bool:
        """Do the two share an area, or come nearer than `room`?"""
        return (
            self.x - room < other.right
            and other.x - room < self.right
            and self.y - room < other.bottom
            and other.y - room < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Does the other lie wholly inside?"""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def cut_by(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Does a level or upright line run through the inside?"""
        return self.meets(
            Box(
                min(start[0], end[0]),
                min(start[1], end[1]),
                abs(start[0] - end[0]),
                abs(start[1] - end[1]),
            )
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """One drawn element."""

    id: str
    kind: str
    box: Box
    label: Box | None
    attached_to: str

    def touches(self, point: tuple[float, float]) -> bool:
        """Does the point lie on the border: of the rectangle, the circle or the diamond?"""
        x, y = (
            point[0] - self.box.x - self.box.width / 2,
            point[1] - self.box.y - self.box.height / 2,
        )
        if self.kind.endswith("Gateway"):
            return (
                abs(abs(x) / self.box.width + abs(y) / self.box.height - 1 / 2) * self.box.width
                < 2 * ON_EDGE
            )
        if self.kind.endswith("Event"):
            return abs(hypot(x, y) - self.box.width / 2) < ON_EDGE
        across, along = abs(x) - self.box.width / 2, abs(y) - self.box.height / 2
        return (abs(across) < ON_EDGE and along < ON_EDGE) or (
            abs(along) < ON_EDGE and across < ON_EDGE
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """One drawn flow."""

    id: str
    kind: str
    source: str
    target: str
    points: tuple[tuple[float, float], ...]
    label: Box | None


def element(node: etree._Element, path: str) -> list[etree._Element]:
    """Elements under a node, by a path with the short prefixes of this module."""
    found = node.xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, etree._Element)]


def local(node: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(node).localname


class Picture:
    """One plane of a diagram file; without a name the first one, which shows the whole."""

    def __init__(self, process: str, plane: str = "") -> None:
        self.process = process
        self.root = etree.fromstring((WORKFLOWS / f"{process}.bpmn").read_bytes())
        self.elements = {str(node.get("id")): node for node in element(self.root, "//b:*[@id]")}
        self.planes = {
            str(node.get("bpmnElement")): node for node in element(self.root, "//i:BPMNPlane")
        }
        self.plane = self.planes[plane or next(iter(self.planes))]

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """Shapes by element id."""
        found = {}
        for node in element(self.plane, "i:BPMNShape"):
            id_ = str(node.get("bpmnElement"))
            drawn = self.elements[id_]
            found[id_] = Shape(
                id_,
                COLLAPSED if node.get("isExpanded") == "false" else local(drawn),
                _box(element(node, "c:Bounds")[0]),
                _label(node),
                drawn.get("attachedToRef", ""),
            )
        return found

    @cached_property
    def edges(self) -> dict[str, Edge]:
        """Flows by element id."""
        found = {}
        for node in element(self.plane, "i:BPMNEdge"):
            id_ = str(node.get("bpmnElement"))
            drawn = self.elements[id_]
            points = tuple(
                (float(p.get("x", 0)), float(p.get("y", 0))) for p in element(node, "d:waypoint")
            )
            found[id_] = Edge(
                id_,
                local(drawn),
                drawn.get("sourceRef", ""),
                drawn.get("targetRef", ""),
                points,
                _label(node),
            )
        return found

    @cached_property
    def labels(self) -> dict[str, Box]:
        """Places of the texts that stand beside shapes and flows."""
        both: list[Shape | Edge] = [*self.shapes.values(), *self.edges.values()]
        return {one.id: one.label for one in both if one.label is not None}

    def segments(self) -> list[tuple[Edge, tuple[float, float], tuple[float, float]]]:
        """Every straight piece of every flow."""
        return [
            (edge, start, end)
            for edge in self.edges.values()
            for start, end in pairwise(edge.points)
        ]


def _box(node: etree._Element) -> Box:
    return Box(*(float(node.get(name, 0)) for name in ("x", "y", "width", "height")))


def _label(node: etree._Element) -> Box | None:
    bounds = element(node, "i:BPMNLabel/c:Bounds")
    return _box(bounds[0]) if bounds else None
