"""Type checks of routing values: is a JSON value of the type that the release declares?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from service.engine.feel.types import ANY, Type
from service.engine.feel.values import moment, number
from service.engine.limits import LIST, TEXT, VARIABLES
from service.engine.types import Json, Variables
from service.errors import BadVariables


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
        and len(value) <= TEXT
        and (not declared.values or value in declared.values)
    )


def _number(value: Json, _declared: Type) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, str) and len(value) <= TEXT and number(value) is not None
    )


def _date(value: Json, _declared: Type) -> bool:
    return (
        isinstance(value, str)
        and isinstance(day := moment(value), date)
        and not isinstance(day, datetime)
    )


def _moment(value: Json, _declared: Type) -> bool:
    return isinstance(value, str) and isinstance(moment(value), datetime)


def _length(value: Json, _declared: Type) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= TEXT
        and moment(value) is not None
        and not isinstance(moment(value), date)
    )


def _list(value: Json, declared: Type) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= LIST
        and all(_plain(item) and (not declared.values or item in declared.values) for item in value)
    )


def _context(value: Json, declared: Type) -> bool:
    if not isinstance(value, dict) or len(value) > LIST:
        return False
    return all(fits(part, declared.fields.get(name, ANY)) for name, part in value.items())


def _plain(value: Json, _declared: Type = ANY) -> bool:
    """A value that the state can keep, not too large."""
    match value:
        case None | bool() | int():
            return True
        case str():
            return len(value) <= TEXT
        case list():
            return len(value) <= LIST and all(_plain(item) for item in value)
        case dict():  # pragma: no branch - there is no other JSON
            return len(value) <= LIST and all(_plain(part) for part in value.values())


def _never(_value: Json, _declared: Type) -> bool:
    return False


_FITS: dict[str, Callable[[Json, Type], bool]] = {
    "boolean": lambda value, _: isinstance(value, bool),
    "string": _text,
    "number": _number,
    "date": _date,
    "date and time": _moment,
    "duration": _length,
    "months": _length,
    "list": _list,
    "context": _context,
    "any": _plain,
}
