"""Clocks: the only readers of the time. Everything else is handed `now`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A clock: gives aware moments in UTC, cut to the millisecond."""

    def now(self) -> datetime:
        """The moment."""
        ...

    def steady(self) -> float:
        """Seconds of a clock that nobody can set; one that is there to be set gives its own."""
        ...


def to_milliseconds(moment: datetime) -> datetime:
    """The moment in UTC, without what is below a millisecond: as facts keep it."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The moment, from the operating system."""
        return to_milliseconds(datetime.now(UTC))

    def steady(self) -> float:
        """Seconds since the machine began, those in which it slept among them."""
        return (
            time.clock_gettime(time.CLOCK_BOOTTIME)
            if hasattr(time, "CLOCK_BOOTTIME")
            else time.monotonic()
        )


class ShiftedClock:
    """The machine's clock plus a shift that the demo can grow, so that months pass at once."""

    def __init__(self, base: Clock, shift: timedelta = timedelta()) -> None:
        self.base = base
        self.shift = shift

    def now(self) -> datetime:
        """The base clock's moment plus the shift."""
        return to_milliseconds(self.base.now() + self.shift)

    def steady(self) -> float:
        """As the base clock."""
        return self.base.steady()

    def set(self, moment: datetime) -> None:
        """Shift the clock so that it is this moment now."""
        self.shift = moment - self.base.now()


class SetClock:
    """A clock that shows one moment until it is set. For the demo's seed and for tests."""

    def __init__(self, moment: datetime) -> None:
        self.moment = to_milliseconds(moment)

    def now(self) -> datetime:
        """The moment that it was set to."""
        return self.moment

    def steady(self) -> float:
        """The same moment, in seconds."""
        return self.now().timestamp()

    def set(self, moment: datetime) -> None:
        """Set it to another moment."""
        self.moment = to_milliseconds(moment)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One look at a clock and at its steady seconds."""

    at: datetime
    steady: float

    def moved(self, before: ClockReading | None) -> timedelta:
        """How far the clock was set between two looks; nothing at the first."""
        if before is None:
            return timedelta()
        return self.at - before.at - timedelta(seconds=self.steady - before.steady)


def read_clock(clock: Clock) -> ClockReading:
    """Look at a clock."""
    return ClockReading(clock.now(), clock.steady())


def wall_clock(clock: Clock) -> Clock:
    """The machine's clock behind a shifted one.

    Sessions and browsers live by it, while a demo's cases are months ahead.
    """
    return clock.base if isinstance(clock, ShiftedClock) else clock
