"""Charts as SVG that the server draws: bars with their places, in the units of the drawing.

What a chart shows stands in a table beneath it too, which is the content for who does not see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 480
HEIGHT: Final = 200
LEFT: Final = 44
"""Room for the numbers of the scale."""
TOP: Final = 14
FOOT: Final = 32
"""Room for the names below."""
GAP: Final = 0.25
"""Part of a bar's place that stays free."""
NAMES: Final = 4
"""About how many bars are named."""
WIDEST: Final = 60
"""Widest place of a bar, so that a single one does not fill the drawing."""
STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, and the part of it that is marked, from the bottom."""

    x: float
    width: float
    y: float
    height: float
    marked_y: float
    marked_height: float
    name: str
    """Empty where there is no room."""
    middle: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of bars; `scale` is the numbers at its side with their heights."""

    bars: Sequence[Bar]
    scale: Sequence[tuple[str, float]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - FOOT


def bar_chart(rows: Sequence[tuple[str, float, float]]) -> Chart:
    """A chart of (name, length of the bar, length of its marked part)."""
    top = _round_up(max((full for _, full, _ in rows), default=1))
    room = HEIGHT - FOOT - TOP
    place = min(WIDEST, (WIDTH - LEFT) / max(1, len(rows)))
    every = max(1, -(-len(rows) // NAMES))

    def bar(n: int, name: str, full: float, marked: float) -> Bar:
        tall, part = room * full / top, room * marked / top
        x, bottom = LEFT + n * place + place * GAP / 2, HEIGHT - FOOT
        return Bar(
            x=round(x, 1),
            width=round(place * (1 - GAP), 1),
            y=round(bottom - tall, 1),
            height=round(tall, 1),
            marked_y=round(bottom - part, 1),
            marked_height=round(part, 1),
            name=name if n % every == 0 else "",
            middle=round(x + place * (1 - GAP) / 2, 1),
        )

    scale = [(_number(top * part), round(TOP + room * (1 - part), 1)) for part in (0, 0.5, 1)]
    return Chart([bar(n, *row) for n, row in enumerate(rows)], scale)


def _round_up(number: float) -> float:
    """The next number of 2, 4, 10, 20, 40, 100 …, so that half of it is whole."""
    ten = 1
    while True:
        for step in STEPS:
            if 2 * step * ten >= number:
                return 2 * step * ten
        ten *= 10


def _number(value: float) -> str:
    return f"{value:g}"
