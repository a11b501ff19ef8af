"""Lengths of time as timers know them: what FEEL has, and beside it weeks, and years and months together with days and hours.

Source: engine.md 9.2; ISO 8601.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, NamedTuple, TypeAlias

from service.engine.feel_values import YEAR, Months, moment


class Mixed(NamedTuple):
    """Calendar months first, then days and hours; neither part is nothing."""

    months: Months
    rest: timedelta


Length: TypeAlias = timedelta | Months | Mixed

_WEEKS = re.compile(r"P(\d{1,6})W", re.ASCII)
_MIXED = re.compile(r"P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?((?:\d{1,9}W)?)((?:\d{1,9}D)?(?:T.+)?)", re.ASCII)
_DAYS_OF_A_WEEK: Final = 7


def time_of(text: str) -> date | Length | None:
    """Read a date, a date and time, or a length; None when the text is none of them."""
    if (found := moment(text)) is not None:
        return found
    try:
        return _length(text)
    except OverflowError:
        return None


def _length(text: str) -> Length | None:
    if weeks := _WEEKS.fullmatch(text):
        return timedelta(days=_DAYS_OF_A_WEEK * int(weeks[1]))
    mixed = _MIXED.fullmatch(text)
    if mixed is None:
        return None
    months = Months(int(mixed[1] or 0) * YEAR + int(mixed[2] or 0))
    rest = [moment(f"P{mixed[4]}") if mixed[4] else timedelta(), _length(f"P{mixed[3]}") if mixed[3] else timedelta()]
    if not all(isinstance(part, timedelta) for part in rest):
        return None
    whole = sum((part for part in rest if isinstance(part, timedelta)), timedelta())
    return Mixed(months, whole) if months and whole else whole or months
