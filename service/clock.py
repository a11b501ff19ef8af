"""The only reader of the wall clock. Everything else is handed `now`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time: aware, UTC, cut to the millisecond."""

    def now(self) -> datetime:
        """The moment."""
        ...


def cut(moment: datetime) -> datetime:
    """The moment in UTC, without what is below a millisecond: as facts keep it."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The moment, from the operating system."""
        return cut(datetime.now(UTC))


class ShiftedClock:
    """The machine's clock plus a shift that the demo can grow: months pass at the press of a button."""

    def __init__(self, base: Clock, shift: timedelta = timedelta()) -> None:
        self.base = base
        self.shift = shift

    def now(self) -> datetime:
        """The base clock's moment plus the shift."""
        return cut(self.base.now() + self.shift)

    def set(self, moment: datetime) -> None:
        """Shift the clock so that it is this moment now."""
        self.shift = moment - self.base.now()


class SetClock:
    """A clock with hands: it stands still until it is set. For the demo's seed and for tests."""

    def __init__(self, moment: datetime) -> None:
        self.moment = cut(moment)

    def now(self) -> datetime:
        """Where the hands stand."""
        return self.moment

    def set(self, moment: datetime) -> None:
        """Put the hands on another moment."""
        self.moment = cut(moment)


def wall(clock: Clock) -> Clock:
    """The clock behind a shifted one: what people and browsers live by, while a demo's cases are months ahead."""
    return clock.base if isinstance(clock, ShiftedClock) else clock
