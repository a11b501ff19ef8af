"""Statements of lists, built and compiled once for each shape of what is asked.

How a list is asked depends on how many roles the reader has, on which filters are set, and on the
order; the values themselves change nothing of the text. So a statement is built from parameters in
place of values, and kept. It can be asked ahead like every prepared statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias

from sqlalchemy import CompoundSelect, Select, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from service.store.prepared import PreparedStatement

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

    from service.store.at_hand import Read

Given = ParamSpec("Given")
Values: TypeAlias = dict[str, object]
MOST = 256
"""Shapes of one statement that are kept; then they are forgotten, and built anew."""


def by_shape(
    build: Callable[Given, Select[Any] | CompoundSelect[Any]],
) -> Callable[Given, Read]:
    """Decorator: a function that builds a statement returns it prepared, with its values.

    The function is called the first time for each shape, with parameters in place of texts, numbers
    and moments. It gets as they are: None, true, false, and fields of a dataclass that its class
    names in `FIXED`. Of an empty text it gets None, but not in a tuple; of a set a tuple.
    """
    known: dict[Any, PreparedStatement] = {}

    @wraps(build)
    def read(*given: Given.args, **named: Given.kwargs) -> Read:
        values: Values = {}
        shape = tuple(_shape(value, f"v{n}", values) for n, value in enumerate(given))
        shape += tuple((name, _shape(value, name, values)) for name, value in named.items())
        statement = known.get(shape)
        if statement is None:
            places: Any = [_in_place(value, f"v{n}") for n, value in enumerate(given)]
            more: Any = {name: _in_place(value, name) for name, value in named.items()}
            if len(known) >= MOST:
                known.clear()
            statement = known[shape] = PreparedStatement(build(*places, **more))
        return statement, values

    return read


def _shape(value: Any, name: str, values: Values) -> Any:  # noqa: ANN401 - whatever a list is asked by
    """What of a value decides the text of a statement; the rest goes into `values`."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, frozenset):
        value = (*sorted(value),)
    if isinstance(value, tuple):
        values.update((f"{name}_{n}", part) for n, part in enumerate(value))
        return tuple, len(value)
    kind: Any = type(value)
    if is_dataclass(value):
        parts = [
            part if fixed else _shape(part, f"{name}_{field}", values)
            for field, fixed in _fields(kind)
            for part in (getattr(value, field),)
        ]
        return kind, *parts
    values[name] = value
    return kind


def _in_place(value: Any, name: str) -> Any:  # noqa: ANN401 - whatever a list is asked by
    """A parameter in place of a value, under the name that `_shape` gives it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple | frozenset):
        return tuple(bindparam(f"{name}_{n}") for n in range(len(value)))
    if is_dataclass(value) and not isinstance(value, type):
        kind: Any = type(value)
        places = {
            field: _in_place(getattr(value, field), f"{name}_{field}")
            for field, fixed in _fields(kind)
            if not fixed
        }
        return replace(value, **places)
    return bindparam(name)


@lru_cache(64)
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:  # noqa: ANN401 - the class of a dataclass
    """Each field of a dataclass, and whether its value decides the shape."""
    fixed: frozenset[str] = getattr(kind, "FIXED", frozenset())
    return tuple((field.name, field.name in fixed) for field in fields(kind))


class Spaced(FunctionElement[str]):
    """Ids of several rows as one text, parted by spaces; NULL when there are none."""

    type = String()
    inherit_cache = True


@compiles(Spaced)
def _group_concat(element: Spaced, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    return f"group_concat({compiler.process(element.clauses, **more)}, ' ')"


@compiles(Spaced, "postgresql")
def _string_agg(element: Spaced, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    return f"string_agg({compiler.process(element.clauses, **more)}, ' ')"
