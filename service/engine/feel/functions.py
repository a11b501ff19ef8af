"""Built-in functions of the FEEL subset: arguments, kinds and implementation.

A wrong value gives None, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from typing import Final

from service.engine.feel import types
from service.engine.feel.literals import moment, number
from service.engine.feel.types import Type
from service.engine.feel.values import (
    NUMBERS,
    Months,
    Value,
    both,
    either,
    equal,
    less,
    months_between,
)

MANY: Final = 99
"""As many values as an expression can hold."""
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class WrongValue(Exception):
    """A function cannot take the value; the call gives None."""


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function.

    `takes` holds the kinds of each argument, the last set for all that follow; an empty set takes
    any kind.
    """

    least: int
    most: int
    run: Callable[..., Value]
    takes: tuple[frozenset[str], ...]
    gives: Type


def call(function: Function, values: list[Value]) -> Value:
    """Call a function; None when it cannot take the values."""
    try:
        return function.run(*values)
    except (WrongValue, ArithmeticError, ValueError, TypeError):
        return None


def _want(value: Value, *kinds: type) -> Value:
    if type(value) not in kinds:
        raise WrongValue
    return value


def _items(values: tuple[Value, ...]) -> list[Value]:
    """The items of one list, or the arguments themselves."""
    return values[0] if len(values) == 1 and type(values[0]) is list else list(values)


# ---- numbers


def _rounded(value: Value, how: str) -> Decimal:
    return Decimal(_want(value, Decimal).to_integral_value(how, context=NUMBERS))


def _absolute(value: Value) -> Value:
    if type(value) is Decimal:
        return NUMBERS.abs(value)
    return Months(abs(value)) if type(value) is Months else abs(_want(value, timedelta))


def _modulo(dividend: Value, divisor: Value) -> Decimal:
    """The remainder, with the sign of the divisor."""
    rest: Decimal = NUMBERS.remainder(_want(dividend, Decimal), _want(divisor, Decimal))
    return NUMBERS.add(rest, divisor) if rest and (rest < 0) is not (divisor < 0) else rest


def _decimal(value: Value, scale: Value) -> Decimal:
    places = _whole(scale)
    if not NUMBERS.Emin <= -places <= NUMBERS.Emax:
        raise WrongValue
    return NUMBERS.quantize(_want(value, Decimal), Decimal((0, (1,), -places)))


def _whole(value: Value) -> int:
    if _want(value, Decimal) != value.to_integral_value():
        raise WrongValue
    return int(value)


# ---- lists


def _least(*values: Value) -> Value:
    return reduce(lambda one, other: other if _before(other, one) else one, _comparable(values))


def _most(*values: Value) -> Value:
    return reduce(lambda one, other: other if _before(one, other) else one, _comparable(values))


def _comparable(values: tuple[Value, ...]) -> list[Value]:
    items = _items(values)
    if not items:
        raise WrongValue
    _before(items[0], items[0])
    return items


def _before(left: Value, right: Value) -> bool:
    answer = less(left, right)
    if answer is None:
        raise WrongValue
    return answer


def _sum(*values: Value) -> Decimal:
    items = [_want(item, Decimal) for item in _items(values)]
    if not items:
        raise WrongValue
    return NUMBERS.plus(reduce(NUMBERS.add, items))


def _mean(*values: Value) -> Decimal:
    return NUMBERS.divide(_sum(*values), Decimal(len(_items(values))))


def _all(*values: Value) -> bool | None:
    answer: bool | None = True
    for item in _items(values):
        answer = both(answer, item)
    return answer


def _any(*values: Value) -> bool | None:
    answer: bool | None = False
    for item in _items(values):
        answer = either(answer, item)
    return answer


def _holds(items: Value, value: Value) -> bool:
    return any(equal(item, value) is True for item in _want(items, list))


# ---- time


def _date(*values: Value) -> date:
    if len(values) == 1:
        value = moment(values[0]) if type(values[0]) is str else values[0]
        return value.date() if type(value) is datetime else _want(value, date)
    year, month, day = (_whole(value) for value in values)
    return date(year, month, day)


def _date_and_time(value: Value) -> datetime:
    read = moment(_want(value, str))
    if type(read) is date:
        return datetime(read.year, read.month, read.day)  # noqa: DTZ001 - FEEL has moments without zone
    read_moment: datetime = _want(read, datetime)
    return read_moment


def _months(start: Value, end: Value) -> Months:
    days = [
        value.date() if type(value) is datetime else _want(value, date) for value in (start, end)
    ]
    return months_between(*days)


def _day_of_week(day: Value) -> str:
    return _WEEKDAYS[_want(day, date, datetime).weekday()]


def _text(run: Callable[..., Value]) -> Callable[..., Value]:
    """Make a function whose arguments must be texts."""
    return lambda *values: run(*[_want(value, str) for value in values])


_N, _S, _L, _D = frozenset({"number"}), frozenset({"string"}), frozenset({"list"}), types.DAYS
_EVERY: Final[frozenset[str]] = frozenset()
_TIMES: Final = types.DAYS | {"string"}

FUNCTIONS: Final[Mapping[str, Function]] = {
    "abs": Function(1, 1, _absolute, (_N | types.LENGTHS,), types.ANY),
    "floor": Function(1, 1, lambda value: _rounded(value, ROUND_FLOOR), (_N,), types.NUMBER),
    "ceiling": Function(1, 1, lambda value: _rounded(value, ROUND_CEILING), (_N,), types.NUMBER),
    "modulo": Function(2, 2, _modulo, (_N, _N), types.NUMBER),
    "decimal": Function(2, 2, _decimal, (_N, _N), types.NUMBER),
    "number": Function(1, 1, _text(number), (_S,), types.NUMBER),
    "count": Function(1, 1, lambda items: Decimal(len(_want(items, list))), (_L,), types.NUMBER),
    "min": Function(1, MANY, _least, (types.ORDERED | _L,), types.ANY),
    "max": Function(1, MANY, _most, (types.ORDERED | _L,), types.ANY),
    "sum": Function(1, MANY, _sum, (_N | _L,), types.NUMBER),
    "mean": Function(1, MANY, _mean, (_N | _L,), types.NUMBER),
    "all": Function(1, MANY, _all, (frozenset({"boolean", "list"}),), types.BOOLEAN),
    "any": Function(1, MANY, _any, (frozenset({"boolean", "list"}),), types.BOOLEAN),
    "list contains": Function(2, 2, _holds, (_L, _EVERY), types.BOOLEAN),
    "string length": Function(1, 1, _text(lambda text: Decimal(len(text))), (_S,), types.NUMBER),
    "contains": Function(2, 2, _text(lambda text, other: other in text), (_S,), types.BOOLEAN),
    "starts with": Function(2, 2, _text(str.startswith), (_S,), types.BOOLEAN),
    "ends with": Function(2, 2, _text(str.endswith), (_S,), types.BOOLEAN),
    "upper case": Function(1, 1, _text(str.upper), (_S,), types.STRING),
    "lower case": Function(1, 1, _text(str.lower), (_S,), types.STRING),
    "date": Function(1, 3, _date, (_TIMES | _N, _N, _N), types.DATE),
    "date and time": Function(1, 1, _date_and_time, (_S,), types.MOMENT),
    "duration": Function(
        1, 1, lambda text: _want(moment(_want(text, str)), Months, timedelta), (_S,), types.ANY
    ),
    "years and months duration": Function(2, 2, _months, (_D, _D), types.MONTHS),
    "day of week": Function(1, 1, _day_of_week, (_D,), Type("string", _WEEKDAYS)),
}
"""All built-in functions but `not`, `today` and `now`, which the compiler implements."""

CLOCKS: Final[Mapping[str, Type]] = {"today": types.DATE, "now": types.MOMENT}
"""Functions that read the current time."""
NAMES: Final = (*FUNCTIONS, *CLOCKS, "not")

ELSEWHERE: Final[Mapping[str, str]] = {
    "matches": "patterns",
    "replace": "texts",
    "split": "texts",
    "substring": "texts",
    "sort": "least",
    "string": "same",
    "time": "moment",
    "cron": "timer",
    "cycle": "timer",
    "append": "lists",
    "concatenate": "lists",
    "union": "lists",
    "context": "context",
    "round": "round",
    "is": "equal",
}
"""Functions outside our subset, by keys of `errors.INSTEAD`."""
