"""Cycles: how often a timer comes again, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from service.engine.feel.conversion import duration_text
from service.engine.feel.values import Months
from service.engine.limits import ENDLESS_LEAST, ROUNDS, TIMER_LEAST
from service.engine.timing.durations import Length, MixedDuration, time_of

_LEAST = {
    False: (TIMER_LEAST, duration_text(TIMER_LEAST)),
    True: (ENDLESS_LEAST, duration_text(ENDLESS_LEAST)),
}
"""The shortest period of a cycle that counts its rounds, and of one without end."""
_PARTS = 2
"""Of a cycle behind its count: a start and a period."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle: `R3/P7D`, `R/P1M`, `R/2026-03-01T09:00:00/P1D`."""

    count: int | None
    start: date | None
    period: Length


def rounds(text: str) -> Cycle | None:
    """Read a cycle; None when the text is none, or repeats too often."""
    cycle = _read(text)
    return cycle if cycle is not None and _rests(cycle.period) else None


def _read(text: str) -> Cycle | None:
    head, *parts = text.strip().split("/")
    count, period = head[1:], time_of(parts[-1]) if parts else None
    start = time_of(parts[0]) if len(parts) > 1 else None
    if not head.startswith("R") or len(parts) > _PARTS:
        return None
    if not isinstance(period, timedelta | Months | MixedDuration):
        return None
    if len(parts) == _PARTS and not isinstance(start, date):
        return None
    if count and not (count.isascii() and count.isdigit() and 1 <= int(count) <= ROUNDS):
        return None
    first = start if isinstance(start, date) else None
    return Cycle(int(count) if count else None, first, period)


def _rests(period: Length) -> bool:
    """Is that a period that may come again and again?"""
    if isinstance(period, Months):
        return period >= 1
    return isinstance(period, MixedDuration) or period >= TIMER_LEAST


def held_apart(text: object) -> object:
    """A cycle that FEEL gave, with the least time between two rounds that the linter demands of
    constants: a minute (D910), an hour without end (D911).
    """
    cycle = _read(text) if isinstance(text, str) else None
    if cycle is None or not isinstance(text, str):
        return text
    least, written = _LEAST[cycle.count is None]
    is_long = _rests(cycle.period) and not (
        isinstance(cycle.period, timedelta) and cycle.period < least
    )
    return text if is_long else f"{text.rpartition('/')[0]}/{written}"


def least_not(holds: Callable[[int], bool]) -> int:
    """The least number from 1 for which something no longer holds, in few questions, however many
    it holds for.
    """
    high = 1
    while holds(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return high
