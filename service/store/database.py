"""The database and its one kind of transaction. Nothing else in the program commits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError

from service import fault_points
from service.errors import BadSettings
from service.store import (
    connections,
    database_roles,
    driver_errors,
    row_scope,
    schema,
    writing,
)
from service.store.changes import RowMac
from service.store.drivers.kept_connections import KeptConnections, TransactionConnection
from service.store.drivers.orders import DriverTransaction, StatementListener
from service.store.drivers.sqlite_transaction import SqliteTransaction
from service.store.drivers.transaction_scope import NOTHING, TransactionScope
from service.store.drivers.write_groups import GroupLost, WriteGroup
from service.store.drivers.writer_queue import WriterQueue, WriterTurn
from service.store.tables import row_policies
from service.store.transaction import Tx

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine


OWNERS_PATIENCE = 60_000
"""Milliseconds that a migration waits for those who still use a table."""


class Database:
    """One SQLite file or one PostgreSQL database, shared by all threads of a process.

    Args:
        owner: address of the same PostgreSQL database for the role that owns its tables; without it
            migrations run as the role of `url`.
        backup: address of it for the role that makes backups; "" where the role of `url` does.
        patience: milliseconds that a statement waits for another transaction before the database
            counts as busy.
    Raises:
        BadSettings: an address of another kind.
    """

    def __init__(
        self, url: str, *, owner: str = "", backup: str = "", patience: int = 5_000
    ) -> None:
        self.url = connections.address(url)
        self.postgres = self.url.drivername != "sqlite"
        self.engine = connections.pool(self.url, patience)
        self._owner = connections.address(owner) if owner and self.postgres else None
        self._backup = connections.address(backup) if backup and self.postgres else None
        self._scope = NOTHING
        row_scope.attach(self.engine)
        self._patience = patience
        self._writers = WriterQueue(str(self), patience)
        self._kept = KeptConnections(self.engine, connections.CONNECTIONS)
        self._listeners: list[StatementListener] = []
        self._checked: dict[bytes, Any] = {}
        self.row_mac: RowMac | None = None
        """Computes MACs of rows; whoever puts the program together sets it."""

    def __str__(self) -> str:
        """The database as a sentence names it; no password."""
        return self._sentence

    @cached_property
    def _sentence(self) -> str:
        """The database as a sentence names it; kept, since each transaction bears it."""
        return (
            f"the database {self.url.set(drivername='postgresql').render_as_string()}"
            if self.postgres
            else f"the database file {self.url.database}"
        )

    @property
    def file(self) -> str:
        """The file of a SQLite database; "" for one that has none here."""
        name = "" if self.postgres else self.url.database or ""
        return "" if name == ":memory:" else name

    def within(self, scope: TransactionScope) -> Database:
        """The same database, whose transactions state that scope; without one they state none.

        SQLite has no policies, so there it changes nothing.
        """
        scoped = object.__new__(Database)
        scoped.__dict__.update(self.__dict__, _scope=scope)  # `copy` takes ten times as long
        return scoped

    @contextmanager
    def transaction(
        self,
        *,
        write: bool = True,
        reads_first: bool = False,
        grouped: bool = False,
    ) -> Iterator[Tx]:
        """Open a transaction; leaving it commits, an exception rolls back and is passed on.

        Args:
            write: False promises that nothing will be changed: readers then see the database as it
                was at one moment, and on SQLite never wait for writers.
            reads_first: of one that writes: it changes nothing but what is left to its end, such as
                entries of the ledger. It locks nothing that it reads, and on SQLite waits for
                other writers, and stands in their way, only then.
            grouped: of one that writes and is short: on SQLite one commit may write it together
                with those of other threads that wait.
        Raises:
            MustWrite: it was to read first and changed something; nothing was changed.
            CaseMoved: somebody was faster.
            Busy: the database did not answer in time; nothing was saved.
        """
        late = write and reads_first and not self.postgres
        turn, connection = self._writers.turn(), None
        with driver_errors.translated(str(self)):
            try:
                if write and not late:  # before it takes a connection, which others can use
                    self._wait_turn(turn, joins=grouped)
                joined = turn.group
                connection = self._kept.take() if joined is None else joined.connection
                self._begin(connection, turn, write=write and not late)
                tx = Tx(
                    connection,
                    self._driver(connection, write=write),
                    write=write,
                    where=str(self),
                    reads_first=reads_first,
                    begin_writing=partial(self._begin_writing, connection, turn) if late else None,
                    row_mac=self.row_mac,
                    checked=self._checked,
                )
                try:
                    yield tx
                    writing.write_last(tx)
                    if write:
                        fault_points.hit("w7")
                    tx.end()
                    self._commit(connection, turn)
                except BaseException as fault:
                    tx.abandon()
                    self._roll_back(connection, turn, fault)
                    raise
            finally:
                turn.undo()
                if connection is not None and not turn.has_handed_on:
                    self._kept.give_back(connection)
                turn.end()
        if write:
            fault_points.hit("w8")
        for hook in tx.hooks:
            hook()

    def _wait_turn(self, turn: WriterTurn, *, joins: bool = False) -> None:
        """Wait for the turn of this thread among those that write to SQLite."""
        if not self.postgres:
            turn.wait(joins=joins and bool(self.file))  # in memory each thread has its own database

    def _begin(self, connection: TransactionConnection, turn: WriterTurn, *, write: bool) -> None:
        """Begin on SQLite; on PostgreSQL that goes with the first statement."""
        if self.postgres:
            return
        if turn.group is not None:
            turn.group.begin_piece()
        elif write:
            if not connection.driver.in_transaction:
                connections.begin_writing(connection.driver, self._patience)
            turn.group = WriteGroup(connection)
        else:
            connection.driver.execute(connections.BEGIN)
        self._tell_begun(write=write)

    def _commit(self, connection: TransactionConnection, turn: WriterTurn) -> None:
        """Commit, or hand the open transaction on and wait until another thread has committed.

        On PostgreSQL it is done by now, and costs no round trip.
        """
        group = turn.group
        if group is None:
            connection.commit()
            return
        try:
            group.end_piece()
            self._end_group(group, turn)
        except GroupLost as lost:
            raise driver_errors.busy(str(self), "WriteGroup") from lost

    def _roll_back(
        self, connection: TransactionConnection, turn: WriterTurn, fault: BaseException
    ) -> None:
        """Undo what this thread has done; what others did in the same transaction is committed.

        Raises:
            Busy: it could not, so that `fault` may rest on what is not on the disk.
        """
        group = turn.group
        if turn.has_handed_on:  # the connection is another thread's
            return
        if group is None:
            connection.rollback()
        elif not group.pieces:
            group.lose()
        else:
            try:
                group.undo_piece()
                self._end_group(group, turn)
            except (GroupLost, sqlite3.Error, DBAPIError):
                if isinstance(fault, Exception):
                    raise driver_errors.busy(str(self), "WriteGroup") from fault

    def _end_group(self, group: WriteGroup, turn: WriterTurn) -> None:
        """Have all pieces of a group committed: by the next thread, for which this one waits, or
        here.

        Raises:
            GroupLost: the other could not.
        """
        if turn.hand_on():
            group.wait()
        else:
            group.commit()

    def _driver(
        self, connection: TransactionConnection, *, write: bool, begun: bool = False
    ) -> DriverTransaction:
        """How a transaction of this kind of database runs on a connection."""
        if not self.postgres:
            return SqliteTransaction(connection, tuple(self._listeners))
        from service.store.drivers.postgres_transaction import (  # noqa: PLC0415 - loads the driver of PostgreSQL
            PostgresTransaction,
        )

        return PostgresTransaction(
            connection,
            write=write,
            scope=self._scope,
            renew=partial(self._renew, connection),
            listeners=tuple(self._listeners),
            begun=begun,
        )

    def _renew(self, connection: TransactionConnection) -> None:
        """Give another connection to a transaction whose own was lost before it began.

        The server may have closed all of them: those that nobody uses now are closed here too.
        """
        connection.invalidate()
        self._kept.give_back(connection)
        self._kept.close()
        connection.replace(self._kept.take())

    def _begin_writing(self, connection: TransactionConnection, turn: WriterTurn) -> None:
        """Write from now on, in a transaction that has only read on SQLite."""
        connection.driver.execute("COMMIT")
        if not turn.taken:
            self._wait_turn(turn)
        self._begin(connection, turn, write=True)

    def _tell_begun(self, *, write: bool) -> None:
        """Tell listeners that a transaction on SQLite has begun, which goes past SQLAlchemy."""
        for listener in self._listeners:
            listener(connections.BEGIN_WRITING if write else connections.BEGIN, (), False)

    @contextmanager
    def listening(self, listener: StatementListener) -> Iterator[None]:
        """Call `listener` with every statement as it goes to the driver."""

        def ordinary(
            _conn: object,
            _cursor: object,
            statement: str,
            values: object,
            _context: object,
            many: bool,  # noqa: FBT001 - as SQLAlchemy calls it
        ) -> None:
            listener(statement, values, many)

        event.listen(self.engine, "before_cursor_execute", ordinary)
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)
            event.remove(self.engine, "before_cursor_execute", ordinary)

    def upgrade(
        self,
        revision: str = "head",
        *,
        before_commit: Callable[[Tx, str | None], object] | None = None,
    ) -> None:
        """Bring the tables to `revision`; does nothing when they are there already.

        Where an owner was named, the service's role gets its rights, and row-level security narrows
        the rows that it gets.

        Args:
            before_commit: looks at what has come of it, and changes rows where that takes the
                keyring; it gets the schema at which the tables stood before; if it raises, nothing
                was changed.
        """
        with driver_errors.translated(str(self)):
            role = self._role_of(self.url) if self._owner is not None else ""
            backup = self._role_of(self._backup) if role and self._backup is not None else ""
            with self._migrating() as conn:
                if role and not schema.is_newest(conn):
                    row_policies.drop_policies(conn)
                from service.store.migrations import schema_changes  # noqa: PLC0415 - loads Alembic, which no service needs

                before = schema.stands_at(conn)
                schema_changes.upgrade(conn, revision)
                fault_points.hit("m1")
                if role:
                    database_roles.grant(conn, role, backup)
                    row_policies.make_policies(conn, role, backup)
                if before_commit is not None:
                    tx = self._tx_of(conn, write=True)
                    before_commit(tx, before)
                    writing.write_last(tx)
                    tx.settle()
        fault_points.hit("m2")

    @contextmanager
    def as_owner(self) -> Iterator[Tx]:
        """A transaction of the role that owns the tables, in which what is written once can be
        taken out (`ledger_entries.remove`); nobody changes tables meanwhile.

        Raises:
            Busy, CaseMoved: as `transaction` does.
        """
        with driver_errors.translated(str(self)), self._migrating() as conn:
            tx = self._tx_of(conn, write=True)
            yield tx
            writing.write_last(tx)
            tx.settle()

    def _tx_of(self, conn: Connection, *, write: bool) -> Tx:
        """The transaction that is open on a connection."""
        connection = TransactionConnection(self.engine, conn.connection, conn)
        driver = self._driver(connection, write=write, begun=True)
        return Tx(connection, driver, write=write, where=str(self), row_mac=self.row_mac)

    def _role_of(self, url: URL) -> str:
        """The role (PostgreSQL) whose rights a connection to this address has."""
        engine = connections.pool(url, self._patience)
        try:
            with engine.connect() as conn:
                return database_roles.role_of(conn)
        finally:
            engine.dispose()

    def downgrade(self, revision: str) -> None:
        """Take the tables back to `revision`."""
        with driver_errors.translated(str(self)), self._migrating() as conn:
            if self.postgres:
                row_policies.drop_policies(conn)
            from service.store.migrations import schema_changes  # noqa: PLC0415 - as in `upgrade`

            schema_changes.downgrade(conn, revision)

    def drop_everything(self) -> None:
        """Drop every table, of whichever program. Only a demo may be thrown away so."""
        with driver_errors.translated(str(self)), self._migrating() as conn:
            schema.drop_everything(conn)

    def check(self) -> None:
        """Refuse a database that cannot keep its promises.

        Raises:
            BadSettings: a setting of the database, the schema, or a missing trigger; the first
                sentence says which and what to do.
        """
        for sentence in self.wrong():
            raise BadSettings(sentence)

    def wrong(self) -> list[str]:
        """Sentences about wrong settings, a wrong schema or a missing trigger."""
        if self._is_no_file():
            return [schema.EMPTY]
        with driver_errors.translated(str(self)), self.engine.connect() as conn:
            row_scope.as_system("schema", conn)
            return [*connections.wrong_settings(conn), *schema.wrong(conn)]

    def role_faults(self) -> list[str]:
        """Sentences about a role on PostgreSQL that could change history, and must not serve, and
        about policies that are not as they must be.
        """
        if not self.postgres:
            return []
        with driver_errors.translated(str(self)), self.engine.connect() as conn:
            row_scope.as_system("schema", conn)
            found = list(database_roles.too_powerful(conn))
            return found or list(row_policies.policy_faults(conn, database_roles.role_of(conn)))

    def has_row_security(self) -> bool:
        """Whether PostgreSQL itself narrows which rows of cases the service's role gets."""
        if not self.postgres:
            return False
        with driver_errors.translated(str(self)), self.engine.connect() as conn:
            row_scope.as_system("schema", conn)
            return row_policies.has_policies(conn)

    def differences(self, tx: Tx | None = None) -> list[str]:
        """Sentences about tables that are not, column by column, as this program declares them.

        Args:
            tx: where to look; else a transaction of its own.
        """
        from service.store import schema_differences  # noqa: PLC0415 - as in `upgrade`

        if tx is not None:
            return list(schema_differences.differences(tx.conn))
        if self._is_no_file():
            return []
        with driver_errors.translated(str(self)), self.engine.connect() as conn:
            row_scope.as_system("schema", conn)
            return list(schema_differences.differences(conn)) if schema.is_newest(conn) else []

    def damage(self) -> list[str]:
        """What SQLite finds wrong when it reads every page and follows every reference; takes long.

        PostgreSQL looks after its own pages.
        """
        if self.postgres or self._is_no_file():
            return []
        with driver_errors.translated(str(self)), self.engine.connect() as conn:
            row_scope.as_system("schema", conn)
            pages = [str(row[0]) for row in conn.exec_driver_sql("PRAGMA integrity_check")]
            lost = [
                f"a row of {table} points to no row of {other}"
                for table, _, other, _ in conn.exec_driver_sql("PRAGMA foreign_key_check")
            ]
            return [*(page for page in pages if page != "ok"), *lost]

    def refuse_torn(self) -> None:
        """Refuse a SQLite file with a torn page, or with a -wal of another file; see
        `driver_errors.refuse_torn`.
        """
        if self.file:
            driver_errors.refuse_torn(Path(self.file), str(self))

    def is_empty(self) -> bool:
        """Whether there are no tables yet, or not even a file. Makes none."""
        return self._stands_at() is None

    def is_of_0_1_0(self) -> bool:
        """Whether the tables are those of 0.1.0, which no migration leads on from."""
        return self._stands_at() == schema.WITHDRAWN

    def _stands_at(self) -> str | None:
        """The schema that the tables have; None when there are none."""
        if self._is_no_file():
            return None
        with driver_errors.translated(str(self)), self.engine.connect() as conn:
            row_scope.as_system("schema", conn)
            return schema.stands_at(conn)

    def _is_no_file(self) -> bool:
        """Whether there is no SQLite file, or one without a byte, and the first statement would
        make one.
        """
        file = Path(self.url.database or ":memory:")
        return (
            not self.postgres
            and file.name != ":memory:"
            and file.parent.is_dir()
            and not (file.exists() and file.stat().st_size)
        )

    def listen(self, channel: str, timeout: float) -> Generator[str]:
        """Wait for what `notify` sends, on a connection of its own.

        Gives "" once it listens, then every payload; ends after `timeout` seconds without one. On
        SQLite there are no channels: it gives "" after every commit, whatever was committed.

        Raises:
            Busy: the connection was lost.
        """
        if self.postgres:
            yield from connections.notifications(self.url, channel, timeout, str(self))
        elif self.file:
            with driver_errors.translated(str(self)):
                yield from connections.commits(self.file, timeout)

    def take_over(self, other: Database) -> None:
        """Replace the whole content with that of another SQLite database.

        In one piece: readers see the old or the new. The pages of the other get the size that ours
        have, which the backup interface asks of a file with a write-ahead log.
        """
        other.close()
        with (
            driver_errors.translated(str(self)),
            other.engine.connect() as source,
            self.engine.connect() as target,
        ):
            taken, given = source.connection.driver_connection, target.connection.driver_connection
            if not isinstance(taken, sqlite3.Connection) or not isinstance(
                given, sqlite3.Connection
            ):
                raise BadSettings("only a SQLite database can be taken over")
            (size,) = given.execute("PRAGMA page_size").fetchone()
            if taken.execute("PRAGMA page_size").fetchone() != (size,):
                taken.execute("PRAGMA journal_mode=DELETE")
                taken.execute(f"PRAGMA page_size={size}")
                taken.execute("VACUUM")
            taken.backup(given)

    def forgo_durability(self) -> None:
        """Let the system write a SQLite file when it likes, from now on: after a power cut it may
        be torn. For one that is thrown away then; a commit no longer waits for the disk.
        """
        event.listen(self.engine, "connect", connections.forgo_durability)
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._kept.close()

    @contextmanager
    def _migrating(self) -> Iterator[Connection]:
        """A connection in a transaction that no other migration shares."""
        with (
            self._writers.turn() as turn,
            self._owners_engine() as engine,
            engine.connect() as connection,
        ):
            self._wait_turn(turn)
            # the same connection, with its way of beginning
            conn = connection.execution_options(tresteg_write=True)
            conn = row_scope.as_system("schema", conn)
            with conn.begin():
                if self.postgres:
                    conn.execute(select(func.pg_advisory_xact_lock(7470)))
                yield conn

    @contextmanager
    def _owners_engine(self) -> Iterator[Engine]:
        """Connections of the role that owns the tables."""
        if self._owner is None:
            yield self.engine
            return
        engine = connections.pool(self._owner, OWNERS_PATIENCE, longest=0)
        try:
            yield engine
        finally:
            engine.dispose()
