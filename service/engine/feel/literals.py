"""Texts of FEEL's literals: numbers, dates, dates and times, and durations, read and written.

Nothing here raises for data; a text that is no literal gives None.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from service.engine.feel.arithmetic import lasting
from service.engine.feel.values import MONTHS_MOST, NUMBERS, YEAR, Months

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII
)
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII)
_DURATION = re.compile(
    r"(-?)P(?=.)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?",
    re.ASCII,
)
_NUMBER = re.compile(r"-?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})", re.ASCII)


def moment(text: str) -> date | time | timedelta | Months | None:
    """Read a date, a time, a date and time, or a duration, in ISO 8601 as FEEL writes it.

    None when the text is none of them.
    """
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
        if _TIME.fullmatch(text):
            return time.fromisoformat(text)
        return _duration(text)
    except (ValueError, OverflowError):
        return None


def _duration(text: str) -> timedelta | Months | None:
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes, seconds = (int(match[place] or 0) for place in range(2, 8))
    if match[2] or match[3]:
        mixed = any(match[place] for place in range(4, 8))
        length = years * YEAR + months
        return None if mixed or length > MONTHS_MOST else Months(sign * length)
    micros = int((match[8] or "").ljust(6, "0")[:6])
    whole = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
    return lasting(sign * whole, sign * days)


def number(text: str) -> Decimal | None:
    """Read a plain decimal number; no exponents, no infinities."""
    return NUMBERS.create_decimal(text) if _NUMBER.fullmatch(text) else None


_STORED = re.compile(r"-?\d(?:\.\d{1,33})?E[+-]\d{1,4}", re.ASCII)


def read_number(text: str) -> Decimal | None:
    """Read a number of the state: a plain one, or one that `number_text` wrote with an exponent."""
    if not _STORED.fullmatch(text):
        return number(text)
    try:
        return NUMBERS.create_decimal(text)
    except ArithmeticError:
        return None


def number_text(value: Decimal) -> str:
    """Write a number so that `read_number` gives it back; only very long ones have an exponent."""
    text = f"{value:f}"
    if _NUMBER.fullmatch(text):
        return text
    digits = value.as_tuple().digits
    exponent = value.adjusted()
    sign, first, rest = "-" if value < 0 else "", digits[0], "".join(map(str, digits[1:]))
    return f"{sign}{first}{f'.{rest}' if rest else ''}E{exponent:+d}"
