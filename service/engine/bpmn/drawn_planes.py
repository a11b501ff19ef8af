"""How a diagram is drawn: its planes with shapes and lines, in the units of the file.

Source: BPMN 2.0.2, chapter 12 (diagram interchange).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from service.engine.bpmn.elements import BPMN
from service.engine.bpmn.xml import safe_tree

_DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
_DD: Final = "{http://www.omg.org/spec/DD/20100524/DI}"
_EVENT: Final = "EventDefinition"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its upper left corner, width and height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class DrawnShape:
    """One shape: the element that it draws, its tag, its name and where both stand."""

    id: str
    kind: str
    """Tag of the element, such as `userTask`; empty where the file has none of that id."""
    name: str
    box: Box
    label: Box | None
    event: str
    """What an event waits for or throws, such as `timer`; empty for a plain one."""
    is_open: bool
    """Whether a sub-process is drawn with what it holds."""
    interrupts: bool
    """Whether an event on a border or a start event ends what goes on."""
    attached_to: str
    """Id of the step on whose border an event sits; empty for all else."""


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line: the flow that it draws, its tag, its name, its ends and its corners."""

    id: str
    kind: str
    name: str
    source: str
    target: str
    corners: tuple[tuple[float, float], ...]
    label: Box | None


@dataclass(frozen=True, slots=True)
class DrawnPlane:
    """One plane of a diagram: a process, or what a closed sub-process holds."""

    of: str
    """Id of the element that it draws."""
    name: str
    shapes: tuple[DrawnShape, ...]
    lines: tuple[DrawnLine, ...]

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of all that is drawn."""
        boxes = [shape.box for shape in self.shapes]
        labels = [*(one.label for one in self.shapes), *(one.label for one in self.lines)]
        boxes += [label for label in labels if label is not None]
        xs = [x for line in self.lines for x, _ in line.corners]
        ys = [y for line in self.lines for _, y in line.corners]
        xs += [x for box in boxes for x in (box.x, box.x + box.width)]
        ys += [y for box in boxes for y in (box.y, box.y + box.height)]
        return min(xs, default=0), min(ys, default=0), max(xs, default=1), max(ys, default=1)


def drawn_planes(data: bytes) -> list[DrawnPlane]:
    """Read how a diagram is drawn, plane by plane, in the order of the file.

    Raises:
        BadDiagram: the file cannot be read.
    """
    return planes_of(safe_tree(data, ""))


def planes_of(root: etree._Element) -> list[DrawnPlane]:
    """As `drawn_planes`, of a file that has been read."""
    elements = {e.get("id", ""): e for e in root.iter(f"{BPMN}*") if e.get("id")}
    return [_plane(plane, elements) for plane in root.iter(f"{_DI}BPMNPlane")]


def _plane(plane: etree._Element, elements: Mapping[str, etree._Element]) -> DrawnPlane:
    of = plane.get("bpmnElement", "")
    return DrawnPlane(
        of,
        _plane_name(of, elements),
        tuple(_shapes(plane, elements)),
        tuple(_lines(plane, elements)),
    )


def _plane_name(of: str, elements: Mapping[str, etree._Element]) -> str:
    """What a plane is called: as the element that it draws; of a collaboration, as its process."""
    found = elements.get(of)
    if found is None:
        return ""
    if found.tag != f"{BPMN}collaboration":
        return _name(found)
    pools = found.findall(f"{BPMN}participant")
    processes = [elements.get(pool.get("processRef", "")) for pool in pools]
    return next((_name(process) for process in processes if process is not None), "")


def _shapes(plane: etree._Element, elements: Mapping[str, etree._Element]) -> Iterator[DrawnShape]:
    for shape in plane.iter(f"{_DI}BPMNShape"):
        id_ = shape.get("bpmnElement", "")
        element = elements.get(id_)
        box = _box(shape)
        if element is None or box is None:
            continue
        stays = "false" in (element.get("cancelActivity"), element.get("isInterrupting"))
        yield DrawnShape(
            id=id_,
            kind=etree.QName(element).localname,
            name=_name(element),
            box=box,
            label=_label(shape),
            event=_event(element),
            is_open=shape.get("isExpanded") == "true",
            interrupts=not stays,
            attached_to=element.get("attachedToRef", ""),
        )


def _lines(plane: etree._Element, elements: Mapping[str, etree._Element]) -> Iterator[DrawnLine]:
    for edge in plane.iter(f"{_DI}BPMNEdge"):
        id_ = edge.get("bpmnElement", "")
        element = elements.get(id_)
        corners = tuple(
            (float(point.get("x", "0")), float(point.get("y", "0")))
            for point in edge.iterfind(f"{_DD}waypoint")
        )
        if element is not None and corners:
            kind = etree.QName(element).localname
            ends = element.get("sourceRef", ""), element.get("targetRef", "")
            yield DrawnLine(id_, kind, _name(element), *ends, corners, _label(edge))


def _name(element: etree._Element) -> str:
    text = element.find(f"{BPMN}text")
    return (element.get("name", "") if text is None else text.text or "").strip()


def _event(element: etree._Element) -> str:
    tags = (etree.QName(child).localname for child in element.iterfind(f"{BPMN}*"))
    return next((tag.removesuffix(_EVENT) for tag in tags if tag.endswith(_EVENT)), "")


def _label(drawn: etree._Element) -> Box | None:
    label = drawn.find(f"{_DI}BPMNLabel")
    return _box(label) if label is not None else None


def _box(drawn: etree._Element) -> Box | None:
    bounds = drawn.find(f"{_DC}Bounds")
    if bounds is None:
        return None
    x, y, width, height = (float(bounds.get(k, "0")) for k in ("x", "y", "width", "height"))
    return Box(x, y, width, height)
