"""Calendars of a release: zone, working days of the week, days off.

The engine reads no holiday library: what a day counts as is part of the release, so that a replay
counts as the case did.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from service.engine.feel.arithmetic import civil_days, elapsed_part
from service.engine.feel.values import Months, add_months
from service.engine.timing.durations import Length, MixedDuration

DAY = timedelta(days=1)
_WEEK = frozenset(range(1, 8))
_LONGEST_HOLIDAY = 366


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of an office."""

    zone: ZoneInfo
    week: frozenset[int] = _WEEK
    """Days of work, 1 = Monday."""
    off: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Whether a day is a working day."""
        return day.isoweekday() in self.week and day not in self.off

    def instant(self, value: date) -> datetime:
        """The instant of a date (its first moment in the zone) or of a date and time.

        A time without offset is civil time; one that the clock skips is read with the offset before
        it.
        """
        if isinstance(value, datetime):
            moment = value
        else:
            moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone comes next
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def later(
        self, start: datetime, step: Length, times: int = 1, *, working: bool = False
    ) -> datetime:
        """The instant `times` steps after `start`.

        Counted from `start` each time, so that ends of months do not drift. Days are civil, hours
        are elapsed time, however many: `P1D` ends at the same time of day, `PT24H` 24 hours later.
        """
        civil = start.astimezone(self.zone).replace(tzinfo=None)
        if isinstance(step, Months):
            return self.instant(add_months(civil, int(step) * times))
        if isinstance(step, MixedDuration):
            return self.later(
                self.instant(add_months(civil, int(step.months) * times)), step.rest, times
            )
        days = civil_days(step) * times
        rest = elapsed_part(step) * times
        if working:
            return self.instant(self._working(civil, days)) + rest
        return (self.instant(civil + DAY * days) if days else start.astimezone(UTC)) + rest

    def _working(self, civil: datetime, days: int) -> datetime:
        """Go to the next working day if this is none, then `days` working days on."""
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
    """Load an IANA zone, cached: a turn of a case may open no file."""
    return ZoneInfo(name)


def read_calendars(files: Mapping[str, bytes]) -> dict[str, Calendar]:
    """Read the calendars of a release by name: `calendars/sweden.json` is `sweden`.

    The linter has checked them (D620).
    """
    calendars = dict[str, Calendar]()
    for path, data in files.items():
        content = json.loads(data)
        calendar = Calendar(
            zone(content["zone"]),
            frozenset(content["week"]),
            frozenset(date.fromisoformat(day) for day in content["off"]),
        )
        calendars[path.rpartition("/")[2].removesuffix(".json")] = calendar
    return calendars
