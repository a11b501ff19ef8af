"""One open transaction: how statements run in it, and what happens after it was committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import psycopg
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from service.errors import CaseMoved
from service.store import driver_errors
from service.store.postgres_transaction import Order, PostgresTransaction, Rows
from service.store.prepared import DriverStatement, PreparedStatement

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Executable, Table

Kind = TypeVar("Kind")
RowMac: TypeAlias = "Callable[[bytes], bytes]"
"""Computes the MAC of a row from its canonical bytes, under a key that the store does not know."""
StatementListener: TypeAlias = "Callable[[str, Any, bool], object]"
"""Called with a statement, its values, and whether they are many."""
Read: TypeAlias = "tuple[PreparedStatement, Mapping[str, object]]"
"""A statement that asks, with its values."""

NOTHING: Mapping[str, object] = {}
NOTIFY = PreparedStatement(select(func.pg_notify(bindparam("channel"), bindparam("word"))))
SET = PreparedStatement(select(func.set_config(bindparam("name"), bindparam("value"), True)))  # noqa: FBT003 - for this transaction alone


class UnboundRows(Exception):
    """A transaction changed rows that decide, and wrote no entry that could bind them.

    A fault of this program. Nothing was changed.
    """


class Tx:
    """One open transaction.

    Statements of `service.store` run in it; only `Database.transaction` ends it.
    """

    def __init__(
        self,
        conn: Connection,
        *,
        write: bool,
        where: str,
        listeners: Sequence[StatementListener] = (),
        row_mac: RowMac | None = None,
        renew: Callable[[], object] = lambda: None,
    ) -> None:
        self.conn = conn
        self.where = where
        self.write = write
        self.row_mac = row_mac
        self.postgres = conn.dialect.name == "postgresql"
        self._session = (
            PostgresTransaction(conn, write=write, renew=renew, listeners=listeners)
            if self.postgres
            else None
        )
        self.hooks: list[Callable[[], object]] = []
        self.kept: dict[str, Any] = {}
        """What is read once in a transaction, by the name that its module gives it."""
        self.bound: dict[str, dict[str, dict[str, bytes | None]]] = {}
        """Stream to table, key and content of rows that its last entry of this transaction binds;
        None for a row that is gone."""
        self._last: list[Callable[[], object]] = []
        self._listeners = listeners
        self._waiting: list[Order] = []
        self._answers: dict[Any, tuple[DriverStatement, list[Any]]] = {}
        """Rows that were asked for ahead."""

    def after_commit(self, hook: Callable[[], object]) -> None:
        """Call `hook` once the commit is done, never when it is not."""
        if hook not in self.hooks:
            self.hooks.append(hook)

    def before_commit(self, work: Callable[[], object]) -> None:
        """Call `work` as the last of this transaction, or when `flush` is called."""
        self._last.append(work)

    def flush(self) -> None:
        """Do now what was to be the last of this transaction, because somebody reads it."""
        while self._last:
            self._last.pop(0)()

    def bind(self, stream: str, table: str, key: str, content: bytes | None) -> None:
        """Have the last entry of a stream in this transaction bear the MAC of a row.

        Args:
            content: as `guarded_rows.content` gives it; None for a row that is gone.
        """
        self.bound.setdefault(stream, {}).setdefault(table, {})[key] = content

    def finish(self) -> None:
        """Do what comes last; `commit` writes what waits.

        Raises:
            UnboundRows: rows were changed that no entry of their stream binds.
        """
        self.flush()
        if self.bound:
            left = (f"{stream}: {', '.join(rows)}" for stream, rows in sorted(self.bound.items()))
            raise UnboundRows("; ".join(left))

    def commit(self) -> None:
        """Write what waits, and on PostgreSQL commit in the same round trip.

        Raises:
            CaseMoved: somebody was faster; nothing was saved.
        """
        if self._session is None:
            self.settle()
        elif self._waiting or self._session.begun:
            self._send(commit=True)

    def abandon(self) -> None:
        """Undo everything on PostgreSQL; what is prepared there stays."""
        if self._session is not None and self._session.begun:
            self._session.abandon()

    def set_local(self, name: str, value: str) -> None:
        """Set a setting of PostgreSQL for this transaction, without a round trip of its own.

        Called before the first statement it travels with the beginning. SQLite has none.
        """
        if self.postgres:
            self.later(SET, {"name": name, "value": value})

    def ahead(self, *reads: Read, last: bool = False) -> None:
        """Ask together what is going to be asked one by one.

        On PostgreSQL all go in one round trip, in this order, and who reads the same with the same
        values gets the rows that came, until this transaction changes one of their tables. What
        nobody reads costs its share of the trip. On SQLite nothing happens: there a read costs no
        trip.

        Args:
            last: this is all that the transaction does, so it ends in the same round trip. What is
                asked after all begins another one.
        """
        new = [read for read in reads if _name_of(*read) not in self._answers]
        if self._session is None or not new:
            return
        done = self._send([Order(*read) for read in new], commit=last)
        for read, (ready, cursor) in zip(new, done, strict=True):
            self._answers[_name_of(*read)] = (ready, cursor.fetchall())

    def notify(self, channel: str, word: str = "") -> None:
        """Tell who listens, once the commit is done; on SQLite nobody does."""
        if self.postgres:
            self.later(NOTIFY, {"channel": channel, "word": word})

    def one(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> Kind | None:
        """The first row as `kind`, or None."""
        if isinstance(statement, PreparedStatement):
            ready, found = self._read(statement, values or NOTHING, first=True)
            return kind(*ready.row(found[0])) if found else None
        row = self._ordinary(statement, values).first()
        return None if row is None else kind(*row)

    def all(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> list[Kind]:
        """Every row as `kind`."""
        if isinstance(statement, PreparedStatement):
            ready, found = self._read(statement, values or NOTHING)
            return [kind(*ready.row(row)) for row in found]
        with driver_errors.translated(self.where):
            return [kind(*row) for row in self._ordinary(statement, values)]

    def value(
        self, statement: Executable | PreparedStatement, values: Mapping[str, object] | None = None
    ) -> Any:  # noqa: ANN401 - one column of any kind
        """The first column of the first row, or None."""
        return self.one(lambda first, *_more: first, statement, values)

    def run(self, statement: Executable | PreparedStatement, rows: Rows | None = None) -> int:
        """Change rows: one set of values, or a batch of them.

        Gives the number of rows that changed.
        """
        if rows is not None and not rows:
            return 0
        if isinstance(statement, PreparedStatement):
            return self._change(statement, rows or NOTHING)
        return int(self._ordinary(statement, rows).rowcount)

    def win(
        self, statement: Executable | PreparedStatement, values: Mapping[str, object] | None = None
    ) -> None:
        """Change exactly the row that must still be there as it was read.

        Raises:
            CaseMoved: somebody was faster.
        """
        if self.run(statement, values) != 1:
            raise CaseMoved

    def changed(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> Kind:
        """Change exactly the row that must still be there as it was read; gives what it returns.

        Raises:
            CaseMoved: somebody was faster.
        """
        rows = self.all(kind, statement, values)
        if len(rows) != 1:
            raise CaseMoved
        return rows[0]

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An INSERT that may change a row that is there (`on_conflict_do_update`)."""
        return (postgresql.insert if self.postgres else sqlite.insert)(table)

    def later(
        self, statement: PreparedStatement, rows: Rows, *, exactly: int | None = None
    ) -> None:
        """Change rows before the next statement that asks, at the latest before the commit.

        On PostgreSQL all that waits so goes in one journey.

        Args:
            exactly: how many rows must change.
        Raises:
            CaseMoved: somebody was faster; perhaps only at the next statement.
        """
        if not rows:
            return
        self._forget(statement)
        self._waiting.append(Order(statement, rows, exactly))
        if not self.postgres:
            self.settle()

    def settle(self) -> None:
        """Write what waits."""
        if self._session is not None:
            if self._waiting:
                self._send()
            return
        waiting, self._waiting = self._waiting, []
        for order in waiting:
            changed = self._change(order.statement, order.rows)
            if order.exactly not in (None, changed):
                raise CaseMoved

    def _ordinary(self, statement: Executable, values: Rows | None) -> CursorResult[Any]:
        self.settle()
        if not statement.is_select:
            self._answers.clear()
        try:
            if self._session is not None:
                self._session.begin()
        except driver_errors.DRIVERS as fault:
            self._explain(fault)
            raise
        with driver_errors.translated(self.where):
            return self.conn.execute(statement, values)

    def _read(
        self, statement: PreparedStatement, values: Mapping[str, object], *, first: bool = False
    ) -> tuple[DriverStatement, list[Any]]:
        """Read with a prepared statement. SQLite can still fail when a row is fetched."""
        if self._session is not None:
            known = self._answers.get(_name_of(statement, values)) if self._answers else None
            if known is not None:
                return known
            ((ready, cursor),) = self._send([Order(statement, values)])
            return ready, cursor.fetchall()
        try:
            ready, cursor = self._hand(statement, values)
            found = cursor.fetchmany(1) if first else cursor.fetchall()
            cursor.close()
        except driver_errors.DRIVERS as fault:
            self._explain(fault)
            raise
        return ready, found

    def _forget(self, statement: PreparedStatement) -> None:
        """Forget what was asked ahead of the tables that a statement changes."""
        if self._answers:
            changed = statement.tables
            self._answers = {
                name: rows for name, rows in self._answers.items() if name[0].tables.isdisjoint(changed)
            }

    def _change(self, statement: PreparedStatement, rows: Rows) -> int:
        self._forget(statement)
        if self._session is not None:
            return int(self._send([Order(statement, rows)])[0][1].rowcount)
        try:
            return int(self._hand(statement, rows)[1].rowcount)
        except driver_errors.DRIVERS as fault:
            self._explain(fault)
            raise

    def _send(self, orders: Sequence[Order] = (), *, commit: bool = False) -> list[Any]:
        """Send what waits, and then these statements, to PostgreSQL in one round trip.

        Gives what came for these.
        """
        waiting, self._waiting = self._waiting, []
        session = cast("PostgresTransaction", self._session)
        try:
            return session.send([*waiting, *orders], commit=commit)[len(waiting) :]
        except psycopg.errors.DivisionByZero as fault:
            if any(order.exactly is not None for order in waiting):
                raise CaseMoved from fault
            raise
        except driver_errors.DRIVERS as fault:
            self._explain(fault)
            raise

    def _explain(self, fault: Exception) -> None:
        """Raise Tresteg's error for a fault of the driver, if there is one.

        A connection that is lost goes back to no pool.
        """
        lost = self._session is not None and self._session.driver.closed
        if lost:
            self.conn.invalidate()
        ours = driver_errors.translate(fault, self.where, lost=lost)
        if ours is not None:
            raise ours from fault

    def _hand(self, statement: PreparedStatement, rows: Rows) -> tuple[DriverStatement, Any]:
        """Hand a prepared statement to SQLite's driver; gives the cursor with its answer."""
        batch = [rows] if isinstance(rows, Mapping) else rows
        ready = statement.ready(self.conn.dialect, tuple(batch[0]))
        given = [ready.values(row) for row in batch]
        many = len(given) > 1
        for listener in self._listeners:
            listener(ready.text, given if many else given[0], many)
        cursor = self._driver.cursor()
        if many:
            cursor.executemany(ready.text, given)
        else:
            cursor.execute(ready.text, given[0])
        return ready, cursor

    @cached_property
    def _driver(self) -> Any:  # noqa: ANN401 - SQLite's connection
        return self.conn.connection.driver_connection


def _name_of(statement: PreparedStatement, values: Mapping[str, object]) -> tuple[Any, ...]:
    """What the answer to a read is known by."""
    return (statement, *sorted(values.items()))
