"""Types of routing values, as forms, rules and handlers declare them and FEEL checks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Type:
    """A declared type.

    `kind`: boolean, string, number, date, time, date and time, duration, months, list, context,
    any, null.

    `values` lists the allowed texts of a string (or of a list's items); empty means any. `fields`
    types the keys of a context (or of a list's items); `items` types the items of a list that are
    neither, where it is known.
    """

    kind: str
    values: tuple[str, ...] = ()
    fields: Mapping[str, Type] = field(default_factory=dict)
    items: Type | None = None


ANY: Final = Type("any")
NULL: Final = Type("null")
BOOLEAN: Final = Type("boolean")
NUMBER: Final = Type("number")
STRING: Final = Type("string")
DATE: Final = Type("date")
TIME: Final = Type("time")
MOMENT: Final = Type("date and time")
DURATION: Final = Type("duration")
MONTHS: Final = Type("months")
LIST: Final = Type("list")

OPEN_KINDS: Final = frozenset({"any", "null"})
"""Kinds about which nothing can be said before a case runs."""
ORDERED: Final = frozenset(
    {"number", "string", "date", "time", "date and time", "duration", "months"}
)
DAYS: Final = frozenset({"date", "date and time"})
TIMES: Final = frozenset({"date and time", "time"})
LENGTHS: Final = frozenset({"duration", "months"})

PARTS: Final[Mapping[str, frozenset[str]]] = {
    "year": DAYS,
    "month": DAYS,
    "day": DAYS,
    "weekday": DAYS,
    "hour": TIMES,
    "minute": TIMES,
    "second": TIMES,
    "years": frozenset({"months"}),
    "months": frozenset({"months"}),
    "days": frozenset({"duration"}),
    "hours": frozenset({"duration"}),
    "minutes": frozenset({"duration"}),
    "seconds": frozenset({"duration"}),
}
"""Which kinds have which part; every part is a number."""

WORDS: Final[Mapping[str, str]] = {
    "boolean": "a yes or no",
    "string": "a text",
    "number": "a number",
    "date": "a date",
    "time": "a time of day",
    "date and time": "a date and time",
    "duration": "a duration in days and hours",
    "months": "a duration in years and months",
    "list": "a list",
    "context": "a value with parts",
    "range": "a range",
    "any": "a value",
    "null": "nothing",
}
"""How a sentence names a kind."""


def may_equal(left: Type, right: Type) -> bool:
    """Whether a value of one type can equal one of the other."""
    return left.kind == right.kind or left.kind in OPEN_KINDS or right.kind in OPEN_KINDS


def may_order(left: Type, right: Type) -> bool:
    """Whether values of the two types can be ordered."""
    known = {left.kind, right.kind} - OPEN_KINDS
    return len(known) <= 1 and known <= ORDERED


def join(left: Type, right: Type) -> Type:
    """The type of a value that has one of two types.

    Allowed texts are kept only when both list theirs.
    """
    if left.kind == "null" or right.kind == "null":
        return left if right.kind == "null" else right
    if left.kind != right.kind:
        return ANY
    values = (
        tuple(dict.fromkeys((*left.values, *right.values))) if left.values and right.values else ()
    )
    shared = {
        key: join(left.fields[key], right.fields[key]) for key in left.fields if key in right.fields
    }
    inner = join(left.items, right.items) if left.items and right.items else None
    return Type(left.kind, values, shared, inner)


def list_of(inner: Type) -> Type:
    """The type of a list with such items."""
    if inner.kind == "string" and inner.values:
        return Type("list", inner.values)
    if inner.kind == "context" and inner.fields:
        return Type("list", fields=inner.fields)
    return LIST if inner.kind in OPEN_KINDS else Type("list", items=inner)


def item(of: Type) -> Type:
    """The type of one item; a value that is no list counts as a list of itself."""
    if of.kind == "list":
        return (
            Type("string", of.values)
            if of.values
            else Type("context", fields=of.fields)
            if of.fields
            else of.items or ANY
        )
    return of


def calculated(sign: str, left: Type, right: Type) -> Type | None:
    """The type of `left sign right`.

    `ANY` when it depends on the values; None when no values have a result.
    """
    lefts = [left.kind] if left.kind not in OPEN_KINDS else CALCULABLE
    rights = [right.kind] if right.kind not in OPEN_KINDS else CALCULABLE
    kinds = {
        CALCULATIONS[sign, a, b] for a in lefts for b in rights if (sign, a, b) in CALCULATIONS
    }
    if not kinds:
        return None
    return Type(kinds.pop()) if len(kinds) == 1 else ANY


CALCULABLE: Final = sorted(ORDERED)

CALCULATIONS: Final[Mapping[tuple[str, str, str], str]] = {
    **{(sign, "number", "number"): "number" for sign in "+-*/"},
    ("+", "string", "string"): "string",
    **{(sign, day, length): day for sign in "+-" for day in DAYS for length in LENGTHS},
    **{("+", length, day): day for day in DAYS for length in LENGTHS},
    **{("-", day, day): "duration" for day in DAYS | TIMES},
    **{(sign, "time", "duration"): "time" for sign in "+-"},
    ("+", "duration", "time"): "time",
    **{(sign, length, length): length for sign in "+-" for length in LENGTHS},
    **{("/", length, length): "number" for length in LENGTHS},
    **{(sign, length, "number"): length for sign in "*/" for length in LENGTHS},
    **{("*", "number", length): length for length in LENGTHS},
}
"""Which kinds can be calculated with, and the kind that comes out."""
