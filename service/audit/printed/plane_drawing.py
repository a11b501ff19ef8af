"""A plane of a diagram as SVG, with what is done and what goes on, for paper.

State is a sign and a line, not colour alone, so that a print in grey says it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from service.casework.casefile.diagram_state import ACTIVE, DONE, INCIDENT, OVERDUE, WAITING
from service.engine import Box, DrawnLine, DrawnPlane, DrawnShape

INK: Final = "#5f6165"
TEXT: Final = "#1b1d1f"
EDGE: Final = 12
"""Free space around the drawing."""
SIZE, LEADING, LETTER = 11.5, 13.5, 5.6
"""Of the text: its size, the distance of two lines, and how wide a letter is on average."""
SIGN: Final = 9
LOOKS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    DONE: ("#24693f", "2.5", "", "#f3faf5"),
    ACTIVE: ("#0b5cad", "3.5", "6 3", "#e3effb"),
    WAITING: ("#6a3d9a", "3", "2 3", "#ffffff"),
    OVERDUE: ("#b01212", "3.5", "6 3", "#fff0ef"),
    INCIDENT: ("#b01212", "4", "", "#fde3e1"),
}
"""State to the colour of the line, its width, its dashes and the fill; colours as on the screen."""
PLAIN: Final = (INK, "1.5", "", "#ffffff")
SIGNS: Final[Mapping[str, str]] = {
    DONE: "M-4.5 0L-1.5 3.5 5-4",
    ACTIVE: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0",
    WAITING: "M-4-5H4L-4 5H4Z",
    OVERDUE: "M0-5L5 4H-5ZM0-1.5V1.5",
    INCIDENT: "M-4-4L4 4M4-4L-4 4",
}
"""State to its sign, around a middle."""
INSIDE: Final[Mapping[str, str]] = {
    "timer": "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0-16 0M0-5V0L4 2",
    "message": "M-8-5.5H8V5.5H-8ZM-8-5.5L0 1 8-5.5",
    "error": "M-7 7L-3-4 2 2 7-7 3 4-2-2Z",
    "escalation": "M0-8L6 7 0 1-6 7Z",
    "signal": "M0-7L7 5H-7Z",
    "terminate": "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
    "exclusiveGateway": "M-6-7L6 7M6-7L-6 7",
    "parallelGateway": "M0-9V9M-9 0H9",
    "inclusiveGateway": "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0-16 0",
    "eventBasedGateway": "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0-16 0M0-5L5-1 3 5H-3L-5-1Z",
}
"""What stands in an event or a gateway, around its middle."""
DASHES: Final[Mapping[str, str]] = {"messageFlow": "7 5", "association": "2 4"}
FRAMES: Final = frozenset({"participant", "lane", "group"})


@dataclass(frozen=True, slots=True)
class PlaneDrawing:
    """A drawing, and its size in the units of the file."""

    svg: str
    width: float
    height: float


def draw_plane(
    plane: DrawnPlane, states: Mapping[str, str], times: Mapping[str, int]
) -> PlaneDrawing:
    """Draw a plane.

    Args:
        states: element to its state; without one it was not reached.
        times: element or flow to how often it is done.
    """
    left, top, right, bottom = plane.corners
    width, height = right - left + 2 * EDGE, bottom - top + 2 * EDGE
    shapes = sorted(plane.shapes, key=_depth)
    parts = [
        _head(left, top, width, height),
        *(part for shape in shapes if _is_frame(shape) for part in _shape(shape, states, times)),
        *(part for line in plane.lines for part in _line(line, times)),
        *(
            part
            for shape in shapes
            if not _is_frame(shape)
            for part in _shape(shape, states, times)
        ),
        "</svg>",
    ]
    return PlaneDrawing("".join(parts), width, height)


def _head(left: float, top: float, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="{left - EDGE:g} {top - EDGE:g} {width:g} {height:g}" '
        f'font-family="Liberation Sans, DejaVu Sans" font-size="{SIZE}" fill="{TEXT}">'
    )


def _is_frame(shape: DrawnShape) -> bool:
    """Whether other shapes stand inside it."""
    return shape.kind in FRAMES or shape.is_open


def _depth(shape: DrawnShape) -> float:
    """Large frames lie below what stands in them; events on a border lie above all."""
    return 1.0 if shape.kind == "boundaryEvent" else -shape.box.width * shape.box.height


# ---- shapes


def _shape(shape: DrawnShape, states: Mapping[str, str], times: Mapping[str, int]) -> Iterator[str]:
    state = states.get(shape.id, "")
    line, width, dashes, fill = LOOKS.get(state, PLAIN)
    style = f'fill="{fill}" stroke="{line}" stroke-width="{width}"'
    style += f' stroke-dasharray="{dashes}"' if dashes else ""
    box = shape.box
    if shape.kind in FRAMES:
        yield _rect(box, 'fill="none" stroke="#8b8e92" stroke-width="1"', 0)
        yield from _standing_text(shape.name, box)
        return
    if shape.kind == "textAnnotation":
        edge = f"M{box.x + 8:g} {box.y:g}H{box.x:g}V{box.y + box.height:g}h8"
        yield f'<path d="{edge}" fill="none" stroke="{INK}"/>'
        yield from _text(shape.name, Box(box.x + 6, box.y, box.width - 6, box.height), start=True)
        return
    if shape.kind.endswith("Event"):
        yield from _event(shape, style, line)
    elif shape.kind.endswith("Gateway"):
        yield from _gateway(shape, style, line)
    else:
        yield from _step(shape, style)
    yield from _sign(box, state, times.get(shape.id, 0), line)


def _step(shape: DrawnShape, style: str) -> Iterator[str]:
    box = shape.box
    yield _rect(box, style, 8)
    if shape.is_open:
        yield from _text(shape.name, Box(box.x + 10, box.y + 4, box.width - 20, 18), start=True)
        return
    if shape.kind in ("subProcess", "callActivity"):
        x, y = box.x + box.width / 2, box.y + box.height - 15
        yield (
            f'<path d="M{x - 6:g} {y:g}h12v12h-12zM{x:g} {y + 2:g}v8M{x - 4:g} {y + 6:g}h8" '
            f'fill="none" stroke="{INK}"/>'
        )
        yield from _text(shape.name, Box(box.x + 4, box.y, box.width - 8, box.height - 14))
        return
    yield from _text(shape.name, Box(box.x + 4, box.y, box.width - 8, box.height))


def _event(shape: DrawnShape, style: str, line: str) -> Iterator[str]:
    x, y = _middle(shape.box)
    radius = shape.box.width / 2
    if shape.kind == "endEvent":
        style = style.replace('stroke-width="1.5"', 'stroke-width="3.5"')
    if not shape.interrupts and "dasharray" not in style:
        style += ' stroke-dasharray="4 3"'
    yield f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" {style}/>'
    if shape.kind not in ("startEvent", "endEvent"):
        yield f'<circle cx="{x:g}" cy="{y:g}" r="{radius - 4:g}" fill="none" stroke="{line}"/>'
    filled = shape.event == "terminate" or shape.kind in ("endEvent", "intermediateThrowEvent")
    yield from _inside(shape.event, x, y, line, filled=filled)
    yield from _label(shape.name, shape.label, shape.box)


def _gateway(shape: DrawnShape, style: str, line: str) -> Iterator[str]:
    box, (x, y) = shape.box, _middle(shape.box)
    yield (
        f'<path d="M{x:g} {box.y:g}L{box.x + box.width:g} {y:g} {x:g} {box.y + box.height:g} '
        f'{box.x:g} {y:g}Z" {style}/>'
    )
    yield from _inside(shape.kind, x, y, line, filled=False)
    yield from _label(shape.name, shape.label, shape.box)


def _inside(kind: str, x: float, y: float, line: str, *, filled: bool) -> Iterator[str]:
    if kind in INSIDE:
        fill = line if filled and kind != "message" else "none"
        yield (
            f'<path d="{INSIDE[kind]}" transform="translate({x:g} {y:g})" fill="{fill}" '
            f'stroke="{line}" stroke-width="1.5"/>'
        )


def _sign(box: Box, state: str, times: int, line: str) -> Iterator[str]:
    """The sign of a state at the upper right corner, and how often it is done."""
    if state not in SIGNS:
        return
    x, y = box.x + box.width, box.y
    yield f'<circle cx="{x:g}" cy="{y:g}" r="{SIGN}" fill="#ffffff" stroke="{line}"/>'
    yield (
        f'<path d="{SIGNS[state]}" transform="translate({x:g} {y:g})" fill="none" '
        f'stroke="{line}" stroke-width="2"/>'
    )
    if times > 1:
        yield (
            f'<text x="{x + SIGN + 3:g}" y="{y + 4:g}" font-weight="bold" fill="{line}">'
            f"×{times}</text>"
        )


# ---- lines


def _line(line: DrawnLine, times: Mapping[str, int]) -> Iterator[str]:
    is_done = times.get(line.id, 0) > 0
    colour, width = ("#24693f", 2.5) if is_done else (INK, 1.5)
    dashes = f' stroke-dasharray="{DASHES[line.kind]}"' if line.kind in DASHES else ""
    way = "L".join(f"{x:g} {y:g}" for x, y in line.corners)
    yield f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>'
    if line.kind != "association":
        yield _arrow(line.corners, colour, hollow=line.kind == "messageFlow")
    if line.name and line.label is not None:
        yield from _text(line.name, line.label, behind=True)


def _arrow(corners: tuple[tuple[float, float], ...], colour: str, *, hollow: bool) -> str:
    """The head at the end of a line, along its last part."""
    (x, y), (fx, fy) = corners[-1], corners[-2] if len(corners) > 1 else corners[-1]
    length = max(1.0, ((x - fx) ** 2 + (y - fy) ** 2) ** 0.5)
    ux, uy = (x - fx) / length * 10, (y - fy) / length * 10
    fill = "#ffffff" if hollow else colour
    return (
        f'<path d="M{x:g} {y:g}L{x - ux - uy * 0.45:.1f} {y - uy + ux * 0.45:.1f} '
        f'{x - ux + uy * 0.45:.1f} {y - uy - ux * 0.45:.1f}Z" fill="{fill}" stroke="{colour}"/>'
    )


# ---- texts


def _label(name: str, label: Box | None, box: Box) -> Iterator[str]:
    """A name that stands outside of its shape: where the file says, else below it."""
    if name:
        x, _ = _middle(box)
        below = Box(x - 50, box.y + box.height + 4, 100, LEADING)
        yield from _text(name, label or below, top=True)


def _standing_text(name: str, box: Box) -> Iterator[str]:
    """The name of a pool or a lane, along its left edge."""
    if not name:
        return
    x, y = box.x + 15, box.y + box.height / 2
    rows = _rows(name, box.height - 10)
    yield f'<g transform="rotate(-90 {x:g} {y:g})" text-anchor="middle">'
    for n, row in enumerate(rows):
        at = y + 4 + (n - (len(rows) - 1) / 2) * LEADING
        yield f'<text x="{x:g}" y="{at:g}">{escape(row)}</text>'
    yield "</g>"


def _text(
    text: str, box: Box, *, start: bool = False, top: bool = False, behind: bool = False
) -> Iterator[str]:
    """A text in several rows.

    Args:
        start: from the left edge; else in the middle.   top: from the top; else in the middle.
        behind: with white behind it, so that a line does not cross it.
    """
    rows = _rows(text, box.width)
    anchor, x = ("start", box.x) if start else ("middle", box.x + box.width / 2)
    height = len(rows) * LEADING
    first = box.y + (0 if top else max(0, (box.height - height) / 2)) + SIZE
    for n, row in enumerate(rows):
        place = f'x="{x:g}" y="{first + n * LEADING:g}" text-anchor="{anchor}"'
        if behind:
            yield f'<text {place} stroke="#ffffff" stroke-width="3">{escape(row)}</text>'
        yield f"<text {place}>{escape(row)}</text>"


def _rows(text: str, width: float) -> list[str]:
    """A text broken between words, as wide as its place allows."""
    most = max(4, int(width / LETTER))
    rows: list[str] = []
    for word in text.split():
        if rows and len(rows[-1]) + 1 + len(word) <= most:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return rows


def _middle(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def _rect(box: Box, style: str, round_: int) -> str:
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" '
        f'rx="{round_}" {style}/>'
    )
