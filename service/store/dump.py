"""The whole content of a database, copied into a SQLite file, and back into an empty database.

One form for both kinds of database: a SQLite file with the same tables and triggers. SQLite hands
itself over by its backup interface. PostgreSQL is read table by table in one transaction that sees
one moment, through the declared columns, so no tool of its own is needed, and what was copied from
one kind can be put into the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from service.errors import BadSettings
from service.store import driver_errors, row_scope, schema
from service.store.connections import POSTGRES_READS
from service.store.database import Database
from service.store.tables import metadata, stream
from service.store.tables.row_policies import REACH, WHOLE_REACH

if TYPE_CHECKING:
    from sqlalchemy import Connection

FILLED_BY_TRIGGERS = frozenset({"log_waiting"})
"""Tables that other tables' rows fill: copied last, and emptied before."""
TABLES = sorted(metadata.sorted_tables, key=lambda table: table.name in FILLED_BY_TRIGGERS)
"""Every table; those first that others point to."""
NEXT_STREAM = (
    func.pg_get_serial_sequence("stream", "number"),
    select(func.coalesce(func.max(stream.c.number), 0) + 1).scalar_subquery(),
    False,
)
"""What PostgreSQL counts streams with, and the number that it gives next."""
BATCH = 2_000
"""Rows that are read and written at a time."""


def dump(source: Database, target: Database) -> None:
    """Copy everything of a database at one moment into an empty SQLite database.

    Others go on writing meanwhile.
    """
    if not source.postgres:
        target.take_over(source)
        return
    target.upgrade()
    with reading_everything(source) as given, _filling(target) as taken:
        _copy(given, taken)


def load(source: Database, target: Database) -> None:
    """Put everything of a SQLite database into an empty database, in one piece.

    Raises:
        BadSettings: the database is not empty.
    """
    if holds_rows(target):
        raise BadSettings(f"{target} is not empty")
    if not target.postgres:
        target.take_over(source)
        return
    if target.is_empty():  # else the role that owns the tables has made them
        target.upgrade()
    with reading_everything(source) as given, _filling(target) as taken:
        _copy(given, taken)


def holds_rows(database: Database) -> bool:
    """Whether a database holds rows; empty tables are none."""
    if database.is_empty():
        return False
    return any(counts(database).values())


def counts(database: Database) -> dict[str, int]:
    """How many rows each table holds."""
    with reading_everything(database) as conn:
        return {
            table.name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TABLES
        }


def revision(database: Database) -> str:
    """The schema of the tables; empty without any."""
    with reading_everything(database) as conn:
        return schema.stands_at(conn) or ""


@contextmanager
def reading_everything(database: Database) -> Iterator[Connection]:
    """A connection that reads everything as it was at one moment, and writes nothing."""
    with driver_errors.translated(str(database)), database.engine.connect() as connection:
        conn = row_scope.as_system("backup", connection)
        if database.postgres:
            conn = conn.execution_options(tresteg_begin=POSTGRES_READS)
        with conn.begin():
            if database.postgres:
                conn.execute(select(func.set_config("statement_timeout", "0", True)))
                conn.execute(select(func.set_config(REACH, WHOLE_REACH, True)))
            yield conn


@contextmanager
def _filling(database: Database) -> Iterator[Connection]:
    """A connection in one transaction that writes everything or nothing."""
    with driver_errors.translated(str(database)), database.engine.connect() as connection:
        conn = row_scope.as_system("backup", connection.execution_options(tresteg_write=True))
        with conn.begin():
            yield conn


def _copy(given: Connection, taken: Connection) -> None:
    """Copy the rows of every table."""
    for table in TABLES:
        if table.name in FILLED_BY_TRIGGERS:
            taken.execute(delete(table))
        rows = given.execution_options(yield_per=BATCH).execute(select(table)).mappings()
        for batch in rows.partitions():
            taken.execute(insert(table), [dict(row) for row in batch])
    if taken.dialect.name == "postgresql":
        taken.execute(select(func.setval(*NEXT_STREAM)))
