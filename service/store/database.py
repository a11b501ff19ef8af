"""The database and its one kind of transaction. Nothing else in the house commits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import URL, bindparam, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError

from service import fault_points
from service.errors import BadSettings, Busy, CaseMoved
from service.store import faults, schema, walls
from service.store.prepared import Prepared, Ready

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine, Executable

Kind = TypeVar("Kind")
Told: TypeAlias = "Callable[[str, Any, bool], object]"
"""Hears a statement, its values, and whether they are many."""
Rows: TypeAlias = "Mapping[str, object] | Sequence[Mapping[str, object]]"
"""One set of values, or a batch of sets with the same names."""

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "2",
    "foreign_keys": "1",
    "secure_delete": "1",
    "trusted_schema": "0",
    "temp_store": "2",
}
"""Name to the answer that SQLite gives when it is set as promised (trust.md 9.4)."""

POSTGRES_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")
POSTGRES_OLDEST = 150_000

NOTHING: Mapping[str, object] = {}
NOTIFY = Prepared(select(func.pg_notify(bindparam("channel"), bindparam("word"))))


class Tx:
    """One open transaction. Statements of `service.store` run in it; only the door that opened it ends it."""

    def __init__(self, conn: Connection, *, write: bool, where: str, told: Sequence[Told] = ()) -> None:
        self.conn = conn
        self.where = where
        self.write = write
        self.postgres = conn.dialect.name == "postgresql"
        self.hooks: list[Callable[[], object]] = []
        self.kept: dict[str, Any] = {}
        """What is read once in a transaction, by the name that its module gives it."""
        self._told = told
        self._waiting: list[tuple[Prepared, Rows, int | None]] = []

    def after_commit(self, hook: Callable[[], object]) -> None:
        """Call `hook` once the commit is done, never when it is not."""
        if hook not in self.hooks:
            self.hooks.append(hook)

    def notify(self, channel: str, word: str = "") -> None:
        """Tell who listens, once the commit is done; on SQLite nobody does."""
        if self.postgres:
            self.later(NOTIFY, {"channel": channel, "word": word})

    def one(self, kind: Callable[..., Kind], statement: Executable | Prepared, values: Mapping[str, object] | None = None) -> Kind | None:
        """The first row as `kind`, or None."""
        if isinstance(statement, Prepared):
            ready, found = self._read(statement, values or NOTHING, first=True)
            return kind(*ready.row(found[0])) if found else None
        row = self._ordinary(statement, values).first()
        return None if row is None else kind(*row)

    def all(self, kind: Callable[..., Kind], statement: Executable | Prepared, values: Mapping[str, object] | None = None) -> list[Kind]:
        """Every row as `kind`."""
        if isinstance(statement, Prepared):
            ready, found = self._read(statement, values or NOTHING)
            return [kind(*ready.row(row)) for row in found]
        with faults.translated(self.where):
            return [kind(*row) for row in self._ordinary(statement, values)]

    def value(self, statement: Executable | Prepared, values: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401  # one column of any kind
        """The first column of the first row, or None."""
        return self.one(lambda first, *_more: first, statement, values)

    def run(self, statement: Executable | Prepared, rows: Rows | None = None) -> int:
        """Change rows: one set of values, or a batch of them. Gives the number of rows that changed."""
        if rows is not None and not rows:
            return 0
        if isinstance(statement, Prepared):
            return self._change(statement, rows or NOTHING)
        return int(self._ordinary(statement, rows).rowcount)

    def win(self, statement: Executable | Prepared, values: Mapping[str, object] | None = None) -> None:
        """Change exactly the row that must still be there as it was read.

        Raises:
            CaseMoved: somebody was faster.
        """
        if self.run(statement, values) != 1:
            raise CaseMoved

    def later(self, statement: Prepared, rows: Rows, *, exactly: int | None = None) -> None:
        """Change rows before the next statement that asks, at the latest before the commit. On PostgreSQL all that waits so goes in one journey.

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
        try:
            with self._driver.pipeline() if len(waiting) > 1 else nullcontext():
                done = [(self._hand(statement, rows)[1], exactly) for statement, rows, exactly in waiting]
        except faults.DRIVERS as fault:
            self._explain(fault)
            raise
        if any(exactly not in (None, cursor.rowcount) for cursor, exactly in done):
            raise CaseMoved

    def _ordinary(self, statement: Executable, values: Rows | None) -> CursorResult[Any]:
        self.settle()
        with faults.translated(self.where):
            return self.conn.execute(statement, values)

    def _read(self, statement: Prepared, values: Mapping[str, object], *, first: bool = False) -> tuple[Ready, list[Any]]:
        """Ask with a prepared statement; SQLite looks for a row when it is fetched, and can fail there."""
        self.settle()
        try:
            ready, cursor = self._hand(statement, values)
            found = cursor.fetchmany(1) if first else cursor.fetchall()
            cursor.close()
        except faults.DRIVERS as fault:
            self._explain(fault)
            raise
        return ready, found

    def _change(self, statement: Prepared, rows: Rows) -> int:
        self.settle()
        try:
            return int(self._hand(statement, rows)[1].rowcount)
        except faults.DRIVERS as fault:
            self._explain(fault)
            raise

    def _explain(self, fault: Exception) -> None:
        """Raise what a fault of the driver means for the house, if it means anything; a connection that is lost goes back to no pool."""
        lost = self.postgres and self._driver.closed
        if lost:
            self.conn.invalidate()
        ours = faults.in_our_words(fault, self.where, lost=lost)
        if ours is not None:
            raise ours from fault

    def _hand(self, statement: Prepared, rows: Rows) -> tuple[Ready, Any]:
        """Hand a prepared statement to the driver; gives the cursor with its answer."""
        batch = [rows] if isinstance(rows, Mapping) else rows
        ready = statement.ready(self.conn.dialect, tuple(batch[0]))
        given = [ready.values(row) for row in batch]
        many = len(given) > 1
        for told in self._told:
            told(ready.text, given if many else given[0], many)
        cursor = self._driver.cursor()
        if many:
            cursor.executemany(ready.text, given)
        else:
            cursor.execute(ready.text, given[0])
        return ready, cursor

    @cached_property
    def _driver(self) -> Any:  # noqa: ANN401  # a connection of either driver; what is used of it is common to both
        return self.conn.connection.driver_connection


class Database:
    """One SQLite file or one PostgreSQL database, shared by all threads of a process.

    Args:
        patience: milliseconds that a statement waits for another transaction before the database counts as busy.
    Raises:
        BadSettings: an address of another kind.
    """

    def __init__(self, url: str, *, patience: int = 5_000) -> None:
        try:
            address = make_url(url)
        except ArgumentError as e:
            raise BadSettings("the database address is none: it must be such as sqlite:///var/tresteg.db or postgresql://user@host/name") from e
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        if address.drivername not in {"sqlite", "postgresql+psycopg"}:
            raise BadSettings(f"the database address must begin with sqlite: or postgresql:, not {address.drivername}:")
        self.url = address
        self.postgres = address.drivername != "sqlite"
        self.engine = _postgres(address, patience) if self.postgres else _sqlite(address, patience)
        walls.attach(self.engine)
        self._told: tuple[Told, ...] = ()

    def __str__(self) -> str:
        """The database as a sentence names it; no password."""
        return f"the database {self.url.set(drivername='postgresql').render_as_string()}" if self.postgres else f"the database file {self.url.database}"

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Tx]:
        """Open a transaction; leaving it commits, an exception rolls back and is passed on.

        Args:
            write: False promises that nothing will be changed; on SQLite readers then never wait for writers.
        Raises:
            CaseMoved: somebody was faster.   Busy: the database did not answer in time; nothing was saved.
        """
        with faults.translated(str(self)), self.engine.connect() as conn:
            conn = conn.execution_options(tresteg_write=write)  # noqa: PLW2901  # the same connection with its way of beginning
            with conn.begin():
                tx = Tx(conn, write=write, where=str(self), told=self._told)
                yield tx
                tx.settle()
                if write:
                    fault_points.hit("w7")
        if write:
            fault_points.hit("w8")
        for hook in tx.hooks:
            hook()

    @contextmanager
    def telling(self, told: Told) -> Iterator[None]:
        """Tell every statement as it goes to the driver, to who counts or explains them."""

        def ordinary(_conn: object, _cursor: object, statement: str, values: object, _context: object, many: bool) -> None:  # noqa: FBT001  # SQLAlchemy's
            told(statement, values, many)

        event.listen(self.engine, "before_cursor_execute", ordinary)
        self._told = (*self._told, told)
        try:
            yield
        finally:
            self._told = tuple(one for one in self._told if one is not told)
            event.remove(self.engine, "before_cursor_execute", ordinary)

    def upgrade(self, revision: str = "head") -> None:
        """Bring the tables to `revision`; does nothing when they are there already."""
        with faults.translated(str(self)), self._migrating() as conn:
            schema.upgrade(conn, revision)

    def downgrade(self, revision: str) -> None:
        """Take the tables back to `revision`."""
        with faults.translated(str(self)), self._migrating() as conn:
            schema.downgrade(conn, revision)

    def check(self) -> None:
        """Refuse a database that cannot keep its promises.

        Raises:
            BadSettings: a setting of the database, the schema, or a missing trigger; the first sentence says which and what to do.
        """
        for sentence in self.wrong():
            raise BadSettings(sentence)

    def wrong(self) -> list[str]:
        """Sentences about what keeps the database from keeping its promises: its settings, its schema, a missing trigger."""
        if self._is_no_file():
            return [schema.EMPTY]
        with faults.translated(str(self)), self.engine.connect() as conn:
            walls.as_system("schema", conn)
            return [*_wrong_settings(conn, postgres=self.postgres), *schema.wrong(conn)]

    def damage(self) -> list[str]:
        """What SQLite finds wrong when it reads every page and follows every reference; takes long. PostgreSQL looks after its own pages."""
        if self.postgres or self._is_no_file():
            return []
        with faults.translated(str(self)), self.engine.connect() as conn:
            walls.as_system("schema", conn)
            pages = [str(row[0]) for row in conn.exec_driver_sql("PRAGMA integrity_check")]
            lost = [f"a row of {table} points to no row of {other}" for table, _, other, _ in conn.exec_driver_sql("PRAGMA foreign_key_check")]
            return [*(page for page in pages if page != "ok"), *lost]

    def is_empty(self) -> bool:
        """Whether there are no tables yet, or not even a file. Makes none."""
        if self._is_no_file():
            return True
        with faults.translated(str(self)), self.engine.connect() as conn:
            walls.as_system("schema", conn)
            return schema.stands_at(conn) is None

    def _is_no_file(self) -> bool:
        """Whether SQLite would make the file if it was asked anything; a missing folder is not made."""
        file = Path(self.url.database or ":memory:")
        return not self.postgres and file.name != ":memory:" and file.parent.is_dir() and not file.exists()

    def listen(self, channel: str, timeout: float) -> Generator[str]:
        """Wait on PostgreSQL for what `notify` sends, on a connection of its own.

        Gives "" once it listens, then every word; ends after `timeout` seconds without one. On SQLite there is nothing to hear: the worker polls.

        Raises:
            Busy: the connection was lost.
        """
        if not self.postgres:
            return
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            with psycopg.connect(address, autocommit=True) as conn:
                conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                yield ""
                while heard := next(conn.notifies(timeout=timeout, stop_after=1), None):
                    yield heard.payload
        except psycopg.OperationalError as fault:
            raise Busy(f"{self} did not answer in time") from fault

    def take_over(self, other: Database) -> None:
        """Put the whole content of another SQLite database in the place of this one's, in one piece: readers see the old or the new."""
        with faults.translated(str(self)), other.engine.connect() as source, self.engine.connect() as target:
            taken, given = source.connection.driver_connection, target.connection.driver_connection
            if not isinstance(taken, sqlite3.Connection) or not isinstance(given, sqlite3.Connection):
                raise BadSettings("only a SQLite database can be taken over")
            taken.backup(given)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _migrating(self) -> Iterator[Connection]:
        """A connection in a transaction that no other migration shares."""
        with self.engine.connect() as conn:
            conn = walls.as_system("schema", conn.execution_options(tresteg_write=True))  # noqa: PLW2901  # the same connection with its way of beginning
            with conn.begin():
                if self.postgres:
                    conn.execute(select(func.pg_advisory_xact_lock(7470)))
                yield conn


def _sqlite(url: URL, patience: int) -> Engine:
    """An engine whose transactions begin as they are meant: writers queue at BEGIN, readers see one moment."""
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": patience / 1000})

    @event.listens_for(engine, "connect")
    def promise(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.get_execution_options().get("tresteg_write") else "BEGIN")

    return engine


def _postgres(url: URL, patience: int) -> Engine:
    """An engine with limits, so that nothing hangs."""
    options = f"-c timezone=UTC -c lock_timeout={patience} -c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000"
    return create_engine(url, hide_parameters=True, isolation_level="READ COMMITTED", pool_pre_ping=True, connect_args={"options": options})


def _wrong_settings(conn: Connection, *, postgres: bool) -> Iterator[str]:
    """Sentences about settings that break a promise."""
    if postgres:
        version = int(conn.exec_driver_sql("SHOW server_version_num").scalar_one())
        if version < POSTGRES_OLDEST:
            yield f"PostgreSQL must be 15 or newer, this is {version // 10_000}"
        for name in POSTGRES_SETTINGS:
            if conn.exec_driver_sql(f"SHOW {name}").scalar_one() == "off":
                yield f"PostgreSQL must have {name} on"
        return
    for name, value in PRAGMAS.items():
        found = str(conn.exec_driver_sql(f"PRAGMA {name}").scalar_one())
        if found != value:
            yield f"SQLite must have {name} = {value}, it says {found}; is the file on a network share?"
