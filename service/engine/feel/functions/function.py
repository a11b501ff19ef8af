"""What a built-in function is: arguments, kinds, implementation and cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.engine.feel.types import Type
from service.engine.feel.values import Value, type_of

MANY: Final = 99
"""As many values as an expression can hold."""

EVERY: Final[frozenset[str]] = frozenset()
"""Any kind."""
NUMBER: Final = frozenset({"number"})
TEXT: Final = frozenset({"string"})
LISTED: Final = frozenset({"list"})
PARTS: Final = frozenset({"context"})


class WrongValue(Exception):
    """A function cannot take the value; the call gives None."""


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function.

    `takes` holds the kinds of each argument, the last set for all that follow; an empty set takes
    any kind. `cost` is the work of a call beyond the items that it visits once.
    """

    least: int
    most: int
    run: Callable[..., Value]
    takes: tuple[frozenset[str], ...]
    gives: Type
    cost: Callable[[list[Value]], int] | None = None


def call(function: Function, values: list[Value]) -> Value:
    """Call a function; None when it cannot take the values."""
    try:
        return function.run(*values)
    except (WrongValue, ArithmeticError, ValueError, TypeError):
        return None


def want(value: Value, *kinds: type) -> Value:
    """The value, which must be of one of the kinds."""
    if type_of(value) not in kinds:
        raise WrongValue
    return value


def whole(value: Value) -> int:
    """A whole number as an int."""
    if want(value, Decimal) != value.to_integral_value():
        raise WrongValue
    return int(value)


def items_of(values: tuple[Value, ...]) -> list[Value]:
    """The items of one list, or the arguments themselves."""
    return values[0] if len(values) == 1 and type(values[0]) is list else list(values)


def of_texts(run: Callable[..., Value]) -> Callable[..., Value]:
    """Make a function whose arguments must be texts."""
    return lambda *values: run(*[want(value, str) for value in values])
