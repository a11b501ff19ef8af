"""The connections of transactions: each has one from its beginning to its end.

SQLAlchemy's own way to take a connection out of its pool, to begin, and to put it back costs as
much as a few statements. A process therefore keeps those that it used last, and a transaction talks
to the driver itself. SQLAlchemy joins it only where a statement is not prepared.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from sqlalchemy import Dialect, Engine, PoolProxiedConnection


IDLE: Final = 0
"""What libpq says of a connection on which no transaction is open (PQTRANS_IDLE)."""


class TransactionConnection:
    """The connection of one transaction."""

    __slots__ = ("_conn", "_engine", "dialect", "driver", "pooled")

    def __init__(
        self, engine: Engine, pooled: PoolProxiedConnection, conn: Connection | None = None
    ) -> None:
        """Let a transaction have a connection of a pool.

        Args:
            conn: the connection as SQLAlchemy has it, where it began the transaction.
        """
        self._engine = engine
        self._conn = conn
        self.dialect: Dialect = engine.dialect
        self.pooled = pooled
        self.driver: Any = pooled.driver_connection
        """The connection as its driver has it."""

    @property
    def conn(self) -> Connection:
        """The same connection for SQLAlchemy, which finds its transaction begun."""
        if self._conn is None:
            conn = Connection(self._engine, connection=self.pooled)
            self._conn = conn.execution_options(tresteg_later=True)
        return self._conn

    @property
    def info(self) -> dict[Any, Any]:
        """What is kept with the connection for as long as it is open."""
        return self.pooled.info

    @property
    def is_idle(self) -> bool:
        """Whether the connection lives, and no transaction is open on it."""
        if not self.pooled.is_valid:
            return False
        if isinstance(self.driver, sqlite3.Connection):
            return not self.driver.in_transaction
        return bool(self.driver.pgconn.transaction_status == IDLE)

    @property
    def is_lost(self) -> bool:
        """Whether the connection is gone, and with it what was done on it."""
        return not self.pooled.is_valid or bool(getattr(self.driver, "closed", False))

    def commit(self) -> None:
        """Commit on SQLite; on PostgreSQL that went with the last statements."""
        if self._conn is not None and self._conn.in_transaction():
            self._conn.commit()
        elif isinstance(self.driver, sqlite3.Connection):
            self.driver.commit()

    def rollback(self) -> None:
        """Undo everything, where `abandon` has not: on SQLite, and when a fault left the connection
        to PostgreSQL in another state.
        """
        if self.is_lost:
            return
        if self._conn is not None and self._conn.in_transaction():
            self._conn.rollback()
        elif not self.is_idle:
            self.driver.rollback()

    def invalidate(self) -> None:
        """The connection is lost; it goes back to no pool."""
        if self.pooled.is_valid:
            self.pooled.invalidate()

    def replace(self, other: TransactionConnection) -> None:
        """Go on with the connection of another transaction."""
        self._conn, self.pooled, self.driver = None, other.pooled, other.driver


class KeptConnections:
    """The connections that a process keeps for its transactions, the last used first."""

    def __init__(self, engine: Engine, most: int) -> None:
        """Keep none yet.

        Args:
            most: how many are kept. A process that has more in use gives them back to SQLAlchemy's
                pool, where threads may be waiting for one.
        """
        self._engine = engine
        # a database in memory is one of its thread
        self._most = most if isinstance(engine.pool, QueuePool) else 0
        self._free: list[PoolProxiedConnection] = []
        self._used = 0
        self._lock = threading.Lock()

    def take(self) -> TransactionConnection:
        """A connection for one transaction.

        Raises:
            TimeoutError: of SQLAlchemy, when too many are in use for too long.
        """
        with self._lock:
            self._used += 1
            pooled = self._free.pop() if self._free else None
        if pooled is None:
            try:
                pooled = self._engine.raw_connection()
            except BaseException:
                with self._lock:
                    self._used -= 1
                raise
        return TransactionConnection(self._engine, pooled)

    def give_back(self, connection: TransactionConnection) -> None:
        """Keep a connection whose transaction has ended, or give it back to the pool."""
        idle = connection.is_idle
        with self._lock:
            keeps = self._used <= self._most and len(self._free) < self._most
            self._used -= 1
            if keeps and idle:
                self._free.append(connection.pooled)
                return
        if not idle:
            connection.invalidate()
        connection.pooled.close()

    def close(self) -> None:
        """Close all that are kept."""
        with self._lock:
            free, self._free = self._free, []
        for pooled in free:
            pooled.close()
        self._engine.dispose()
