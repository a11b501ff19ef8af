"""A transaction on PostgreSQL, in as few round trips as can be.

What begins it travels with its first statement, what waits with the next one, and what ends it with
the last writes. Whether it was committed is known before anybody is told so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import psycopg
from psycopg.pq import TransactionStatus

from service.store.prepared import DriverStatement, PreparedStatement

if TYPE_CHECKING:
    from sqlalchemy import Connection

Rows: TypeAlias = "Mapping[str, object] | Sequence[Mapping[str, object]]"
"""One set of values, or a batch of sets with the same names."""
Listener: TypeAlias = "Callable[[str, Any, bool], object]"
"""Called with a statement, its values, and whether they are many."""

WRITES = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
READS = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""A reader sees one moment, as it always does on SQLite."""
COMMIT = "COMMIT"
OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class NotCommitted(psycopg.OperationalError):
    """The server ended a transaction without keeping it, because a statement of it had failed."""

    sqlstate = "40000"


@dataclass(frozen=True, slots=True)
class Order:
    """One statement that goes to the server, with its values."""

    statement: PreparedStatement
    rows: Rows
    exactly: int | None = None
    """How many rows must change; else the whole round trip comes to nothing."""


class PostgresTransaction:
    """One transaction of one connection.

    Args:
        renew: called once when the first round trip finds that the connection was lost: gives
            another one to the same transaction, of which nothing had begun.
    """

    def __init__(
        self,
        conn: Connection,
        *,
        write: bool,
        renew: Callable[[], object],
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.conn = conn
        self.begun = False
        self._write = write
        self._begin = WRITES if write else READS
        self._renew = renew
        self._listeners = listeners
        self._kept_driver: Any = None

    @property
    def driver(self) -> psycopg.Connection[Any]:
        """The driver's connection."""
        if self._kept_driver is None:
            self._kept_driver = self.conn.connection.driver_connection
        return cast("psycopg.Connection[Any]", self._kept_driver)

    def send(
        self, orders: Sequence[Order], *, commit: bool = False
    ) -> list[tuple[DriverStatement, psycopg.Cursor[Any]]]:
        """Send statements in one round trip, with the beginning if there was none.

        Args:
            commit: end the transaction in the same round trip. When one of the statements fails,
                nothing is kept.
        Raises:
            psycopg.DivisionByZero: other rows have changed than had to, see `Order.exactly`.
            psycopg.Error: the fault of the first statement that failed.
        """
        try:
            return self._send(orders, commit=commit)
        except psycopg.Error:
            # what may have been committed is never written twice
            if self.begun or (commit and self._write) or not self.driver.closed:
                raise
            self._renew()
            self._kept_driver = None
            return self._send(orders, commit=commit)

    def begin(self) -> None:
        """Begin now, because what comes next does not travel by `send`."""
        if not self.begun:
            self.send(())

    def _send(
        self, orders: Sequence[Order], *, commit: bool
    ) -> list[tuple[DriverStatement, psycopg.Cursor[Any]]]:
        driver, ended = self.driver, None
        several = len(orders) + (not self.begun) + commit > 1
        with driver.pipeline() if several else nullcontext():
            if not self.begun:
                driver.cursor().execute(self._begin, prepare=False)
            done = [self._hand(order) for order in orders]
            if commit:
                ended = driver.cursor().execute(COMMIT, prepare=False)
        self.begun = not commit
        if ended is not None and ended.statusmessage != COMMIT:
            raise NotCommitted("a statement had failed before")
        return done

    def _hand(self, order: Order) -> tuple[DriverStatement, psycopg.Cursor[Any]]:
        """Hand a statement to the driver."""
        batch = [order.rows] if isinstance(order.rows, Mapping) else order.rows
        ready = order.statement.ready(self.conn.dialect, tuple(batch[0]))
        given = [ready.values(row) for row in batch]
        many = len(given) > 1
        for listener in self._listeners:
            listener(ready.text, given if many else given[0], many)
        text: Any = ready.text if order.exactly is None else ready.one_row
        cursor = self.driver.cursor()
        if many:
            cursor.executemany(text, given)
        else:
            cursor.execute(text, given[0], prepare=True)
        return ready, cursor

    def abandon(self) -> None:
        """Undo everything; what the server keeps prepared stays, as a rollback touches none of it.

        The driver's own rollback forgets it all. A connection in another state is left to that.
        """
        driver = self.driver
        if not driver.closed and driver.pgconn.transaction_status in OPEN:
            driver.pgconn.exec_(b"ROLLBACK")
