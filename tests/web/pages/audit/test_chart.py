"""Charts that the server draws: bars stand on the ground and reach what they show."""

from __future__ import annotations

import pytest

from service.web.pages.audit.chart import FOOT, HEIGHT, LEFT, TOP, WIDTH, bar_chart


def rows(*lengths: float) -> list[tuple[str, float, float]]:
    return [(str(n), length, length / 2) for n, length in enumerate(lengths)]


def test_a_bar_is_as_long_as_its_number_says() -> None:
    chart = bar_chart(rows(10, 5, 0))
    room = HEIGHT - FOOT - TOP
    assert [bar.height for bar in chart.bars] == [room, room / 2, 0]
    assert [bar.marked_height for bar in chart.bars] == [room / 2, room / 4, 0]
    assert all(bar.y + bar.height == HEIGHT - FOOT for bar in chart.bars)
    assert [number for number, _ in chart.scale] == ["0", "5", "10"]


@pytest.mark.parametrize("number", [0, 1, 3, 12, 40])
def test_bars_stay_in_the_drawing_and_few_are_named(number: int) -> None:
    chart = bar_chart(rows(*range(number)))
    assert all(bar.x >= LEFT and bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert sum(bool(bar.name) for bar in chart.bars) <= 5


@pytest.mark.parametrize(("most", "top"), [(1, "2"), (3, "4"), (5, "10"), (11, "20"), (199, "200")])
def test_the_scale_ends_at_a_round_number(most: int, top: str) -> None:
    assert bar_chart(rows(most)).scale[-1][0] == top
