"""Type checks of routing values: is a JSON value of the type that the release declares?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from service.engine.feel.conversion import LITERAL, literal
from service.engine.feel.literals import moment, read_number
from service.engine.feel.types import ANY, Type, item
from service.engine.feel.values import Months
from service.engine.limits import DEPTH, LIST, TEXT, VARIABLES, WHOLE
from service.engine.types import Json, Variables
from service.errors import BadVariables

_FIRST, _LAST = date.min, date.max


def check(values: Variables, types: Mapping[str, Type], have: Variables) -> None:
    """Refuse variables that the release does not declare, or declares of another type.

    Raises:
        BadVariables: `facts["names"]` are those that are unknown, or of a wrong type; never a
            value.
    """
    wrong = tuple(
        sorted(
            name
            for name, value in values.items()
            if name not in types or not fits(value, types[name])
        )
    )
    if wrong:
        raise BadVariables(
            f"not declared, or not of the declared type: {', '.join(wrong)}", names=wrong
        )
    if len(values.keys() | have.keys()) > VARIABLES:
        raise BadVariables(f"more than {VARIABLES} variables", names=())


def fits(value: Json, declared: Type) -> bool:
    """Is the value of that type? An empty value fits every type."""
    return value is None or _FITS.get(declared.kind, _never)(value, declared)


def _text(value: Json, declared: Type) -> bool:
    return (
        isinstance(value, str)
        and _writable(value)
        and (not declared.values or value in declared.values)
    )


def _writable(text: str) -> bool:
    """Not too long, and without halves of characters, which no file and no database could keep."""
    return len(text) <= TEXT and (
        text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)
    )


def _number(value: Json, _declared: Type) -> bool:
    if isinstance(value, str):
        return len(value) <= TEXT and read_number(value) is not None
    return isinstance(value, int) and not isinstance(value, bool) and _whole(value)


def _whole(value: int) -> bool:
    return -WHOLE <= value < WHOLE


def _date(value: Json, _declared: Type) -> bool:
    day = moment(value) if isinstance(value, str) else None
    return type(day) is date and _on_the_calendar(day)


def _moment(value: Json, _declared: Type) -> bool:
    at = moment(value) if isinstance(value, str) else None
    return type(at) is datetime and _on_the_calendar(at)


def _on_the_calendar(day: date) -> bool:
    """Whether the day begins and ends between the years 1 and 9999 in every zone."""
    return _FIRST < (day.date() if isinstance(day, datetime) else day) < _LAST


def _length(value: Json, _declared: Type) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= TEXT
        and isinstance(moment(value), timedelta | Months)
    )


def _list(value: Json, declared: Type) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= LIST
        and all(_item(part, declared) for part in value)
    )


def _item(value: Json, declared: Type) -> bool:
    if declared.fields:
        return fits(value, item(declared))
    return _plain(value, depth=1) and (not declared.values or value in declared.values)


def _context(value: Json, declared: Type) -> bool:
    if not isinstance(value, dict) or len(value) > LIST:
        return False
    return LITERAL not in value and all(
        _writable(name) and fits(part, declared.fields.get(name, ANY))
        for name, part in value.items()
    )


def _plain(value: Json, _declared: Type = ANY, *, depth: int = 0) -> bool:
    """A value that the state can keep, not too large and not too deep."""
    match value:
        case None | bool():
            return True
        case int():
            return _whole(value)
        case str():
            return _writable(value)
        case list():
            return _fits_in(value, depth) and all(_plain(part, depth=depth + 1) for part in value)
        case dict() if LITERAL in value:
            found = literal(value)
            return found is not None and (not isinstance(found, date) or _on_the_calendar(found))
        case dict():  # pragma: no branch - there is no other JSON
            return _fits_in(value, depth) and all(
                _writable(name) and _plain(part, depth=depth + 1) for name, part in value.items()
            )


def _fits_in(value: list[Json] | dict[str, Json], depth: int) -> bool:
    return depth < DEPTH and len(value) <= LIST


def _never(_value: Json, _declared: Type) -> bool:
    return False


_FITS: dict[str, Callable[[Json, Type], bool]] = {
    "boolean": lambda value, _: isinstance(value, bool),
    "string": _text,
    "number": _number,
    "date": _date,
    "date and time": _moment,
    "time": lambda value, _: isinstance(value, str) and type(moment(value)) is time,
    "duration": _length,
    "months": _length,
    "list": _list,
    "context": _context,
    "any": _plain,
}
