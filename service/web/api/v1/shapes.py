"""JSON of the interface, in and out: bodies are read into dataclasses, dataclasses are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec

from service.casework.casefile.answer_text import AnswerLines, in_one_line
from service.errors import NotUnderstood

Shape = TypeVar("Shape")
Text = Annotated[str, msgspec.Meta(pattern=r"^[^\0]*$")]
"""What somebody sends as text; PostgreSQL stores no NUL. The pattern stands in the document too, so
it is one that also programs of another language read.
"""
Whole = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""A number that somebody sends, such as a revision: no larger than every reader of JSON keeps
exactly (RFC 8259, 6), which also fits into a column.
"""
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


def labelled_lines(pairs: Iterable[tuple[str, AnswerLines]]) -> tuple[LabelledText, ...]:
    """Labels and lines as view models hold them, each as one text."""
    return labelled((label, in_one_line(lines)) for label, lines in pairs)


@cache
def hints(shape: Any) -> dict[str, Any]:  # noqa: ANN401  # a dataclass
    """Field to its type, without limits such as those of `Text`."""
    found = get_type_hints(shape)
    return {one.name: found[one.name] for one in fields(shape)}


@cache
def limited(shape: Any) -> dict[str, Any]:  # noqa: ANN401  # a dataclass
    """Field to its type, with the limits that it is read within."""
    found = get_type_hints(shape, include_extras=True)
    return {one.name: found[one.name] for one in fields(shape)}


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


def read(given: Any, shape: type[Shape]) -> Shape:  # noqa: ANN401  # JSON
    """Make a dataclass of JSON.

    Raises:
        NotUnderstood: a field is unknown, missing or of another kind; it names the first.
    """
    if not isinstance(given, dict):
        raise NotUnderstood(field="body", why="kind")
    known = hints(shape)  # type: ignore[arg-type]  # a class can be hashed
    for name in given:
        if name not in known:
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


def about(thing: Any) -> str:  # noqa: ANN401  # a class or a function
    """The first sentence or paragraph of a docstring, on one line."""
    return " ".join((thing.__doc__ or "").partition("\n\n")[0].split())
