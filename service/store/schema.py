"""The schema of the database: at which one it stands, and whether this program can work with it.

Whatever starts looks at that. What changes the schema (`migrations.schema_changes`) and what
compares it column by column (`schema_differences`) load Alembic, which takes a twentieth of a start.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import MetaData, column, inspect, select, table, text

from service.store.tables import metadata, row_policies
from service.store.tables.triggers import wrong_triggers

if TYPE_CHECKING:
    from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION = table("alembic_version", column("version_num"))
"""Where Alembic writes at which schema the tables stand."""
REMEDY = "restore a backup or call your supplier"
EMPTY = "the database is empty: run `tresteg db upgrade`"
WITHDRAWN = "0001"
"""The revision of 0.1.0, whose tables were changed after it was released."""
OF_0_1_0 = (
    "the database was made by Tresteg 0.1.0, which was never meant for real cases: "
    "make a new database; a demo is made anew"
)


@cache
def revisions() -> tuple[str, ...]:
    """The schemas to which migrations of this program lead, the newest last."""
    scripts = (MIGRATIONS / "versions").glob("r[0-9]*_*.py")
    return tuple(sorted(script.name[1:].partition("_")[0] for script in scripts))


def stands_at(conn: Connection) -> str | None:
    """The schema that the tables have; None when there are none."""
    if not inspect(conn).has_table(VERSION.name):
        return None
    return conn.execute(select(VERSION.c.version_num)).scalar()


def newest() -> str:
    """The schema that this program needs."""
    return revisions()[-1]


def is_newest(conn: Connection) -> bool:
    """Whether the tables are those that this program needs."""
    return stands_at(conn) == newest()


def drop_everything(conn: Connection) -> None:
    """Drop every table that is there, whichever program made it, inside the open transaction."""
    if conn.dialect.name == "postgresql":
        row_policies.drop_policies(conn)
    there = MetaData()
    there.reflect(conn)
    there.drop_all(conn)
    if conn.dialect.name == "postgresql":
        for name in ("refuse_change", "note_entry"):
            conn.execute(text(f"DROP FUNCTION IF EXISTS {name}()"))


def foreign(found: str | None) -> Iterator[str]:
    """A sentence where no migration of this program leads on from the tables that are there."""
    if found == WITHDRAWN:
        yield OF_0_1_0
    elif found is not None and found not in revisions():
        yield (
            f"the database has the schema {found}, which is newer than this program: "
            "install the newer program"
        )


def unclassed(tables: MetaData) -> list[str]:
    """Columns of which nobody said what they hold."""
    return [
        str(column)
        for table in tables.sorted_tables
        for column in table.columns
        if not column.info.get("class")
    ]


def wrong(conn: Connection) -> Iterator[str]:
    """Sentences about a schema that this code cannot work with."""
    yield from (
        f"the column {column} has no class, so nobody knows who may see it"
        for column in unclassed(metadata)
    )
    found = stands_at(conn)
    head = newest()
    if found is None:
        yield EMPTY
    elif of_others := list(foreign(found)):
        yield from of_others
    elif found != head:
        yield (
            f"the database has the schema {found}, the program needs {head}: "
            "make a backup, then run `tresteg db upgrade`"
        )
    else:
        yield from (f"{found}: {REMEDY}" for found in wrong_triggers(conn))
