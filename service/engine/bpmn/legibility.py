"""What makes a drawing hard to read: lines that cross or run through steps and over words, steps
and words that lie on each other, flows that lead back to the left.

The linter says it to the owner, and a test holds the shipped diagrams at their figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final, TypeAlias

from service.engine.bpmn.drawn_planes import Box, DrawnLine, DrawnPlane, DrawnShape

LINES_CROSS: Final = "lines cross"
LINES_TOGETHER: Final = "lines run on each other"
LINE_THROUGH_SHAPE: Final = "line through shape"
LINE_OVER_WORDS: Final = "line over words"
SHAPES_OVERLAP: Final = "shapes overlap"
WORDS_ON_SHAPE: Final = "words on shape"
WORDS_OVERLAP: Final = "words overlap"

_BANDS: Final = frozenset({"participant", "lane", "group"})
_Point: TypeAlias = tuple[float, float]
_Rect: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Two drawn elements of which one gets in the way of the other."""

    kind: str
    one: str
    """Element id of the line, if one is a line; else of that whose words are hidden."""
    other: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A straight piece of a line."""

    line: DrawnLine
    start: _Point
    end: _Point
    rect: _Rect


def clashes(plane: DrawnPlane) -> list[Clash]:
    """Find what hides or crosses something on one plane, each pair of elements once per kind.

    Things that only touch are no clash; lanes, pools and open sub-processes lie behind the rest.
    Lines that share an end may run together: a reader sees where they come from or lead to.
    """
    pieces = [piece for line in plane.lines for piece in _pieces(line)]
    steps = [shape for shape in plane.shapes if not _is_frame(shape)]
    drawn: tuple[DrawnShape | DrawnLine, ...] = (*plane.shapes, *plane.lines)
    words = [(one.id, one.label) for one in drawn if one.label is not None]
    found = [
        *_between_lines(pieces),
        *_through_shapes(pieces, steps),
        *(
            Clash(LINE_OVER_WORDS, piece.line.id, id_)
            for id_, label in words
            for piece in _near(pieces, _rect(label))
            if _runs_through(piece, _rect(label))
        ),
        *(
            Clash(SHAPES_OVERLAP, a.id, b.id)
            for a, b in combinations(steps, 2)
            if _meet(_rect(a.box), _rect(b.box)) and a.id != b.attached_to and b.id != a.attached_to
        ),
        *(
            Clash(WORDS_ON_SHAPE, id_, step.id)
            for id_, label in words
            for step in steps
            if _meet(_rect(label), _rect(step.box)) and _covers(step, _rect(label))
        ),
        *(
            Clash(WORDS_OVERLAP, a, b)
            for (a, one), (b, two) in combinations(words, 2)
            if _meet(_rect(one), _rect(two))
        ),
    ]
    return list(dict.fromkeys(found))


def leads_back(plane: DrawnPlane) -> list[str]:
    """Ids of the sequence flows whose target stands further to the left than their source."""
    middle = {shape.id: shape.box.x + shape.box.width / 2 for shape in plane.shapes}
    return [
        line.id
        for line in plane.lines
        if line.kind == "sequenceFlow"
        and line.source in middle
        and line.target in middle
        and middle[line.target] < middle[line.source]
    ]


def _pieces(line: DrawnLine) -> Iterator[_Piece]:
    for start, end in pairwise(line.corners):
        (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
        yield _Piece(line, start, end, (left, top, right, bottom))


def _between_lines(pieces: Sequence[_Piece]) -> Iterator[Clash]:
    """Crossings, and lines of other ends that run on each other."""
    for n, piece in enumerate(pieces):
        for other in _near(pieces[n + 1 :], piece.rect, touching=True):
            one, two = piece.line, other.line
            if one.id == two.id:
                continue
            if _cross(piece, other):
                yield Clash(LINES_CROSS, one.id, two.id)
            elif not _share_an_end(one, two) and _run_together(piece, other):
                yield Clash(LINES_TOGETHER, one.id, two.id)


def _share_an_end(one: DrawnLine, two: DrawnLine) -> bool:
    return one.source == two.source or one.target == two.target


def _through_shapes(pieces: Iterable[_Piece], steps: Sequence[DrawnShape]) -> Iterator[Clash]:
    hosts = {step.id: step.attached_to for step in steps}
    for piece in pieces:
        line = piece.line
        own = {line.source, line.target, hosts.get(line.source), hosts.get(line.target)}
        for step in steps:
            rect = _rect(step.box)
            if step.id not in own and _meet(piece.rect, rect) and _runs_through(piece, rect):
                yield Clash(LINE_THROUGH_SHAPE, line.id, step.id)


def _near(pieces: Iterable[_Piece], rect: _Rect, *, touching: bool = False) -> Iterator[_Piece]:
    """Pieces whose rectangle shares an area with another, or a point of its border."""
    meets: Callable[[_Rect, _Rect], bool] = _touch if touching else _meet
    return (piece for piece in pieces if meets(piece.rect, rect))


def _is_frame(shape: DrawnShape) -> bool:
    return shape.is_open or shape.kind in _BANDS


def _rect(box: Box) -> _Rect:
    return box.x, box.y, box.x + box.width, box.y + box.height


def _meet(one: _Rect, two: _Rect) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _touch(one: _Rect, two: _Rect) -> bool:
    return one[0] <= two[2] and two[0] <= one[2] and one[1] <= two[3] and two[1] <= one[3]


def _covers(step: DrawnShape, words: _Rect) -> bool:
    """Whether words that lie on the rectangle of a step hide some of it: a diamond's corners are
    free.
    """
    if not step.kind.endswith("Gateway"):
        return True
    x, y = step.box.x + step.box.width / 2, step.box.y + step.box.height / 2
    across = abs(min(max(x, words[0]), words[2]) - x)
    along = abs(min(max(y, words[1]), words[3]) - y)
    return across / step.box.width + along / step.box.height < 1 / 2


def _side(start: _Point, end: _Point, point: _Point) -> float:
    """Positive and negative on either side of the line from start to end, 0 on it."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _cross(one: _Piece, two: _Piece) -> bool:
    """Whether two pieces cross between their ends."""
    return (
        _side(one.start, one.end, two.start) * _side(one.start, one.end, two.end) < 0
        and _side(two.start, two.end, one.start) * _side(two.start, two.end, one.end) < 0
    )


def _run_together(one: _Piece, two: _Piece) -> bool:
    """Whether two pieces lie on one line and share more than a point of it."""
    if _side(one.start, one.end, two.start) or _side(one.start, one.end, two.end):
        return False
    shared = [min(one.rect[n + 2], two.rect[n + 2]) - max(one.rect[n], two.rect[n]) for n in (0, 1)]
    return max(shared) > 0


def _runs_through(piece: _Piece, rect: _Rect) -> bool:
    """Whether a piece has a part inside a rectangle (Liang and Barsky's way of cutting a line)."""
    begin, finish = 0.0, 1.0
    for n in (0, 1):
        step = piece.end[n] - piece.start[n]
        before, behind = rect[n] - piece.start[n], rect[n + 2] - piece.start[n]
        if step == 0:
            if before >= 0 or behind <= 0:
                return False
            continue
        entry, leave = sorted((before / step, behind / step))
        begin, finish = max(begin, entry), min(finish, leave)
    return begin < finish
