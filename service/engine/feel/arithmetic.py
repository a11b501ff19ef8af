"""Arithmetic of FEEL values: which kinds go together, and the result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from service.engine.feel.values import MICRO, MONTHS_MOST, NUMBERS, Months, Value, add_months


def calculate(sign: str, left: Value, right: Value) -> Value:
    """Add, subtract, multiply or divide.

    None for kinds that do not go together and where there is no result.
    """
    operation = _OPERATIONS.get((sign, type(left), type(right)))
    if operation is None:
        return None
    try:
        return operation(left, right)
    except (ArithmeticError, ValueError, TypeError):
        return None


def _shift(start: datetime, by: timedelta) -> datetime:
    """Add a duration in elapsed time; the local time jumps when the clocks change."""
    if start.tzinfo is None:
        return start + by
    return (start.astimezone(UTC) + by).astimezone(start.tzinfo)


def _apart(end: datetime, start: datetime) -> timedelta:
    if (end.tzinfo is None) is not (start.tzinfo is None):
        raise TypeError("one has an offset, the other has none")
    return end.astimezone(UTC) - start.astimezone(UTC) if end.tzinfo else end - start


def _shift_date(start: date, by: timedelta) -> date:
    """Add a duration to a day, and give the day of the result."""
    return (datetime(start.year, start.month, start.day, tzinfo=UTC) + by).date()


def _shift_time(at: time, by: timedelta) -> time:
    """Add a duration to a time of day, which begins anew at midnight."""
    day = datetime(2000, 1, 1, at.hour, at.minute, at.second, at.microsecond, at.tzinfo)
    return (day + by % timedelta(days=1)).timetz()


def _times_apart(end: time, start: time) -> timedelta:
    return _apart(*(datetime.combine(date(2000, 1, 1), at) for at in (end, start)))


def _scaled(length: timedelta, factor: Decimal) -> timedelta:
    micros = NUMBERS.multiply(Decimal(length // MICRO), factor)
    return int(micros.to_integral_value(ROUND_HALF_EVEN)) * MICRO


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
    ("+", date, timedelta): _shift_date,
    ("-", date, timedelta): lambda day, by: _shift_date(day, -by),
    ("+", timedelta, date): lambda by, day: _shift_date(day, by),
    ("+", datetime, timedelta): _shift,
    ("-", datetime, timedelta): lambda start, by: _shift(start, -by),
    ("+", timedelta, datetime): lambda by, start: _shift(start, by),
    ("-", date, date): lambda end, start: end - start,
    ("-", datetime, datetime): _apart,
    ("+", time, timedelta): _shift_time,
    ("-", time, timedelta): lambda at, by: _shift_time(at, -by),
    ("+", timedelta, time): lambda by, at: _shift_time(at, by),
    ("-", time, time): _times_apart,
    ("+", timedelta, timedelta): lambda left, right: left + right,
    ("-", timedelta, timedelta): lambda left, right: left - right,
    ("+", Months, Months): lambda left, right: _months(int(left) + int(right)),
    ("-", Months, Months): lambda left, right: _months(int(left) - int(right)),
    ("*", timedelta, Decimal): _scaled,
    ("*", Decimal, timedelta): lambda factor, length: _scaled(length, factor),
    ("/", timedelta, Decimal): lambda length, divisor: _scaled(length, _inverse(divisor)),
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
