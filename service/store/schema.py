"""The schema of the database: Alembic, driven from code, with the migrations of the package."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text

from service.errors import BadSettings
from service.store.schema_differences import REMEDY
from service.store.tables import metadata, row_policies
from service.store.tables.triggers import wrong_triggers

if TYPE_CHECKING:
    from sqlalchemy import Connection

EMPTY = "the database is empty: run `tresteg db upgrade`"
WITHDRAWN = "0001"
"""The revision of 0.1.0, whose tables were changed after it was released."""
OF_0_1_0 = (
    "the database was made by Tresteg 0.1.0, which was never meant for real cases: "
    "make a new database; a demo is made anew"
)


def config(conn: Connection | None = None) -> Config:
    """Alembic's settings, with the connection that it is to use."""
    settings = Config()
    settings.set_main_option(
        "script_location", str(files("service.store") / "migrations").replace("%", "%%")
    )
    settings.attributes["connection"] = conn
    return settings


def upgrade(conn: Connection, revision: str) -> None:
    """Run the missing migrations inside the open transaction.

    Raises:
        BadSettings: the tables are those of 0.1.0, or of a newer program.
    """
    for sentence in _foreign(stands_at(conn), ScriptDirectory.from_config(config())):
        raise BadSettings(sentence)
    command.upgrade(config(conn), revision)


def downgrade(conn: Connection, revision: str) -> None:
    """Undo migrations inside the open transaction."""
    command.downgrade(config(conn), revision)


def stands_at(conn: Connection) -> str | None:
    """The schema that the tables have; None when there are none."""
    return MigrationContext.configure(conn).get_current_revision()


@cache
def newest() -> str:
    """The schema that this program needs."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


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


def _foreign(found: str | None, scripts: ScriptDirectory) -> Iterator[str]:
    """A sentence where no migration of this program leads on from the tables that are there."""
    if found == WITHDRAWN:
        yield OF_0_1_0
    elif found is not None and found not in {
        script.revision for script in scripts.walk_revisions()
    }:
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
    scripts = ScriptDirectory.from_config(config())
    head = scripts.get_current_head()
    if found is None:
        yield EMPTY
    elif foreign := list(_foreign(found, scripts)):
        yield from foreign
    elif found != head:
        yield (
            f"the database has the schema {found}, the program needs {head}: "
            "make a backup, then run `tresteg db upgrade`"
        )
    else:
        yield from (f"{found}: {REMEDY}" for found in wrong_triggers(conn))
