"""One open transaction: how statements run in it, and what happens after it was committed."""

# long: one road for every statement, and what a transaction knows of itself

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import bindparam, func, select

from service.errors import CaseMoved
from service.store import driver_errors
from service.store.prepared import DriverStatement, PreparedStatement, is_reading

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Executable

Kind = TypeVar("Kind")
RowMac: TypeAlias = "Callable[[bytes], bytes]"
"""Computes the MAC of a row from its canonical bytes, under a key that the store does not know."""
StatementListener: TypeAlias = "Callable[[str, Any, bool], object]"
"""Called with a statement, its values, and whether they are many."""
Rows: TypeAlias = "Mapping[str, object] | Sequence[Mapping[str, object]]"
"""One set of values, or a batch of sets with the same names."""

NOTHING: Mapping[str, object] = {}
MOST_ANSWERS = 100
"""Answers that a transaction keeps, so that one which reads every case holds few of them."""
NOTIFY = PreparedStatement(select(func.pg_notify(bindparam("channel"), bindparam("word"))))


class MustWrite(Exception):
    """A transaction that was to read first changed something, which one that writes must do.

    Nothing was changed; the work is to be done again, in one that writes from the beginning.
    """


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
        reads_first: bool = False,
        begin_writing: Callable[[], object] | None = None,
        listeners: Sequence[StatementListener] = (),
        row_mac: RowMac | None = None,
    ) -> None:
        """Let statements run on a connection whose transaction has begun.

        Args:
            write: whether it may change anything.
            reads_first: it locks nothing that it reads, and only what is left to its end is
                written.
            begin_writing: called before that is written, where it must wait for other writers.
        """
        self._conn = conn
        self.where = where
        self.write = write
        self.locks = write and not reads_first
        """Whether it locks the case that it loads."""
        self.reads_first = reads_first
        self.row_mac = row_mac
        self.postgres = conn.dialect.name == "postgresql"
        self.hooks: list[Callable[[], object]] = []
        self.kept: dict[str, Any] = {}
        """What is read once in a transaction, by the name that its module gives it."""
        self.bound: dict[str, dict[str, dict[str, bytes | None]]] = {}
        """Stream to table, key and content of rows that its last entry of this transaction binds;
        None for a row that is gone."""
        self._last: list[Callable[[], object]] = []
        self._begin_writing = begin_writing
        self._listeners = listeners
        self._waiting: list[tuple[PreparedStatement, Rows, int | None]] = []
        self._answers: dict[tuple[Any, ...], list[Sequence[Any]]] = {}
        """What prepared questions were answered, until something is changed or locked: pages and
        turns ask the same of a case in many places, and are handed the same rows."""

    @property
    def conn(self) -> Connection:
        """The connection itself; who takes it may change anything, so nothing counts as read."""
        self._answers.clear()
        return self._conn

    def after_commit(self, hook: Callable[[], object]) -> None:
        """Call `hook` once the commit is done, never when it is not."""
        if hook not in self.hooks:
            self.hooks.append(hook)

    def before_commit(self, work: Callable[[], object]) -> None:
        """Call `work` as the last of this transaction, or when `flush` is called."""
        self._last.append(work)

    def flush(self) -> None:
        """Do now what was to be the last of this transaction, because somebody reads it."""
        if self._last:
            self._forget()
        while self._last:
            self._last.pop(0)()

    def bind(self, stream: str, table: str, key: str, content: bytes | None) -> None:
        """Have the last entry of a stream in this transaction bear the MAC of a row.

        Args:
            content: as `guarded_rows.content` gives it; None for a row that is gone.
        """
        self.bound.setdefault(stream, {}).setdefault(table, {})[key] = content

    def finish(self) -> None:
        """Do what comes last, and write what waits.

        Raises:
            UnboundRows: rows were changed that no entry of their stream binds.
        """
        if self._last and self._begin_writing is not None:
            begin, self._begin_writing = self._begin_writing, None
            begin()
        self.flush()
        if self.bound:
            left = (f"{stream}: {', '.join(rows)}" for stream, rows in sorted(self.bound.items()))
            raise UnboundRows("; ".join(left))
        self.settle()

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
            found = self._read(statement, values or NOTHING, first=True)
            return kind(*found[0]) if found else None
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
            return [kind(*row) for row in self._read(statement, values or NOTHING)]
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
        self._waiting.append((statement, rows, exactly))
        if not self.postgres:
            self.settle()

    def settle(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self._forget()
        try:
            with self._driver.pipeline() if len(waiting) > 1 else nullcontext():
                done = [
                    (self._hand(self._ready(statement, rows), rows), exactly)
                    for statement, rows, exactly in waiting
                ]
        except driver_errors.DRIVERS as fault:
            self._explain(fault)
            raise
        if any(exactly not in (None, cursor.rowcount) for cursor, exactly in done):
            raise CaseMoved

    def _ordinary(self, statement: Executable, values: Rows | None) -> CursorResult[Any]:
        self.settle()
        if not is_reading(statement):
            self._forget()
        with driver_errors.translated(self.where):
            return self._conn.execute(statement, values)

    def _read(
        self, statement: PreparedStatement, values: Mapping[str, object], *, first: bool = False
    ) -> list[Sequence[Any]]:
        """Rows that a prepared statement gives, as they were already read, or read now."""
        self.settle()
        ready = statement.ready(self._conn.dialect, tuple(values))
        if not (ready.repeatable or ready.locks_rows):
            self._forget()
            return self._fetch(ready, values, first=first)
        question = (statement, first, *values.items())
        known = self._answers.get(question)
        if known is None:
            if ready.locks_rows:  # others may have changed rows until they were locked
                self._answers.clear()
            known = self._fetch(ready, values, first=first)
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[question] = known
        return known

    def known(
        self,
        kind: Callable[..., Kind],
        statement: PreparedStatement,
        values: Mapping[str, object],
        *,
        first: bool = False,
    ) -> list[Kind] | None:
        """Every row as `kind`, if that was asked before; None when it was not.

        Args:
            first: whether the first row alone was asked for.
        """
        self.settle()
        rows = self._answers.get((statement, first, *values.items()))
        return None if rows is None else [kind(*row) for row in rows]

    def _forget(self) -> None:
        """Something is going to be changed, or locked.

        Raises:
            MustWrite: this transaction was to read first.
        """
        if self._begin_writing is not None:
            raise MustWrite
        self._answers.clear()

    def _fetch(
        self, ready: DriverStatement, values: Mapping[str, object], *, first: bool
    ) -> list[Sequence[Any]]:
        """Read with a prepared statement. SQLite can still fail when a row is fetched."""
        try:
            cursor = self._hand(ready, values)
            found = cursor.fetchmany(1) if first else cursor.fetchall()
            cursor.close()
        except driver_errors.DRIVERS as fault:
            self._explain(fault)
            raise
        return [ready.row(row) for row in found]

    def _change(self, statement: PreparedStatement, rows: Rows) -> int:
        self.settle()
        self._forget()
        try:
            return int(self._hand(self._ready(statement, rows), rows).rowcount)
        except driver_errors.DRIVERS as fault:
            self._explain(fault)
            raise

    def _explain(self, fault: Exception) -> None:
        """Raise Tresteg's error for a fault of the driver, if there is one.

        A connection that is lost goes back to no pool.
        """
        lost = self.postgres and self._driver.closed
        if lost:
            self._conn.invalidate()
        ours = driver_errors.translate(fault, self.where, lost=lost)
        if ours is not None:
            raise ours from fault

    def _ready(self, statement: PreparedStatement, rows: Rows) -> DriverStatement:
        """A statement as this database takes it, with values of these names."""
        names = rows if isinstance(rows, Mapping) else rows[0]
        return statement.ready(self._conn.dialect, tuple(names))

    def _hand(self, ready: DriverStatement, rows: Rows) -> Any:  # noqa: ANN401 - a cursor of either driver
        """Hand a prepared statement to the driver; gives the cursor with its answer."""
        batch = [rows] if isinstance(rows, Mapping) else rows
        given = [ready.values(row) for row in batch]
        many = len(given) > 1
        for listener in self._listeners:
            listener(ready.text, given if many else given[0], many)
        cursor = self._driver.cursor()
        if many:
            cursor.executemany(ready.text, given)
        else:
            cursor.execute(ready.text, given[0])
        return cursor

    @cached_property
    def _driver(self) -> Any:  # noqa: ANN401 - a connection of either driver; what is used of it is common to both
        return self._conn.connection.driver_connection
