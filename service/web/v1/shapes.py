"""One account of what the interface takes and gives: frozen dataclasses, read from JSON, told as JSON, and described as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from service.errors import NotUnderstood

PLAIN: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Any: {},
}
PAIR = ("label", "text")
"""A label and its text, which pages hold as a tuple, is an object here."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What the interface calls a shape and its fields, for ever, whatever the class calls them."""

    name: str
    keys: str
    """The names of its fields in JSON, in order; `key=field` where the class has another one."""
    about: str = ""
    """What the document says of it; the docstring of the class when it is empty."""


SCHEMAS: dict[Any, Schema] = {}
"""Every shape of the interface; `service.web.v1.schemas` fills it."""


@cache
def attributes(shape: Any) -> dict[str, str]:  # noqa: ANN401  # a dataclass
    """JSON key to the field of the class.

    Raises:
        LookupError: the shape has no schema, or one that does not name exactly its fields.
    """
    pairs = [one.partition("=") for one in SCHEMAS[shape].keys.split()]
    found = {key: field or key for key, _, field in pairs}
    if sorted(found.values()) != sorted(one.name for one in fields(shape)):
        raise LookupError(f"the schema {SCHEMAS[shape].name} does not name exactly the fields of its class")
    return found


@cache
def hints(shape: Any) -> dict[str, Any]:  # noqa: ANN401  # a dataclass
    """JSON key to its type."""
    found = get_type_hints(shape)
    return {key: found[name] for key, name in attributes(shape).items()}


@cache
def defaults(shape: Any) -> dict[str, Any]:  # noqa: ANN401  # a dataclass
    """JSON key to its default, for each field that may be left out; MISSING where it is made anew each time."""
    known = {one.name: one for one in fields(shape)}
    found = {key: known[name] for key, name in attributes(shape).items()}
    return {key: one.default for key, one in found.items() if one.default is not MISSING or one.default_factory is not MISSING}


def _either(hint: Any) -> Any:  # noqa: ANN401  # a type
    """X of `X | None`; None for other types."""
    if get_origin(hint) not in (Union, UnionType):
        return None
    return next(one for one in get_args(hint) if one is not type(None))


# ---- to JSON


def tell(value: Any, hint: Any) -> Any:  # noqa: ANN401  # any value of any shape
    """A value as JSON: times as RFC 3339 in UTC."""
    if value is None:
        return None
    if (inner := _either(hint)) is not None:
        return tell(value, inner)
    if is_dataclass(hint):
        names = attributes(hint)  # type: ignore[arg-type]  # a class can be hashed
        return {key: tell(getattr(value, names[key]), kind) for key, kind in hints(hint).items()}  # type: ignore[arg-type]  # same
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return _holder(value, hint)


def _holder(value: Any, hint: Any) -> Any:  # noqa: ANN401  # as above
    origin, parts = get_origin(hint), get_args(hint)
    if origin is frozenset:
        return sorted(value)
    if origin is tuple and parts[-1] is not Ellipsis:
        return {name: tell(one, kind) for name, one, kind in zip(PAIR, value, parts, strict=True)}
    if origin is tuple:
        return [tell(one, parts[0]) for one in value]
    if origin is Mapping:
        return {name: tell(one, parts[1]) for name, one in value.items()}
    return value


# ---- from JSON


def read(given: Any, hint: Any, path: str = "") -> Any:  # noqa: ANN401  # JSON that somebody sent
    """JSON as a value of a shape.

    Raises:
        NotUnderstood: a field is unknown, missing or of another kind; it names the first.
    """
    if (inner := _either(hint)) is not None:
        return None if given is None else read(given, inner, path)
    if is_dataclass(hint):
        return _read_object(given, hint, path)
    if get_origin(hint) is tuple and isinstance(given, list):
        return tuple(read(one, get_args(hint)[0], f"{path}.{n}") for n, one in enumerate(given))
    wanted = {tuple: list, Mapping: dict, frozenset: list}.get(get_origin(hint) or hint, hint)
    fits = given in get_args(hint) if get_origin(hint) is Literal else isinstance(given, wanted) and (wanted is bool or not isinstance(given, bool))
    if not fits or (isinstance(given, str) and "\0" in given):
        raise NotUnderstood(field=path, why="kind")
    return given


def _read_object(given: Any, shape: Any, path: str) -> Any:  # noqa: ANN401  # as above
    if not isinstance(given, dict):
        raise NotUnderstood(field=path or "body", why="kind")
    known, start = hints(shape), f"{path}." if path else ""
    for name in given:
        if name not in known:
            raise NotUnderstood(field=f"{start}{name}", why="unknown")
    for name in known:
        if name not in given and name not in defaults(shape):
            raise NotUnderstood(field=f"{start}{name}", why="missing")
    names = attributes(shape)
    return shape(**{names[key]: read(one, known[key], f"{start}{key}") for key, one in given.items()})


# ---- to JSON Schema


def schema(hint: Any, parts: dict[str, Any], *, asked: bool = False) -> dict[str, Any]:  # noqa: ANN401  # a type
    """A shape as JSON Schema; what has a name goes into `parts`.

    Args:
        asked: whether it is what somebody sends: then what has a default may be left out, and what is unknown is refused.
    """
    if (inner := _either(hint)) is not None:
        return {"anyOf": [schema(inner, parts, asked=asked), {"type": "null"}]}
    if is_dataclass(hint):
        return _named(hint, parts, asked=asked)
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(inside)}
    if origin is frozenset or (origin is tuple and inside[-1] is Ellipsis):
        return {"type": "array", "items": schema(inside[0], parts, asked=asked)}
    if origin is tuple:
        return {"type": "object", "required": list(PAIR), "properties": {name: schema(one, parts) for name, one in zip(PAIR, inside, strict=True)}}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema(inside[1], parts, asked=asked)}
    return dict(PLAIN[hint])


def _named(shape: Any, parts: dict[str, Any], *, asked: bool) -> dict[str, Any]:  # noqa: ANN401  # a dataclass
    name = SCHEMAS[shape].name
    if name not in parts:
        parts[name] = {}  # so that a shape that holds itself comes to an end
        needed = [key for key in hints(shape) if not asked or key not in defaults(shape)]
        made = {
            "type": "object",
            "description": SCHEMAS[shape].about or about(shape),
            "properties": {n: schema(kind, parts, asked=asked) for n, kind in hints(shape).items()},
        }
        parts[name].update(made | ({"required": needed} if needed else {}) | ({"additionalProperties": False} if asked else {}))
    return {"$ref": f"#/components/schemas/{name}"}


def about(thing: Any) -> str:  # noqa: ANN401  # a class or a function
    """The first sentence or paragraph of a docstring, on one line."""
    return " ".join((thing.__doc__ or "").partition("\n\n")[0].split())
