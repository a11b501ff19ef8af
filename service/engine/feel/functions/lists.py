"""Functions of FEEL about lists and contexts.

Source: DMN 1.3, tables 76 and 78.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from typing import Final

from service.engine.feel import types
from service.engine.feel.functions.function import (
    EVERY,
    LISTED,
    MANY,
    NUMBER,
    PARTS,
    TEXT,
    Function,
    WrongValue,
    items_of,
    want,
    whole,
)
from service.engine.feel.values import NUMBERS, Value, both, either, equal, less


def _least(*values: Value) -> Value:
    return reduce(lambda one, other: other if _before(other, one) else one, _comparable(values))


def _most(*values: Value) -> Value:
    return reduce(lambda one, other: other if _before(one, other) else one, _comparable(values))


def _comparable(values: tuple[Value, ...]) -> list[Value]:
    items = items_of(values)
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
    items = [want(item, Decimal) for item in items_of(values)]
    if not items:
        raise WrongValue
    return NUMBERS.plus(reduce(NUMBERS.add, items))


def _mean(*values: Value) -> Decimal:
    return NUMBERS.divide(_sum(*values), Decimal(len(items_of(values))))


def _all(*values: Value) -> bool | None:
    answer: bool | None = True
    for item in items_of(values):
        answer = both(answer, item)
    return answer


def _any(*values: Value) -> bool | None:
    answer: bool | None = False
    for item in items_of(values):
        answer = either(answer, item)
    return answer


def _holds(items: Value, value: Value) -> bool:
    return any(equal(item, value) is True for item in want(items, list))


def _count(items: Value) -> Decimal:
    return Decimal(len(want(items, list)))


def _append(items: Value, *more: Value) -> list[Value]:
    return [*want(items, list), *more]


def _concatenate(*lists: Value) -> list[Value]:
    return [item for items in lists for item in want(items, list)]


def _distinct(items: Value) -> list[Value]:
    kept: list[Value] = []
    for item in want(items, list):
        if not _holds(kept, item):
            kept.append(item)
    return kept


def _flatten(items: Value) -> list[Value]:
    flat: list[Value] = []
    for item in want(items, list):
        flat.extend(_flatten(item) if type(item) is list else [item])
    return flat


def _places(items: Value, value: Value) -> list[Value]:
    return [
        Decimal(place)
        for place, item in enumerate(want(items, list), 1)
        if equal(item, value) is True
    ]


def _sublist(items: Value, start: Value, *length: Value) -> list[Value]:
    first = whole(start)
    size = len(want(items, list))
    begin = first - 1 if first > 0 else size + first
    end = begin + whole(*length) if length else size
    if not first or not 0 <= begin < end <= size:
        raise WrongValue
    part: list[Value] = items[begin:end]
    return part


def _entry(owner: Value, key: Value) -> Value:
    return want(owner, dict).get(want(key, str))


def _entries(owner: Value) -> list[Value]:
    return [{"key": key, "value": value} for key, value in want(owner, dict).items()]


def _pairs(values: list[Value]) -> int:
    """The work of comparing each item with each."""
    items = [item for value in values if type(value) is list for item in value]
    return len(items) * sum(_size(item) for item in items) // 10


def _size(value: Value) -> int:
    inner = value if type(value) is list else value.values() if type(value) is dict else ()
    return 1 + sum(_size(part) for part in inner)


_YES_OR_LIST: Final = frozenset({"boolean", "list"})

FUNCTIONS: Final[Mapping[str, Function]] = {
    "count": Function(1, 1, _count, (LISTED,), types.NUMBER),
    "min": Function(1, MANY, _least, (types.ORDERED | LISTED,), types.ANY),
    "max": Function(1, MANY, _most, (types.ORDERED | LISTED,), types.ANY),
    "sum": Function(1, MANY, _sum, (NUMBER | LISTED,), types.NUMBER),
    "mean": Function(1, MANY, _mean, (NUMBER | LISTED,), types.NUMBER),
    "all": Function(1, MANY, _all, (_YES_OR_LIST,), types.BOOLEAN),
    "any": Function(1, MANY, _any, (_YES_OR_LIST,), types.BOOLEAN),
    "list contains": Function(2, 2, _holds, (LISTED, EVERY), types.BOOLEAN),
    "is empty": Function(1, 1, lambda items: not want(items, list), (LISTED,), types.BOOLEAN),
    "append": Function(1, MANY, _append, (LISTED, EVERY), types.LIST),
    "concatenate": Function(1, MANY, _concatenate, (LISTED,), types.LIST),
    "union": Function(
        1, MANY, lambda *lists: _distinct(_concatenate(*lists)), (LISTED,), types.LIST, _pairs
    ),
    "distinct values": Function(1, 1, _distinct, (LISTED,), types.LIST, _pairs),
    "flatten": Function(1, 1, _flatten, (LISTED,), types.LIST),
    "reverse": Function(1, 1, lambda items: want(items, list)[::-1], (LISTED,), types.LIST),
    "index of": Function(2, 2, _places, (LISTED, EVERY), types.LIST),
    "sublist": Function(2, 3, _sublist, (LISTED, NUMBER, NUMBER), types.LIST),
    "get value": Function(2, 2, _entry, (PARTS, TEXT), types.ANY),
    "get entries": Function(1, 1, _entries, (PARTS,), types.LIST),
}
