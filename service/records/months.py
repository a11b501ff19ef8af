"""Times by month: of an erased case nobody is shown a day or an hour, by which a person can be
singled out still.

A `Month` is a moment like any other to whoever sorts and compares, and writes itself as `2026-03`
in whatever form it is asked for. So what is loaded is made coarse once, and no page that shows a
moment has to know of it.
Source: decisions/0123.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Final, Self
from zoneinfo import ZoneInfo

from service.records.retention import ZONE
from service.store.casefile import cases

MONTH_LETTERS: Final = 7
"""Of a day as RFC 3339 writes it, those that name its month."""


class MonthDay(date):
    """The first day of a month, that writes itself as the month."""

    def isoformat(self) -> str:
        return date.isoformat(self)[:MONTH_LETTERS]

    __str__ = isoformat

    def strftime(self, _format: str) -> str:
        return self.isoformat()


class Month(datetime):
    """The beginning of a month, that writes itself as the month."""

    def isoformat(self, _sep: str = "T", timespec: str = "auto") -> str:  # noqa: ARG002 - as its base
        return self.date().isoformat()

    def __str__(self) -> str:
        return self.isoformat()

    def strftime(self, _format: str) -> str:
        return self.isoformat()

    def astimezone(self, tz: tzinfo | None = None) -> Self:  # noqa: ARG002 - a month is the same in every zone
        return self

    def date(self) -> MonthDay:
        return MonthDay(self.year, self.month, 1)


def month_of(at: datetime) -> Month:
    """The month of an aware moment, where rules run."""
    there = at if isinstance(at, Month) else at.astimezone(ZoneInfo(ZONE))
    return Month(there.year, there.month, 1, tzinfo=ZoneInfo(ZONE))


def as_shown(case: cases.CaseSummary | None, at: datetime) -> datetime:
    """A moment of a case as it is shown: its month, where only the path of the case is left."""
    return month_of(at) if case is not None and case.kind == cases.PATH else at
