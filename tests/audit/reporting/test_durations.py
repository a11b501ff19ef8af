"""Durations as a report gives them: number, median, 90th percentile, longest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.audit.reporting.durations import durations_of


def days(*numbers: float) -> list[timedelta]:
    return [timedelta(days=n) for n in numbers]


def test_nothing_has_no_duration() -> None:
    assert durations_of([]) is None


@pytest.mark.parametrize(
    ("times", "median", "most", "longest"),
    [
        (days(3), 3, 3, 3),
        (days(4, 1), 2.5, 4, 4),
        (days(*range(1, 11)), 5.5, 9, 10),
        (days(*range(1, 12)), 6, 10, 11),
    ],
)
def test_nine_of_ten_take_no_longer(
    times: list[timedelta], median: float, most: float, longest: float
) -> None:
    found = durations_of(times)
    assert found is not None
    assert [found.median, found.most, found.longest] == days(median, most, longest)
    assert found.number == len(times)
    assert sum(time <= found.most for time in times) * 10 >= 9 * len(times)
