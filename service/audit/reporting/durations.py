"""Durations: how often something took how long, as a report tells it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

NINETY = 0.9


@dataclass(frozen=True, slots=True)
class DurationFigures:
    """How many durations there are, and their median, 90th percentile and longest."""

    number: int
    median: timedelta
    most: timedelta
    """Nine of ten take no longer: the smallest of the durations of which that is true."""
    longest: timedelta


def durations_of(times: Sequence[timedelta]) -> DurationFigures | None:
    """The figures of durations; None when there are none."""
    if not times:
        return None
    ordered = sorted(times)
    seconds = [time.total_seconds() for time in ordered]
    return DurationFigures(
        number=len(ordered),
        median=timedelta(seconds=median(seconds)),
        most=ordered[math.ceil(len(ordered) * NINETY) - 1],
        longest=ordered[-1],
    )
