"""Durations of timers: those of FEEL, weeks, and years and months mixed with days and hours.

Source: ISO 8601.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Final, NamedTuple, TypeAlias

from service.engine.feel.arithmetic import plus
from service.engine.feel.literals import moment
from service.engine.feel.values import YEAR, Months


class MixedDuration(NamedTuple):
    """A duration of calendar months followed by days and hours; neither part is zero."""

    months: Months
    rest: timedelta


Length: TypeAlias = timedelta | Months | MixedDuration

_MIXED = re.compile(
    r"P(?=.)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,6})W)?((?:\d{1,9}D)?(?:T.+)?)", re.ASCII
)
_DAYS_OF_A_WEEK: Final = 7


def time_of(text: str) -> date | Length | None:
    """Read a date, a date and time, or a duration; None when the text is none of them."""
    value = moment(text)
    if value is not None and not isinstance(value, time):
        return value
    mixed = _MIXED.fullmatch(text)
    if mixed is None:
        return None
    days = moment(f"P{mixed[4]}") if mixed[4] else timedelta()
    if not isinstance(days, timedelta):
        return None
    weeks = int(mixed[3] or 0)
    months = Months(int(mixed[1] or 0) * YEAR + int(mixed[2] or 0))
    try:
        rest = plus(days, timedelta(days=_DAYS_OF_A_WEEK * weeks)) if weeks else days
    except OverflowError:
        return None
    return MixedDuration(months, rest) if months and rest else rest or months
