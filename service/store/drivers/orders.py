"""One statement that goes to a driver, with its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from service.store.prepared import DriverStatement, PreparedStatement

if TYPE_CHECKING:
    from sqlalchemy import Dialect

Rows: TypeAlias = "Mapping[str, object] | Sequence[Mapping[str, object]]"
"""One set of values, or a batch of sets with the same names."""
StatementListener: TypeAlias = "Callable[[str, Any, bool], object]"
"""Called with a statement, its values, and whether they are many."""


@dataclass(frozen=True, slots=True)
class Order:
    """One statement with its values."""

    statement: PreparedStatement
    rows: Rows
    exactly: int | None = None
    """How many rows must change, one by each set of values; else somebody was faster."""

    def ready(
        self, dialect: Dialect, listeners: Sequence[StatementListener]
    ) -> tuple[DriverStatement, list[Any]]:
        """The statement as a driver takes it, with each set of values; listeners hear of it.

        Raises:
            TypeError: a statement that gives rows has several sets of values. What a driver does
                with such a batch is not said: sqlite3 refuses it since Python 3.12.
                Source: PEP 249, `executemany`.
        """
        batch = [self.rows] if isinstance(self.rows, Mapping) else self.rows
        ready = self.statement.ready(dialect, tuple(batch[0]))
        given = [ready.values(row) for row in batch]
        many = len(given) > 1
        if many and ready.answers:
            raise TypeError(f"a statement that gives rows takes one set of values: {ready.text}")
        for listener in listeners:
            listener(ready.text, given if many else given[0], many)
        return ready, given


class DriverTransaction(Protocol):
    """One transaction of one connection, on either kind of database."""

    def begin(self, *, whole: bool = False) -> None:
        """Begin the transaction, if it has not begun; the next statement does not go by `send`.

        Args:
            whole: whether that statement looks at everything, for one of the reasons of
                `row_scope`.
        """

    def keep_case(self, case_id: str) -> None:
        """Keep a case in the scope of the transaction until it ends, which locked or made it."""

    def send(
        self, orders: Sequence[Order], *, commit: bool = False
    ) -> list[tuple[DriverStatement, Any]]:
        """Send statements; gives each as the driver took it, with the cursor of its answer.

        Args:
            commit: on PostgreSQL, end the transaction with them.
        Raises:
            CaseMoved: other rows have changed than had to.
        """

    def end(self, orders: Sequence[Order]) -> None:
        """Send the last statements."""

    def abandon(self) -> None:
        """Undo everything."""

    @property
    def is_lost(self) -> bool:
        """Whether the connection is gone."""
