"""Prepared statements: compiled once for each database, then handed to the driver as they are.

A turn of a case runs a dozen statements. Their texts are the same every time, so building, hashing
and looking them up again would cost more than the database itself. A list of values goes as one
value (`in_list`), so the text is the same whatever its length. What a list of rows builds from its
filters stays an ordinary statement.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    ARRAY,
    BinaryExpression,
    CompoundSelect,
    Insert,
    Select,
    Table,
    Text,
    bindparam,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators, visitors
from sqlalchemy.types import TypeDecorator

from service.store import row_scope

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Dialect
    from sqlalchemy.sql import ClauseElement
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

Converter: TypeAlias = "Callable[[Any], Any] | None"
"""How a value goes to the driver, or comes back; None leaves it as it is."""


@dataclass(frozen=True, slots=True)
class DriverStatement:
    """A statement as one driver takes it."""

    text: str
    binds: tuple[tuple[str, object], ...]
    """In the order of the text: name, and value when nobody gives one."""
    pick: Callable[[Mapping[str, object]], tuple[object, ...]] | None
    """Gives the values in the order of the text at once; None where some of them are not given."""
    converted: tuple[tuple[int, Callable[[Any], Any]], ...]
    """Places of values that do not go as they are."""
    results: tuple[tuple[int, Callable[[Any], Any]], ...]
    """Columns of the answer that do not come as they are."""
    answers: bool
    """Whether it gives rows: by SELECT, or by RETURNING."""

    @property
    def one_row(self) -> str:
        """The same change, which fails unless it changes one row: PostgreSQL divides by none.

        So the commit may travel with it.
        """
        return f"WITH changed AS ({self.text} RETURNING 1) SELECT 1 / count(*) FROM changed"  # noqa: S608 - a text of our own

    def values(self, given: Mapping[str, object]) -> list[Any]:
        """The parameters of the text, in its order, as the driver takes them."""
        if self.pick is not None:
            found = list(self.pick(given))
        else:
            found = [given.get(name, fixed) for name, fixed in self.binds]
        for place, convert in self.converted:
            found[place] = convert(found[place])
        return found

    def row(self, row: tuple[Any, ...]) -> tuple[Any, ...] | list[Any]:
        """A row as the code reads it."""
        if not self.results:
            return row
        read = list(row)
        for place, convert in self.results:
            read[place] = convert(read[place])
        return read


class ListOfValues(TypeDecorator[Collection[Any]]):
    """Some texts or numbers as one value: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own kind."""
        array = dialect.name == "postgresql"
        return dialect.type_descriptor(ARRAY(self.kind) if array else Text())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:  # noqa: ANN401 - as the driver takes it
        """To the database."""
        given = list(value or ())
        return given if dialect.name == "postgresql" else json.dumps(given)


class InList(BinaryExpression[bool]):
    """`column IN (list)`, where the list is bound as one parameter."""

    inherit_cache = True


@compiles(InList, "sqlite")
def _in_json(element: InList, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    column = compiler.process(element.left, **more)
    given = compiler.process(element.right, **more)
    return f"{column} IN (SELECT value FROM json_each({given}))"  # noqa: S608 - parts that SQLAlchemy has compiled


@compiles(InList, "postgresql")
def _in_array(element: InList, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    column = compiler.process(element.left, **more)
    return f"{column} = ANY ({compiler.process(element.right, **more)})"


def in_list(column: ColumnElement[Any], name: str) -> InList:
    """The condition that a column has one of the values that are given under a name.

    Args:
        column: of texts or whole numbers, which both databases take in lists.
        name: under which a collection is given; a tuple, so that the answer can be kept.
    """
    return InList(column, bindparam(name, type_=ListOfValues(column.type)), operators.in_op)


class PreparedStatement:
    """A statement kept for the life of the process.

    Args:
        statement: without `IN` of a list that is written out (see `in_list`); an insert takes the
            columns that it is given, which must be the same ones each time or few.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._ready: dict[tuple[str, tuple[str, ...]], DriverStatement] = {}

    @cached_property
    def only_reads(self) -> bool:
        """Whether it changes no row; it may lock some."""
        return isinstance(self.statement, CompoundSelect | Select)

    @cached_property
    def is_marked(self) -> bool:
        """Whether it looks at everything, for one of the reasons of `row_scope`."""
        return row_scope.is_marked(self.statement)

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of the tables that it reads or changes."""
        found = visitors.iterate(self.statement)
        return frozenset(part.name for part in found if isinstance(part, Table))

    def ready(self, dialect: Dialect, names: tuple[str, ...]) -> DriverStatement:
        """The statement for a database and for values of these names."""
        known = self._ready.get((dialect.name, names))
        if known is None:
            known = _ready(self.for_database(dialect), dialect, names)
            self._ready[dialect.name, names] = known
        return known

    def for_database(self, dialect: Dialect) -> ClauseElement:  # noqa: ARG002 - the same on both databases
        """The statement as it is built for a database."""
        return self.statement


class PreparedUpsert(PreparedStatement):
    """An INSERT that may change a row that is there, which each database says in its own way.

    Args:
        finish: says what is done then (`on_conflict_do_update`), and what is answered.
    """

    def __init__(
        self, table: Table, finish: Callable[[sqlite.Insert | postgresql.Insert], Insert]
    ) -> None:
        super().__init__(table)
        self._finish = finish
        self._table = table

    def for_database(self, dialect: Dialect) -> ClauseElement:
        """The statement as it is built for a database."""
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        return self._finish(insert(self._table))


def _ready(statement: ClauseElement, dialect: Dialect, names: tuple[str, ...]) -> DriverStatement:
    row_scope.check_scope(statement)
    dialect = _with_places(dialect)
    if isinstance(statement, Insert):
        # RETURNING: SQLAlchemy adds it for a key that it thinks the database makes. Nobody reads it
        # here, and since Python 3.12 sqlite3 refuses a batch of a statement that gives rows.
        statement = statement.inline()
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise TypeError(
            "a prepared statement is given every column; one of these has a default in Python"
        )
    for name, bind in compiled.binds.items():
        if bind.expanding or bind.literal_execute or (bind.required and name not in names):
            raise TypeError(
                f"{name} is a list, or nobody gives it: this statement cannot be prepared so"
            )
    order = compiled.positiontup
    binds = [compiled.binds[name] for name in order]
    columns = getattr(statement, "exported_columns", ())
    return DriverStatement(
        compiled.string,
        tuple((name, bind.value) for name, bind in zip(order, binds, strict=True)),
        itemgetter(*order) if len(order) > 1 and set(order) <= set(names) else None,
        _converters(_in_dialect(bind.type, dialect).bind_processor(dialect) for bind in binds),
        _converters(
            _in_dialect(column.type, dialect).result_processor(dialect, None) for column in columns
        ),
        answers=bool(columns),
    )


def _converters(each: Iterable[Converter]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """The converters that do something, each with its place; None does nothing."""
    return tuple((place, convert) for place, convert in enumerate(each) if convert is not None)


def _with_places(dialect: Dialect) -> Dialect:
    """A dialect whose statements have numbered places, as PostgreSQL itself has them."""
    if dialect.name != "postgresql":
        return dialect
    numbered = copy(dialect)
    numbered.paramstyle, numbered.positional = "numeric_dollar", True
    numbered.identifier_preparer = numbered.preparer(numbered)
    return numbered


def is_reading(statement: object) -> bool:
    """Whether a statement asks, and locks no rows. A function that locks is prepared, and reads no
    table.
    """
    if isinstance(statement, CompoundSelect):
        return all(is_reading(part) for part in statement.selects)
    return isinstance(statement, Select) and statement._for_update_arg is None  # noqa: SLF001 - SQLAlchemy has no public name for it


def _in_dialect(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """A kind of column as this database has it."""
    return kind.dialect_impl(dialect)
