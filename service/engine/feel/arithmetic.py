"""Arithmetic of FEEL values: which kinds go together, and the result.

To FEEL, `P1D` and `PT24H` are equal. Added to a moment they differ when the clocks change: a civil
day ends at the same time of day, 24 hours are 24 hours. A plain `timedelta` is civil days and less
than a day of hours; what has more hours is an `HoursDuration`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from service.engine.feel.values import (
    MICRO,
    MONTHS_MOST,
    NUMBERS,
    HoursDuration,
    Months,
    Value,
    add_months,
    type_of,
)

ONE_DAY: Final = timedelta(days=1)


def calculate(sign: str, left: Value, right: Value) -> Value:
    """Add, subtract, multiply or divide.

    None for kinds that do not go together and where there is no result.
    """
    operation = _OPERATIONS.get((sign, type_of(left), type_of(right)))
    if operation is None:
        return None
    try:
        return operation(left, right)
    except (ArithmeticError, ValueError, TypeError):
        return None


def whole_days(length: timedelta) -> int:
    """Whole days of a length, towards zero."""
    return -(-length // ONE_DAY) if length < timedelta() else length // ONE_DAY


def lasting(whole: timedelta, civil: int) -> timedelta:
    """A duration that is so long when a day has 24 hours, with so many civil days.

    No text can say days forwards and hours back: there as many days are civil as there are.
    """
    rest, days = whole - ONE_DAY * civil, whole_days(whole)
    forth = max(rest, ONE_DAY * civil)
    back = min(rest, ONE_DAY * civil)
    if days == civil or back < timedelta() < forth:
        return timedelta(0) + whole
    return HoursDuration(whole, civil)


def civil_days(length: timedelta) -> int:
    """How many days of a duration are civil days."""
    return length.civil if isinstance(length, HoursDuration) else whole_days(length)


def elapsed_part(length: timedelta) -> timedelta:
    """What a duration has more than its civil days, as elapsed time."""
    return timedelta(0) + length - ONE_DAY * civil_days(length)


def plus(left: timedelta, right: timedelta) -> timedelta:
    """Add two durations: days to days, hours to hours."""
    return lasting(left + right, civil_days(left) + civil_days(right))


def negative(length: timedelta) -> timedelta:
    """The same duration backwards."""
    return lasting(-length, -civil_days(length))


def scaled(length: timedelta, factor: Decimal) -> timedelta:
    """A duration times a number; civil days stay such where their number is whole."""
    micros = NUMBERS.multiply(Decimal(length // MICRO), factor)
    whole = int(micros.to_integral_value(ROUND_HALF_EVEN)) * MICRO
    days = NUMBERS.multiply(Decimal(civil_days(length)), factor)
    return lasting(whole, int(days))


def shift(start: datetime, by: timedelta) -> datetime:
    """Add a duration to a moment: its civil days first, then its hours as elapsed time.

    A time that the clock skips is read with the offset before it.
    """
    days = ONE_DAY * civil_days(by)
    rest = elapsed_part(by)
    if start.tzinfo is None:
        return start + days + rest
    moment = (start + days).astimezone(UTC) if days else start.astimezone(UTC)
    return (moment + rest).astimezone(start.tzinfo)


def apart(end: datetime, start: datetime) -> timedelta:
    """The time between two moments: elapsed time where both have an offset."""
    if (end.tzinfo is None) is not (start.tzinfo is None):
        raise TypeError("one has an offset, the other has none")
    if end.tzinfo is None:
        return end - start
    return lasting(end.astimezone(UTC) - start.astimezone(UTC), 0)


def shift_date(start: date, by: timedelta) -> date:
    """Add a duration to a day, and give the day of the result."""
    return (datetime(start.year, start.month, start.day, tzinfo=UTC) + by).date()


def shift_time(at: time, by: timedelta) -> time:
    """Add a duration to a time of day, which begins anew at midnight."""
    day = datetime(2000, 1, 1, at.hour, at.minute, at.second, at.microsecond, at.tzinfo)
    return (day + by % ONE_DAY).timetz()


def times_apart(end: time, start: time) -> timedelta:
    """The time between two times of a day."""
    return apart(*(datetime.combine(date(2000, 1, 1), at) for at in (end, start)))


def _months(months: int) -> Months:
    if abs(months) > MONTHS_MOST:
        raise OverflowError
    return Months(months)


def _inverse(divisor: Decimal) -> Decimal:
    return NUMBERS.divide(Decimal(1), divisor)


def _ratio(length: timedelta, other: timedelta) -> Decimal:
    return NUMBERS.divide(Decimal(length // MICRO), Decimal(other // MICRO))


_OPERATIONS: Final[dict[tuple[str, type, type], Callable[[Value, Value], Value]]] = {
    ("+", Decimal, Decimal): NUMBERS.add,
    ("-", Decimal, Decimal): NUMBERS.subtract,
    ("*", Decimal, Decimal): NUMBERS.multiply,
    ("/", Decimal, Decimal): NUMBERS.divide,
    ("+", str, str): lambda left, right: left + right,
    ("+", date, Months): add_months,
    ("-", date, Months): lambda day, months: add_months(day, -months),
    ("+", datetime, Months): add_months,
    ("-", datetime, Months): lambda day, months: add_months(day, -months),
    ("+", Months, date): lambda months, day: add_months(day, months),
    ("+", Months, datetime): lambda months, day: add_months(day, months),
    ("+", date, timedelta): shift_date,
    ("-", date, timedelta): lambda day, by: shift_date(day, -by),
    ("+", timedelta, date): lambda by, day: shift_date(day, by),
    ("+", datetime, timedelta): shift,
    ("-", datetime, timedelta): lambda start, by: shift(start, negative(by)),
    ("+", timedelta, datetime): lambda by, start: shift(start, by),
    ("-", date, date): lambda end, start: end - start,
    ("-", datetime, datetime): apart,
    ("+", time, timedelta): shift_time,
    ("-", time, timedelta): lambda at, by: shift_time(at, -by),
    ("+", timedelta, time): lambda by, at: shift_time(at, by),
    ("-", time, time): times_apart,
    ("+", timedelta, timedelta): plus,
    ("-", timedelta, timedelta): lambda left, right: plus(left, negative(right)),
    ("+", Months, Months): lambda left, right: _months(int(left) + int(right)),
    ("-", Months, Months): lambda left, right: _months(int(left) - int(right)),
    ("*", timedelta, Decimal): scaled,
    ("*", Decimal, timedelta): lambda factor, length: scaled(length, factor),
    ("/", timedelta, Decimal): lambda length, divisor: scaled(length, _inverse(divisor)),
    ("*", Months, Decimal): lambda months, factor: _months(
        int(NUMBERS.multiply(Decimal(int(months)), factor))
    ),
    ("*", Decimal, Months): lambda factor, months: _months(
        int(NUMBERS.multiply(Decimal(int(months)), factor))
    ),
    ("/", Months, Decimal): lambda months, divisor: _months(
        int(NUMBERS.divide(Decimal(int(months)), divisor))
    ),
    ("/", timedelta, timedelta): _ratio,
    ("/", Months, Months): lambda left, right: NUMBERS.divide(
        Decimal(int(left)), Decimal(int(right))
    ),
}
