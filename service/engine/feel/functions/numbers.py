"""Functions of FEEL about numbers and logic.

Source: DMN 1.3, tables 73, 75, 77.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from service.engine.feel import types
from service.engine.feel.arithmetic import negative
from service.engine.feel.functions.function import (
    EVERY,
    NUMBER,
    TEXT,
    Function,
    WrongValue,
    of_texts,
    want,
)
from service.engine.feel.literals import number
from service.engine.feel.values import NUMBERS, Months, Value

_SCALES: Final = range(-6_111, 6_177)
"""Digits behind the point that `decimal` takes (DMN 1.3, table 75)."""
_DIGITS: Final = 4


def _rounded(value: Value, how: str) -> Decimal:
    return Decimal(want(value, Decimal).to_integral_value(how, context=NUMBERS))


def _absolute(value: Value) -> Value:
    if type(value) is Decimal:
        return NUMBERS.abs(value)
    if type(value) is Months:
        return Months(abs(value))
    return negative(value) if want(value, timedelta) < timedelta() else value


def _modulo(dividend: Value, divisor: Value) -> Decimal:
    """The remainder, with the sign of the divisor."""
    rest: Decimal = NUMBERS.remainder(want(dividend, Decimal), want(divisor, Decimal))
    return NUMBERS.add(rest, divisor) if rest and (rest < 0) is not (divisor < 0) else rest


def _decimal(value: Value, scale: Value) -> Decimal:
    """Round half even to so many digits; of a scale with a fraction its whole part counts."""
    if want(scale, Decimal).adjusted() > _DIGITS or int(scale) not in _SCALES:
        raise WrongValue
    places = int(scale)
    return NUMBERS.quantize(want(value, Decimal), Decimal((0, (1,), -places)))


def _or_else(value: Value, other: Value) -> Value:
    return other if value is None else value


FUNCTIONS: Final[Mapping[str, Function]] = {
    "abs": Function(1, 1, _absolute, (NUMBER | types.LENGTHS,), types.ANY),
    "floor": Function(1, 1, lambda value: _rounded(value, ROUND_FLOOR), (NUMBER,), types.NUMBER),
    "ceiling": Function(
        1, 1, lambda value: _rounded(value, ROUND_CEILING), (NUMBER,), types.NUMBER
    ),
    "modulo": Function(2, 2, _modulo, (NUMBER, NUMBER), types.NUMBER),
    "decimal": Function(2, 2, _decimal, (NUMBER, NUMBER), types.NUMBER),
    "number": Function(1, 1, of_texts(number), (TEXT,), types.NUMBER),
    "is defined": Function(1, 1, lambda value: value is not None, (EVERY,), types.BOOLEAN),
    "get or else": Function(2, 2, _or_else, (EVERY,), types.ANY),
}
