"""Median durations of steps, over cases that have ended.

A step has one only where so many cases went through it that the median says nothing about a single
case.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import median

from service.store.at_hand import Reader
from service.store.read_models import oversight
from service.text import say

LEAST = 5
"""Cases that must have gone through a step before its median is shown. Assumed."""
CASES = 200
"""How many ended cases are read, the newest first."""
LASTS = timedelta(hours=1)
"""How long medians are cached."""
Times = Mapping[str, timedelta]
"""Step to its median duration."""


class StepDurations:
    """Cache of the medians of each process, shared by all threads of a program."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, Times]] = {}
        self._lock = threading.Lock()

    def times(self, reader: Reader, process: str, now: datetime) -> Times:
        """The medians of a process; a step that too few cases went through is left out."""
        with self._lock:
            known = self._known.get(process)
        if known is not None and known[0] <= now < known[0] + LASTS:
            return known[1]
        times = medians(oversight.turns_of_ended(reader, process, most=CASES))
        with self._lock:
            self._known[process] = (now, times)
        return times


def medians(turns: Iterable[oversight.TurnTime]) -> dict[str, timedelta]:
    """Step to its median duration, from entering to leaving; one that was interrupted does not
    count.

    Args:
        turns: of ended cases, each case's in order.
    """
    entered: dict[tuple[str, str, int], datetime] = {}
    took: dict[str, list[timedelta]] = {}
    cases: dict[str, set[str]] = {}
    for turn in turns:
        for what, element, nth, *_ in turn.steps:
            place = (turn.case_id, element, nth)
            if what == "entered":
                entered[place] = turn.at
            elif what == "left" and place in entered:
                took.setdefault(element, []).append(turn.at - entered.pop(place))
                cases.setdefault(element, set()).add(turn.case_id)
    return {
        element: timedelta(seconds=median(time.total_seconds() for time in times))
        for element, times in took.items()
        if len(cases[element]) >= LEAST
    }


def duration_text(time: timedelta | None, lang: str) -> str:
    """A duration in words: `less than a day`, `about 3 days`; empty when it is None."""
    if time is None:
        return ""
    days = round(time / timedelta(days=1))
    return say("case.usual_days", lang, n=days) if days else say("case.usual_day", lang)
