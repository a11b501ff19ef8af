"""JSON of the interface, in and out: bodies are read into dataclasses, dataclasses are written."""

from __future__ import annotations

<<<<<<< HEAD
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
=======
from collections.abc import Iterable
from dataclasses import dataclass, fields
>>>>>>> c3ac83891a439ea487877a3a0b713706231a1552
from functools import cache
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec

from service.errors import NotUnderstood

Shape = TypeVar("Shape")
Text = Annotated[str, msgspec.Meta(pattern=r"\A[^\0]*\Z")]
"""What somebody sends as text; PostgreSQL stores no NUL."""
_ENCODER = msgspec.json.Encoder(order="sorted")
"""Sets and keys in order: the same answer has the same bytes."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A label and its text."""

    label: str
    text: str


def labelled(pairs: Iterable[tuple[str, str]]) -> tuple[LabelledText, ...]:
    """Labels and texts as view models hold them."""
    return tuple(LabelledText(label, text) for label, text in pairs)


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
<<<<<<< HEAD
    """JSON key to its type."""
=======
    """Field to its type, without limits such as those of `Text`."""
>>>>>>> c3ac83891a439ea487877a3a0b713706231a1552
    found = get_type_hints(shape)
    return {key: found[name] for key, name in attributes(shape).items()}


@cache
def defaults(shape: Any) -> dict[str, Any]:  # noqa: ANN401  # a dataclass
    """JSON key to its default, for each field that may be left out; MISSING where it is made anew each time."""
    known = {one.name: one for one in fields(shape)}
    found = {key: known[name] for key, name in attributes(shape).items()}
    return {key: one.default for key, one in found.items() if one.default is not MISSING or one.default_factory is not MISSING}


def encode(value: object) -> bytes:
    """Write a dataclass as JSON: times as RFC 3339."""
    return _ENCODER.encode(value)


def decode(body: bytes) -> Any:  # noqa: ANN401  # any JSON
    """Read a body; an empty one counts as an object without fields.

    Raises:
        NotUnderstood: it is no JSON.
    """
    try:
        return msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise NotUnderstood(field="body", why="kind") from e


<<<<<<< HEAD
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
=======
def read(given: Any, shape: type[Shape]) -> Shape:  # noqa: ANN401  # JSON that somebody sent
    """Make a dataclass of JSON.
>>>>>>> c3ac83891a439ea487877a3a0b713706231a1552

    Raises:
        NotUnderstood: a field is unknown, missing or of another kind; it names the first.
    """
    if not isinstance(given, dict):
        raise NotUnderstood(field="body", why="kind")
    known = hints(shape)  # type: ignore[arg-type]  # a class can be hashed
    for name in given:
        if name not in known:
<<<<<<< HEAD
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
=======
            raise NotUnderstood(field=name, why="unknown")
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as e:
        raise _not_understood(str(e)) from e


def _not_understood(message: str) -> NotUnderstood:
    """The field that a message of msgspec names; the library gives nothing but the message."""
    missing = message.removeprefix("Object missing required field `")
    if missing != message:
        return NotUnderstood(field=missing.removesuffix("`"), why="missing")
    path = message.rpartition(" - at `$.")[2].removesuffix("`")
    return NotUnderstood(field=path.replace("[", ".").replace("]", ""), why="kind")
>>>>>>> c3ac83891a439ea487877a3a0b713706231a1552


def about(thing: Any) -> str:  # noqa: ANN401  # a class or a function
    """The first sentence or paragraph of a docstring, on one line."""
    return " ".join((thing.__doc__ or "").partition("\n\n")[0].split())
