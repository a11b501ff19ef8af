"""Databases of a PostgreSQL server for tests: one that a test left is emptied for the next.

To make and drop a database costs 26 milliseconds of CPU and waits for the disk three times; to
empty one costs 2. Triggers hold while a test runs: only who empties is above them.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import psycopg
from psycopg import sql

from service.store.database import Database

TEMPLATE: Final = "tresteg_template"
LIMIT: Final = "-c statement_timeout=120s -c session_replication_role=replica"
GROWN: Final = 8 * 1024**2
"""Bytes above its first size at which a database is dropped, not emptied."""
UNCOMPRESSED: Final = "ALTER TABLE {} ALTER COLUMN files SET STORAGE EXTERNAL"
"""Every test that publishes stores the files of a release: to compress them took 10 ms each."""
ENDED: Final = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
TABLES: Final = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    " AND relname <> 'alembic_version'"
)
RESTARTED: Final = (
    "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"
    " JOIN pg_class ON pg_class.oid = seqrelid"
    " WHERE relnamespace = 'public'::regnamespace AND pg_sequence_last_value(seqrelid) IS NOT NULL"
)
CATALOGS: Final = (
    *("pg_class", "pg_attribute", "pg_attrdef", "pg_index", "pg_constraint", "pg_trigger"),
    *("pg_proc", "pg_policy", "pg_namespace", "pg_sequence", "pg_type", "pg_enum", "pg_rewrite"),
    *("pg_inherits", "pg_description", "pg_default_acl", "pg_extension", "pg_event_trigger"),
    *("pg_statistic", "alembic_version"),
)
"""Where PostgreSQL keeps all of a database but its rows; statistics too, for they change plans."""
COUNTED: Final = "SELECT '{0}', count(*), sum(xmin::text::bigint)::text FROM {0}"
"""Whatever changes a row of a catalog leaves the number of its transaction there."""
RIGHTS: Final = (
    "SELECT 'settings', count(*), '' FROM pg_db_role_setting"
    " UNION ALL SELECT 'rights', 0, concat_ws(' ', datdba, datconnlimit, datacl::text)"
    " FROM pg_database WHERE datname = current_database()"
)
STATE: Final = " UNION ALL ".join([*map(COUNTED.format, CATALOGS), RIGHTS])


class EmptiedDatabases:
    """The databases of a server.

    Args:
        address: of the server's own database.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._free: list[str] = []
        self.administer(f"CREATE DATABASE {TEMPLATE}")
        database = Database(self.named(TEMPLATE))
        database.upgrade()
        database.close()
        with self._connected(TEMPLATE) as conn:
            for table in ("release", "draft"):
                conn.execute(UNCOMPRESSED.format(table).encode())
            self._first, self._first_size = self._state(conn), self._size(conn)

    def take(self) -> str:
        """The name of an empty database, which nobody has had."""
        name = f"test_{secrets.token_hex(6)}"
        if self._free:
            # another name: what an earlier test left running does not find it
            self.administer(f"ALTER DATABASE {self._free.pop()} RENAME TO {name}")
        else:
            self.administer(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test; one that is changed otherwise, or large, is
        dropped.
        """
        try:
            is_empty = self._empty(name)
        except psycopg.Error:
            is_empty = False
        if is_empty:
            self._free.append(name)
        else:
            self.administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def named(self, name: str) -> str:
        """The address of one of the server's databases."""
        return self.address.replace("/postgres?", f"/{name}?", 1)

    def administer(self, statement: str) -> None:
        """Run a statement that makes, names or drops a database."""
        with self._connected("postgres") as conn:
            conn.execute(statement.encode())

    def _connected(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.named(name), autocommit=True, connect_timeout=60, options=LIMIT)

    def _empty(self, name: str) -> bool:
        """Delete all rows; False when there is more that a test has changed."""
        with self._connected(name) as conn:
            conn.execute(ENDED)
            if self._state(conn) != self._first or self._size(conn) > self._first_size + GROWN:
                return False
            tables = [sql.Identifier(row[0]) for row in conn.execute(TABLES)]
            deleted = sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(one) for one in tables)
            conn.execute(deleted)
            conn.execute(RESTARTED)
        return True

    @staticmethod
    def _state(conn: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
        """What changes when something else changes than rows."""
        return conn.execute(STATE.encode()).fetchall()

    @staticmethod
    def _size(conn: psycopg.Connection[Any]) -> int:
        """Bytes."""
        found = conn.execute("SELECT pg_database_size(current_database())").fetchone()
        assert found is not None
        return int(found[0])
