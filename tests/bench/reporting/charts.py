"""Line charts as SVG: a few plain marks, readable on light and dark pages, and without colours."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 196, 56, 56
COLOURS = (
    ("#005a9c", "#7cc4ff"),
    ("#b3470f", "#ffb07c"),
    ("#2c6e49", "#8fd6ab"),
    ("#8a2f7c", "#e6a5dc"),
)
"""On a light page and on a dark one; each has a contrast of more than 4.5 to its page."""
STROKES = ("", "8 5", "2 5", "8 4 2 4")
"""Dashes, so that lines are told apart without colours too."""
SPACE = 17
"""Least distance between two names of lines, in pixels."""
STEPS = 5
LOG_FROM = 30.0
"""How many times the first figure of the x axis the last one is before the axis is logarithmic."""
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .title { font-size: 16px; font-weight: 600 }
    .axis { fill: #59636e }
    .grid { stroke: #d1d9e0; stroke-width: 1 }
    path { fill: none; stroke-width: 2.25; stroke-linejoin: round; stroke-linecap: round }
"""
DARK = """
      text { fill: #f0f6fc }
      .axis { fill: #9da7b1 }
      .grid { stroke: #3d444d }
"""
Points = Sequence[Sequence[float]]


def draw(chart: Mapping[str, Any]) -> str:
    """The SVG of one chart, as `tests.bench._gauge.Chart` describes it."""
    lines: Mapping[str, Points] = chart["lines"]
    across = [x for points in lines.values() for x, _ in points]
    highest = max(y for points in lines.values() for _, y in points)
    step = nice(highest / STEPS)
    top = step * math.ceil(highest / step)
    logarithmic = min(across) > 0 and max(across) / min(across) >= LOG_FROM
    scale = math.log if logarithmic else float
    low, high = scale(min(across)), scale(max(across))

    def place(x: float, y: float) -> tuple[float, float]:
        share = (scale(x) - low) / ((high - low) or 1)
        return (
            LEFT + share * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM),
        )

    parts = [*_axes(chart, sorted(set(across)), top, step, place), *_lines(lines, place)]
    style = (
        STYLE
        + _colours(0)
        + f"    @media (prefers-color-scheme: dark) {{{DARK}{_colours(1)}    }}\n"
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}" role="img" aria-labelledby="title desc">'
    )
    told = (
        f'<title id="title">{escape(chart["title"])}</title>',
        f'<desc id="desc">{escape(described(chart))}</desc>',
    )
    return "\n".join([head, *told, f"<style>{style}</style>", *parts, "</svg>", ""])


def described(chart: Mapping[str, Any]) -> str:
    """The chart in words: where each line begins and ends."""
    ways = (
        f"{name}: {figure(points[0][1])} at {figure(points[0][0])},"
        f" {figure(points[-1][1])} at {figure(points[-1][0])}"
        for name, points in chart["lines"].items()
    )
    return f"{chart['y']} over {chart['x']}. {'; '.join(ways)}."


def nice(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20 ... that is not below a figure; also of fractions."""
    power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next(power * n for n in (1, 2, 5, 10) if power * n >= least * (1 - 1e-9))


def figure(value: float) -> str:
    """A number as it is read: 1,000,000; 12; 0.25."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def _axes(
    chart: Mapping[str, Any], across: Sequence[float], top: float, step: float, place: Any
) -> Iterator[str]:
    """Title, names of the axes, their figures, and a line across for each step."""
    yield f'<text class="title" x="{LEFT}" y="24">{escape(chart["title"])}</text>'
    yield f'<text class="axis" x="{LEFT}" y="43">{escape(chart["y"])}</text>'
    middle, below = (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14
    name = escape(chart["x"])
    yield f'<text class="axis" x="{middle:.0f}" y="{below}" text-anchor="middle">{name}</text>'
    for n in range(round(top / step) + 1):
        _, y = place(across[0], n * step)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        text = f'y="{y + 4:.1f}" text-anchor="end">{figure(n * step)}'
        yield f'<text class="axis" x="{LEFT - 8}" {text}</text>'
    last = -math.inf
    for x in across:
        at, bottom = place(x, 0)
        if at - last >= 4 * SPACE:
            last = at
            text = f'y="{bottom + 20:.1f}" text-anchor="middle">{figure(x)}'
            yield f'<text class="axis" x="{at:.1f}" {text}</text>'


def _lines(lines: Mapping[str, Points], place: Any) -> Iterator[str]:
    """Each line with its name at its end; names that would lie on each other move apart."""
    ends = sorted((place(*points[-1])[1], n) for n, points in enumerate(lines.values()))
    heights, last = dict[int, float](), -math.inf
    for y, n in ends:
        last = heights[n] = max(y, last + SPACE)
    for n, (name, points) in enumerate(lines.items()):
        way = " ".join(
            f"{'L' if m else 'M'}{x:.1f} {y:.1f}"
            for m, (x, y) in enumerate(place(*point) for point in points)
        )
        stroke = STROKES[n % len(STROKES)]
        dashes = f' stroke-dasharray="{stroke}"' if stroke else ""
        colour = n % len(COLOURS)
        yield f'<path class="l{colour}" d="{way}"{dashes}/>'
        at, y = WIDTH - RIGHT + 8, heights[n] + 4
        yield f'<text class="n{colour}" x="{at}" y="{y:.1f}">{escape(name)}</text>'


def _colours(which: int) -> str:
    """The rules that give lines and their names a colour: on a light page 0, on a dark one 1."""
    return "".join(
        f"    .l{n} {{ stroke: {both[which]} }} .n{n} {{ fill: {both[which]} }}\n"
        for n, both in enumerate(COLOURS)
    )
