"""Prepared statements: compiled once for each database, then handed to the driver as they are.

A turn of a case runs a dozen statements. Their texts are the same every time, so building, hashing
and looking them up again would cost more than the database itself. What a list builds from its
filters stays an ordinary statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import CompoundSelect, Select, Table
from sqlalchemy.sql import visitors

from service.store import row_scope

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.sql import ClauseElement
    from sqlalchemy.types import TypeEngine

Converter: TypeAlias = "Callable[[Any], Any] | None"
"""How a value goes to the driver, or comes back; None leaves it as it is."""


@dataclass(frozen=True, slots=True)
class DriverStatement:
    """A statement as one driver takes it."""

    text: str
    binds: tuple[tuple[str, object, Converter], ...]
    """In the order of the text: name, value when nobody gives one, converter to the driver."""
    named: bool
    """The driver takes values by name, not by position."""
    results: tuple[tuple[int, Callable[[Any], Any]], ...]
    """Columns of the answer that do not come as they are."""

    @property
    def one_row(self) -> str:
        """The same change, which fails unless it changes one row: PostgreSQL divides by none.

        So the commit may travel with it.
        """
        return f"WITH changed AS ({self.text} RETURNING 1) SELECT 1 / count(*) FROM changed"  # noqa: S608 - a text of our own

    def values(self, given: Mapping[str, object]) -> Any:  # noqa: ANN401 - a tuple or a mapping, as the driver wants it
        """What goes with the text."""
        found = [
            given.get(name, fixed) if convert is None else convert(given.get(name, fixed))
            for name, fixed, convert in self.binds
        ]
        return (
            dict(zip((bind[0] for bind in self.binds), found, strict=True)) if self.named else found
        )

    def row(self, row: tuple[Any, ...]) -> tuple[Any, ...] | list[Any]:
        """A row as the code reads it."""
        if not self.results:
            return row
        read = list(row)
        for place, convert in self.results:
            read[place] = convert(read[place])
        return read


class PreparedStatement:
    """A statement kept for the life of the process.

    Args:
        statement: without a list in it (`IN` of any length); an insert takes the columns that it is
            given, which must be the same ones each time or few.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._ready: dict[tuple[str, tuple[str, ...]], DriverStatement] = {}

    @cached_property
    def only_reads(self) -> bool:
        """Whether it changes no row; it may lock some."""
        return isinstance(self.statement, CompoundSelect | Select)

    @cached_property
    def is_repeatable(self) -> bool:
        """Asked again it gives the same, until something is changed or locked."""
        return is_repeatable(self.statement)

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of the tables that it reads or changes."""
        found = visitors.iterate(self.statement)
        return frozenset(part.name for part in found if isinstance(part, Table))

    def ready(self, dialect: Dialect, names: tuple[str, ...]) -> DriverStatement:
        """The statement for a database and for values of these names."""
        known = self._ready.get((dialect.name, names))
        if known is None:
            known = self._ready[dialect.name, names] = _ready(self.statement, dialect, names)
        return known


def _ready(statement: ClauseElement, dialect: Dialect, names: tuple[str, ...]) -> DriverStatement:
    row_scope.check_scope(statement)
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
    order = compiled.positiontup if compiled.positional else compiled.binds
    binds = tuple(
        (name, bind.value, _in_dialect(bind.type, dialect).bind_processor(dialect))
        for name, bind in ((name, compiled.binds[name]) for name in order)
    )
    columns = getattr(statement, "exported_columns", ())
    converters = (
        (place, _in_dialect(column.type, dialect).result_processor(dialect, None))
        for place, column in enumerate(columns)
    )
    return DriverStatement(
        compiled.string,
        binds,
        not compiled.positional,
        tuple((place, convert) for place, convert in converters if convert is not None),
    )


def is_repeatable(statement: object) -> bool:
    """Whether a statement only reads rows, and locks none."""
    if isinstance(statement, CompoundSelect):
        return all(is_repeatable(part) for part in statement.selects)
    return (
        isinstance(statement, Select)
        and statement._for_update_arg is None  # noqa: SLF001 - SQLAlchemy has no public name for it
        and bool(statement.get_final_froms())  # without a table it calls a function, such as a lock
    )


def _in_dialect(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """A kind of column as this database has it."""
    return kind.dialect_impl(dialect)
