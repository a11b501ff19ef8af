"""Several questions in one statement, for SQLite.

There a question costs no round trip, but what the driver and this program do for each statement
costs more than most answers. The rows of all come in one answer, each with the number of its
question, and are handed out as if each had been asked alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    null,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.types import NullType

from service.store.prepared import PreparedStatement
from service.store.row_scope import is_marked

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler

Asked: TypeAlias = "tuple[tuple[PreparedStatement, tuple[str, ...]], ...]"
"""Statements that ask, with the names of their values."""
NUMBERED = 1
"""Columns before those of a question: its number."""


class Fixed(ColumnElement[Any]):
    """A value that is the same each time, so that it stands in the text of the statement."""

    inherit_cache = False

    def __init__(self, value: str | int) -> None:
        self.value = value
        self.type = NullType()


@compiles(Fixed)
def _in_text(element: Fixed, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    kind = String() if isinstance(element.value, str) else Integer()
    return compiler.render_literal_value(element.value, kind)


@dataclass(frozen=True, slots=True)
class JoinedReads:
    """Several questions as one statement."""

    statement: PreparedStatement
    widths: tuple[int, ...]
    """Columns of each question."""
    places: tuple[tuple[int, ...], ...]
    """The columns by which the rows of each are sorted; none where their order does not matter."""
    asked: Asked

    def values(self, given: Sequence[Mapping[str, object]]) -> dict[str, object]:
        """The parameters of the joined statement, by name.

        Args:
            given: the values of each question.
        """
        return {
            _name(n, name): value for n, each in enumerate(given) for name, value in each.items()
        }

    def answers(self, rows: Sequence[Any], dialect: Dialect) -> list[list[Sequence[Any]]]:
        """The rows of each question, as the code reads them."""
        found: list[list[tuple[Any, ...]]] = [[] for _ in self.asked]
        for row in rows:
            n = row[0]
            found[n].append(row[NUMBERED : NUMBERED + self.widths[n]])
        for place, each in zip(self.places, found, strict=True):
            if place and len(each) > 1:
                each.sort(key=itemgetter(*place))
        ready = (statement.ready(dialect, names) for statement, names in self.asked)
        return [[one.row(row) for row in each] for one, each in zip(ready, found, strict=True)]


@lru_cache(64)
def joined(asked: Asked) -> JoinedReads:
    """These questions as one statement.

    Raises:
        TypeError: one of them has a limit, or sorts by anything but its columns, upwards.
    """
    parts: list[tuple[int, Select[Any]]] = []
    for n, (statement, names) in enumerate(asked):
        parts += [(n, _renamed(one, n, names)) for one in _selects(statement)]
    widths = tuple(_width(statement) for statement, _ in asked)
    whole = union_all(*(_numbered(n, part, max(widths)) for n, part in parts))
    places = tuple(_places(statement) for statement, _ in asked)
    return JoinedReads(PreparedStatement(whole), widths, places, asked)


@lru_cache(512)
def can_join(statement: PreparedStatement) -> bool:
    """Whether a question can be asked with others: it changes nothing, has no limit, sorts by its
    own columns, which are never NULL, and is not marked to look at everything (`row_scope`).
    """
    if not statement.only_reads or is_marked(statement.statement):
        return False
    try:
        _selects(statement)
        _places(statement)
    except TypeError:
        return False
    return True


def _selects(statement: PreparedStatement) -> Sequence[Select[Any]]:
    """The simple questions of a statement, one after the other."""
    whole = statement.statement
    simple = whole.selects if isinstance(whole, CompoundSelect) else [whole]
    if not all(isinstance(one, Select) and one._limit_clause is None for one in simple):  # noqa: SLF001 - SQLAlchemy has no public name for it
        raise TypeError("this question cannot be asked with others")
    return cast("Sequence[Select[Any]]", simple)


def _width(statement: PreparedStatement) -> int:
    return len(_selects(statement)[0].selected_columns)


def _numbered(n: int, part: Select[Any], width: int) -> Select[Any]:
    """A question whose rows begin with its number, and are as wide as the widest; SQLite gives its
    values as they are stored.
    """
    columns = [type_coerce(column, NullType()) for column in part.selected_columns]
    filled = [null()] * (width - len(columns))
    found: Any = part.order_by(None).with_only_columns(Fixed(n), *columns, *filled)
    found._for_update_arg = None  # noqa: SLF001 - it has no public name; SQLite locks no rows
    return cast("Select[Any]", found)


def _places(statement: PreparedStatement) -> tuple[int, ...]:
    """The columns by which a question sorts its rows. As they are stored, Python sorts numbers and
    texts as SQLite does.
    """
    whole: Any = statement.statement
    by = whole._order_by_clauses  # noqa: SLF001 - SQLAlchemy has no public name for it
    columns = list(_selects(statement)[0].selected_columns)
    found = [at for one in by for at, column in enumerate(columns) if column is one]
    if len(found) != len(by) or any(getattr(columns[at], "nullable", True) for at in found):
        raise TypeError("rows that are asked together are sorted by their own columns, upwards")
    return tuple(found)


def _name(n: int, name: str) -> str:
    return f"q{n}_{name}"


def _renamed(statement: Select[Any], n: int, names: Sequence[str]) -> Select[Any]:
    """The same question, whose values have names of their own."""

    def in_place(element: Any, **_: Any) -> ColumnElement[Any] | None:  # noqa: ANN401 - as SQLAlchemy calls it
        if not isinstance(element, BindParameter):
            return None
        if element.key in names:
            return BindParameter(_name(n, element.key), type_=element.type)
        return Fixed(element.value) if isinstance(element.value, str | int) else None

    return cast("Select[Any]", visitors.replacement_traverse(statement, {}, in_place))
