"""Copies a golden installation into PostgreSQL, row by row, at the revision that its file has.

Tables are read from the two databases and not from the program, whose tables may be newer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Date, DateTime, MetaData, Table

from service.store.database import Database
from service.store.row_scope import as_system
from service.store.tables.column_types import EPOCH, MICROSECOND

STANDS = "alembic_version"
NEXT_STREAM = "SELECT setval(pg_get_serial_sequence('stream', 'number'), max(number)) FROM stream"
"""Goes on counting where the file stopped."""


def revision_of(file: Path) -> str:
    """The schema that a SQLite file has."""
    with closing(sqlite3.connect(file)) as opened:
        (found,) = opened.execute(f"SELECT version_num FROM {STANDS}").fetchone()  # noqa: S608 - a name of ours
    return str(found)


def copy_to_postgres(file: Path, database: Database) -> None:
    """Make the tables of the file's revision in an empty database, and copy every row."""
    database.drop_everything()
    database.upgrade(revision_of(file))
    there = MetaData()
    with (
        closing(sqlite3.connect(file)) as source,
        as_system("schema", database.engine.connect()) as conn,
    ):
        there.reflect(conn)
        # what triggers write is among the rows that are copied
        conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in there.sorted_tables:
            found = list(rows(source, table)) if table.name != STANDS else []
            if found:
                conn.execute(table.insert(), found)
        conn.exec_driver_sql(NEXT_STREAM)
        conn.commit()


def rows(source: sqlite3.Connection, table: Table) -> Iterator[dict[str, Any]]:
    """The rows of a table, with values as PostgreSQL takes them."""
    columns = list(table.columns)
    names = ", ".join(f'"{column.name}"' for column in columns)
    for row in source.execute(f'SELECT {names} FROM "{table.name}"'):  # noqa: S608 - names of the tables
        yield {
            column.name: None if value is None else converter(column)(value)
            for column, value in zip(columns, row, strict=True)
        }


def converter(column: Column[Any]) -> Callable[[Any], Any]:
    """What makes a value of SQLite one of PostgreSQL."""
    if isinstance(column.type, DateTime):
        return lambda value: EPOCH + value * MICROSECOND
    if isinstance(column.type, Date):
        return date.fromisoformat
    return lambda value: value
