"""Durations: how long the steps and stations of a case lasted, and the figures of many durations
(median, 90th percentile, longest).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from service.engine import Definition
from service.store.casefile.facts import Fact

ENTERED, LEFT = "entered", "left"
"""Kinds of steps in a fact."""
NINETY = 0.9


@dataclass(slots=True)
class CaseCourse:
    """Durations in one case: of each step the visits that were completed, and of each station."""

    steps: dict[str, list[timedelta]] = field(default_factory=dict)
    stations: dict[str, list[timedelta]] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)
    """Element to how often it began, completed or not."""


@dataclass(frozen=True, slots=True)
class DurationFigures:
    """How many durations there are, and their median, 90th percentile and longest."""

    number: int
    median: timedelta
    most: timedelta
    """Nine of ten take no longer: the smallest of the durations of which that is true."""
    longest: timedelta


def read_course(history: Sequence[Fact], definitions: Mapping[str, Definition]) -> CaseCourse:
    """Read the facts of a case.

    A step that was interrupted has begun, and has no duration. A station lasts until the next one
    begins; the last one of a case has no duration.

    Args:
        history: oldest first.
        definitions: release id to the process of the case there.
    """
    course = CaseCourse()
    entered = dict[tuple[str, int], datetime]()
    station, since = "", None
    for fact in history:
        elements = definitions[fact.release_id].elements
        for what, element, nth, *_ in fact.steps:
            place = (element, nth)
            if what == ENTERED:
                entered[place] = fact.at
                course.passed[element] = course.passed.get(element, 0) + 1
                known = elements.get(element)
                begun = known.properties.get("station", "") if known is not None else ""
                if begun and begun != station:
                    if since is not None:
                        course.stations.setdefault(station, []).append(fact.at - since)
                    station, since = begun, fact.at
            elif what == LEFT and place in entered:
                took = fact.at - entered.pop(place)
                course.steps.setdefault(element, []).append(took)
    return course


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
