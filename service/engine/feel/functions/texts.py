"""Functions of FEEL about texts, but for patterns.

Source: DMN 1.3, table 74.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from service.engine import limits
from service.engine.feel import types
from service.engine.feel.errors import FuelSpent
from service.engine.feel.functions.function import (
    LISTED,
    NUMBER,
    TEXT,
    Function,
    WrongValue,
    of_texts,
    want,
    whole,
)
from service.engine.feel.values import Value


def _substring(text: Value, start: Value, *length: Value) -> str:
    """From a place, counted from 1, or from the end for a negative one."""
    first = whole(start)
    size = len(want(text, str))
    count = whole(*length) if length else max(size, 1)
    if not first or count < 1:
        raise WrongValue
    begin = first - 1 if first > 0 else size + first
    part: str = text[max(begin, 0) : max(begin + count, 0)]
    return part


def _before(text: str, found: str) -> str:
    return text.partition(found)[0] if found and found in text else ""


def _after(text: str, found: str) -> str:
    return text.partition(found)[2] if found else text


def _join(items: Value, between: Value = None, before: Value = None, after: Value = None) -> str:
    """The texts of a list in one; what is empty is left out."""
    between, before, after = (
        want(part, str, type(None)) or "" for part in (between, before, after)
    )
    parts = [want(item, str) for item in want(items, list) if item is not None]
    if sum(map(len, parts)) + len(between) * len(parts) > limits.FEEL_TEXT:
        raise FuelSpent
    return f"{before}{between.join(parts)}{after}"


FUNCTIONS: Final[Mapping[str, Function]] = {
    "string length": Function(
        1, 1, of_texts(lambda text: Decimal(len(text))), (TEXT,), types.NUMBER
    ),
    "contains": Function(2, 2, of_texts(lambda text, other: other in text), (TEXT,), types.BOOLEAN),
    "starts with": Function(2, 2, of_texts(str.startswith), (TEXT,), types.BOOLEAN),
    "ends with": Function(2, 2, of_texts(str.endswith), (TEXT,), types.BOOLEAN),
    "upper case": Function(1, 1, of_texts(str.upper), (TEXT,), types.STRING),
    "lower case": Function(1, 1, of_texts(str.lower), (TEXT,), types.STRING),
    "substring": Function(2, 3, _substring, (TEXT, NUMBER, NUMBER), types.STRING),
    "substring before": Function(2, 2, of_texts(_before), (TEXT,), types.STRING),
    "substring after": Function(2, 2, of_texts(_after), (TEXT,), types.STRING),
    "string join": Function(1, 4, _join, (LISTED, TEXT), types.STRING),
}
