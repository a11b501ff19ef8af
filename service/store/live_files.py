"""The live files of a database, cleared of what was deleted, and searched for it.

SQLite writes over what is deleted (`secure_delete`), but the -wal holds pages as they were until it
is emptied, which nobody may hold up by reading. Of PostgreSQL the program sees no file: VACUUM
takes deleted rows out of the pages, and VACUUM FULL writes a table into a new file, as far as the
role may.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import re2
from psycopg.errors import LockNotAvailable
from sqlalchemy import text

from service.store import driver_errors, row_scope

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.store.database import Database

COMPANIONS: Final = ("-wal", "-journal")
"""Endings of files next to a SQLite file that hold pages of it."""
CHUNK: Final = 1 << 20
"""Bytes that are searched at a time."""
PATTERN_BYTES: Final = 1 << 28
"""Memory that a search for some thousand byte strings may take."""
LOOK: Final = 0.02
"""Seconds between two tries to empty the log of a SQLite file."""
MAINTAIN_SINCE: Final = 170_000
"""Version of PostgreSQL since which a role that owns nothing may be allowed to VACUUM."""
MAY_VACUUM = text(
    "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class"
    " WHERE oid = CAST(:name AS regclass)"
)
MAY_MAINTAIN = text("SELECT has_table_privilege(current_user, CAST(:name AS text), 'MAINTAIN')")
MAY_SWITCH = text("SELECT has_function_privilege(current_user, 'pg_switch_wal()', 'EXECUTE')")
VACUUMED = text(
    "SELECT n_dead_tup, greatest(last_vacuum, last_autovacuum) FROM pg_stat_all_tables"
    " WHERE relid = CAST(:name AS regclass)"
)


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """What PostgreSQL says of the deleted rows of a table."""

    dead: int
    """How many it still holds."""
    at: datetime | None
    """When it took some out last."""


def empty_log(database: Database, seconds: float) -> bool:
    """Write the -wal of a SQLite file into it, and empty it; False while others keep it from that.

    Each try waits for nobody, so it holds up no writer.

    Args:
        seconds: how long to try.
    """
    last = time.monotonic() + seconds
    with (
        driver_errors.translated(str(database)),
        closing(sqlite3.connect(database.file, timeout=0, isolation_level=None)) as conn,
    ):
        while True:
            (busy, *_) = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy or time.monotonic() >= last:
                return not busy
            time.sleep(LOOK)


def found_in_files(file: str, wanted: Collection[bytes]) -> frozenset[bytes]:
    """Those of some byte strings of one length that lie in a SQLite file, or next to it."""
    if not wanted:
        return frozenset()
    pattern = _pattern(wanted)
    found: set[bytes] = set()
    for path in [Path(file), *(Path(f"{file}{end}") for end in COMPANIONS)]:
        for window in _windows(path, max(map(len, wanted)) - 1):
            found.update(match.group() for match in pattern.finditer(window))
    return frozenset(found)


def _pattern(wanted: Collection[bytes]) -> re2._Regexp[bytes]:
    """What finds any of them in one pass (RE2): Python's own would look for each at each place."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = PATTERN_BYTES
    each = (b"".join(b"\\x%02x" % byte for byte in one) for one in sorted(wanted))
    return re2.compile(b"|".join(each), options)


def _windows(path: Path, overlap: int) -> Iterator[bytes]:
    """The bytes of a file in parts, each with the last bytes of the part before."""
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        return
    with opened:
        before = b""
        while part := opened.read(CHUNK):
            yield before + part
            before = (before + part)[-overlap:]


def vacuum(database: Database, tables: Sequence[str]) -> None:
    """Take deleted rows out of tables (PostgreSQL), and begin another file of its log, as far as
    the role may.
    """
    with driver_errors.translated(str(database)), database.engine.connect() as connection:
        conn = row_scope.as_system("schema", connection)
        mine = [name for name in tables if _may_vacuum(conn, name)]
        may_switch = conn.execute(MAY_SWITCH).scalar_one()
        conn.commit()
        driver = conn.connection.driver_connection
        if driver is None:
            return
        with closing(driver.cursor()) as cursor:  # VACUUM runs in no transaction
            cursor.execute("SET statement_timeout = 0")
            try:
                for name in mine:
                    cursor.execute(f"VACUUM {name}")
                if may_switch:
                    cursor.execute("SELECT pg_switch_wal()")
            finally:
                cursor.execute("RESET statement_timeout")


def write_anew(database: Database, table: str, seconds: float) -> bool:
    """Write the file of a table anew (VACUUM FULL, PostgreSQL), so that no page of it holds bytes
    of a deleted row; False where the role may not, or others kept the table for too long.

    The table is locked meanwhile. The file that it had is given up with the next checkpoint; the
    log of the server (pg_wal) still holds what was written to it.

    Args:
        seconds: how long to wait for the lock; whoever comes later waits behind it.
    """
    with driver_errors.translated(str(database)), database.engine.connect() as connection:
        conn = row_scope.as_system("schema", connection)
        may = _may_vacuum(conn, table)
        conn.commit()
        driver = conn.connection.driver_connection
        if driver is None or not may:
            return False
        with closing(driver.cursor()) as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(f"SET lock_timeout = {round(seconds * 1000)}")
            try:
                cursor.execute(f"VACUUM (FULL) {table}")
            except LockNotAvailable:
                return False
            finally:
                cursor.execute("RESET lock_timeout")
                cursor.execute("RESET statement_timeout")
    return True


def vacuumed(database: Database, table: str) -> Vacuumed:
    """What PostgreSQL says of the deleted rows of a table."""
    with driver_errors.translated(str(database)), database.engine.connect() as connection:
        conn = row_scope.as_system("schema", connection)
        dead, at = conn.execute(VACUUMED, {"name": table}).one()
        return Vacuumed(dead, at)


def lacking(database: Database, tables: Sequence[str]) -> Iterator[str]:
    """Sentences about what the role may not do on PostgreSQL after an erasure."""
    with driver_errors.translated(str(database)), database.engine.connect() as connection:
        conn = row_scope.as_system("schema", connection)
        if any(not _may_vacuum(conn, name) for name in tables):
            yield (
                "The service's role may not VACUUM: after an erasure deleted rows stay in the "
                "pages until autovacuum comes by. Run VACUUM once a day as the role that owns the "
                f"tables: VACUUM {', '.join(tables)}"
            )
        if not conn.execute(MAY_SWITCH).scalar_one():
            yield (
                "The service's role may not call pg_switch_wal: the file of the log in which an "
                "erasure stands is kept until it is full"
            )


def _may_vacuum(conn: Connection, name: str) -> bool:
    version = int(conn.exec_driver_sql("SHOW server_version_num").scalar_one())
    owns = conn.execute(MAY_VACUUM, {"name": name}).scalar_one()
    if owns or version < MAINTAIN_SINCE:
        return bool(owns)
    return bool(conn.execute(MAY_MAINTAIN, {"name": name}).scalar_one())
