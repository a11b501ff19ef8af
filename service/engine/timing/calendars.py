"""Calendars of a release: a zone, the days of work in a week, and the days off.

The engine reads no holiday library (engine.md 9.4).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from service.engine.feel.values import Months, add_months
from service.engine.timing.durations import Length, MixedDuration

DAY = timedelta(days=1)
_WEEK = frozenset(range(1, 8))
_LONGEST_HOLIDAY = 366


@dataclass(frozen=True, slots=True)
class Calendar:
    """How an office counts time."""

    zone: ZoneInfo
    week: frozenset[int] = _WEEK
    """Days of work, 1 = Monday."""
    off: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Is this a working day?"""
        return day.isoweekday() in self.week and day not in self.off

    def instant(self, value: date) -> datetime:
        """A date means its first moment here; a moment without offset is civil time here.

        One that the clock skips is read with the offset before it.
        """
        if isinstance(value, datetime):
            moment = value
        else:
            moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone comes next
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def later(
        self, start: datetime, step: Length, times: int = 1, *, working: bool = False
    ) -> datetime:
        """`times` steps after `start`, counted from `start` each time so that month-ends do not
        drift; days are civil, the rest is real time.
        """
        civil = start.astimezone(self.zone).replace(tzinfo=None)
        if isinstance(step, Months):
            return self.instant(add_months(civil, int(step) * times))
        if isinstance(step, MixedDuration):
            return self.later(
                self.instant(add_months(civil, int(step.months) * times)), step.rest, times
            )
        days, rest = divmod(step, DAY)
        if working:
            return self.instant(self._working(civil, days * times)) + rest * times
        return self.instant(civil + DAY * days * times) + rest * times

    def _working(self, civil: datetime, days: int) -> datetime:
        """The next working day if today is none, then so many working days on, at the same civil
        time.
        """
        civil = self._next(civil)
        for _ in range(days):
            civil = self._next(civil + DAY)
        return civil

    def _next(self, civil: datetime) -> datetime:
        for _ in range(_LONGEST_HOLIDAY):
            if self.works(civil.date()):
                return civil
            civil += DAY
        return civil


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """An IANA zone; loaded once, while a release is read, because a turn may open no file."""
    return ZoneInfo(name)


def read_calendars(files: Mapping[str, bytes]) -> dict[str, Calendar]:
    """The calendars of a release by name: `calendars/sweden.json` is `sweden`.

    The linter has looked at them (D620).
    """
    found = dict[str, Calendar]()
    for path, data in files.items():
        given = json.loads(data)
        calendar = Calendar(
            zone(given["zone"]),
            frozenset(given["week"]),
            frozenset(date.fromisoformat(day) for day in given["off"]),
        )
        found[path.rpartition("/")[2].removesuffix(".json")] = calendar
    return found
