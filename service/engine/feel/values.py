"""FEEL values: their Python types, comparison, and parts.

Nothing here raises for data; an operation without a result gives None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final, NamedTuple, Self, TypeAlias

NUMBERS: Final = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emax=6144,
    Emin=-6143,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""Decimal128, as FEEL wants it."""

Value: TypeAlias = Any
"""None, bool, str, Decimal, date, time, datetime, timedelta, Months, a list or dict of them, or a
Range inside an expression."""


class Months(int):
    """A duration in years and months."""

    __slots__ = ()


class HoursDuration(timedelta):
    """A duration with more hours than its days would have: `PT24H`, `P1DT36H`.

    Its length is that of all; `civil` of its days are civil days (see `feel.arithmetic`).
    """

    civil: int

    def __new__(cls, whole: timedelta, civil: int) -> Self:
        made = super().__new__(cls, whole.days, whole.seconds, whole.microseconds)
        made.civil = civil
        return made

    def __reduce__(self) -> tuple[type[Self], tuple[timedelta, int]]:
        return type(self), (timedelta(self.days, self.seconds, self.microseconds), self.civil)


def type_of(value: Value) -> type:
    """The Python type of a value as FEEL tells types apart: durations of days and hours are one."""
    kind = type(value)
    return timedelta if kind is HoursDuration else kind


MONTHS_MOST: Final = 12 * 999_999_999 + 11
"""The longest duration in years and months that a text can hold."""


class Range(NamedTuple):
    """A range: its ends, and whether they belong to it."""

    low: Value
    low_in: bool
    high: Value
    high_in: bool


def add_months(day: date, months: int) -> date:
    """Add calendar months; a day that the month does not have becomes its last day.

    A date and time keeps its time.

    Raises:
        ValueError: before year 1 or after year 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29):
        try:
            return day.replace(year=year, month=month + 1, day=min(day.day, last))
        except ValueError:
            if not date.min.year <= year <= date.max.year:
                raise
    return day.replace(year=year, month=month + 1, day=28)


def months_between(start: date, end: date) -> Months:
    """Whole months from one day to another; negative when `end` is earlier."""
    if end < start:
        return Months(-months_between(end, start))
    return Months((end.year - start.year) * 12 + end.month - start.month - (end.day < start.day))


# ---- logic with three values


def negate(value: Value) -> bool | None:
    """Logical not; None for anything that is no boolean."""
    return not value if value is True or value is False else None


def both(left: Value, right: Value) -> bool | None:
    """Logical and, with three values; anything that is no boolean counts as unknown."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def either(left: Value, right: Value) -> bool | None:
    """Logical or, with three values; anything that is no boolean counts as unknown."""
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


# ---- comparison


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; null equals null, and different kinds give None."""
    if left is None or right is None:
        return left is right
    kind = type_of(left)
    if kind is not type_of(right):
        return None
    if kind is list:
        return _equal_lists(left, right)
    if kind is dict:
        return left.keys() == right.keys() and all(
            equal(part, right[key]) is True for key, part in left.items()
        )
    if kind in _ZONED and (left.tzinfo is None) is not (right.tzinfo is None):
        return None
    return bool(left == right)


_ZONED: Final = frozenset({datetime, time})


def _equal_lists(left: list[Value], right: list[Value]) -> bool:
    return len(left) == len(right) and all(
        equal(item, other) is True for item, other in zip(left, right, strict=True)
    )


_ORDERED: Final = frozenset({Decimal, str, date, time, datetime, timedelta, Months})


def less(left: Value, right: Value) -> bool | None:
    """Whether `left < right`; None for kinds without an order or two different kinds."""
    kind = type_of(left)
    if kind is not type_of(right) or kind not in _ORDERED:
        return None
    try:
        return bool(left < right)
    except TypeError:  # a moment with an offset against one without
        return None


def at_most(left: Value, right: Value) -> bool | None:
    """Whether `left <= right`; None as with `less`."""
    kind = type_of(left)
    if kind is not type_of(right) or kind not in _ORDERED:
        return None
    try:
        return bool(left <= right)
    except TypeError:  # a moment with an offset against one without
        return None


def unequal(left: Value, right: Value) -> bool | None:
    """Whether two values differ; None as with `equal`."""
    return negate(equal(left, right))


def more(left: Value, right: Value) -> bool | None:
    """Whether `left > right`; None as with `less`."""
    return less(right, left)


def at_least(left: Value, right: Value) -> bool | None:
    """Whether `left >= right`; None as with `less`."""
    return at_most(right, left)


COMPARE: Final[Mapping[str, Callable[[Value, Value], bool | None]]] = {
    "=": equal,
    "!=": unequal,
    "<": less,
    "<=": at_most,
    ">": more,
    ">=": at_least,
}


def within(value: Value, test: Range) -> bool | None:
    """Whether a value is in a range; an end that is null leaves it open."""
    low = (at_most if test.low_in else less)(test.low, value)
    return both(low, (at_most if test.high_in else less)(value, test.high))


def member(value: Value, test: Value) -> bool | None:
    """Whether a value passes one test: a range, a list that has it, or an equal value."""
    if type(test) is Range:
        return within(value, test)
    if type(test) is list:
        if any(_passes(value, item) is True for item in test):
            return True
        return equal(value, test) if type(value) is list else False
    return equal(value, test)


def _passes(value: Value, item: Value) -> bool | None:
    return within(value, item) if type(item) is Range else equal(value, item)


# ---- parts


HOUR, DAY, MINUTE, YEAR, MICRO = 3_600, 86_400, 60, 12, timedelta(microseconds=1)
"""Seconds of an hour, a day and a minute, months of a year, and the least time that is kept."""


def _whole(length: timedelta, unit: int, every: int) -> Decimal:
    seconds = abs(length) // timedelta(seconds=1) // unit % every
    return Decimal(-seconds if length < timedelta() else seconds)


_DURATION_PARTS: Final[Mapping[str, tuple[int, int]]] = {
    "days": (DAY, 1 << 40),
    "hours": (HOUR, 24),
    "minutes": (MINUTE, 60),
    "seconds": (1, 60),
}
_DATE_PARTS: Final = frozenset({"year", "month", "day"})
_TIME_PARTS: Final = frozenset({"hour", "minute", "second"})
_PARTS: Final[Mapping[type, frozenset[str]]] = {
    date: _DATE_PARTS,
    time: _TIME_PARTS,
    datetime: _DATE_PARTS | _TIME_PARTS,
}


def part(value: Value, name: str) -> Value:
    """A key of a context, a part of a date or duration, or that part of each item of a list."""
    kind = type_of(value)
    if kind is dict:
        return value.get(name)
    if kind is list:
        return [part(item, name) for item in value]
    if kind in _PARTS:
        if name == "weekday" and kind is not time:
            return Decimal(value.isoweekday())
        return Decimal(getattr(value, name)) if name in _PARTS[kind] else None
    if kind is timedelta:
        return _whole(value, *_DURATION_PARTS[name]) if name in _DURATION_PARTS else None
    if kind is Months and name in ("years", "months"):
        whole, rest = divmod(abs(value), YEAR)
        return Decimal((whole if name == "years" else rest) * (-1 if value < 0 else 1))
    return None


_KINDS: Final[Mapping[type, str]] = {
    bool: "boolean",
    str: "string",
    Decimal: "number",
    date: "date",
    time: "time",
    datetime: "date and time",
    timedelta: "duration",
    Months: "months",
    list: "list",
    dict: "context",
    Range: "range",
}


def kind_of(value: Value) -> str:
    """The kind of a value, as `Type.kind` names it."""
    return _KINDS.get(type_of(value), "null")
