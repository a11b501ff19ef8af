"""The schema of the database: Alembic, driven from code, with the migrations of the package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.errors import BadSettings
from service.store.tables import metadata
from service.store.tables.triggers import missing_triggers

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

EMPTY = "the database is empty: run `tresteg db upgrade`"


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
        BadSettings: the tables are those of a newer program.
    """
    for sentence in _newer(stands_at(conn), ScriptDirectory.from_config(config())):
        raise BadSettings(sentence)
    command.upgrade(config(conn), revision)


def downgrade(conn: Connection, revision: str) -> None:
    """Undo migrations inside the open transaction."""
    command.downgrade(config(conn), revision)


def stands_at(conn: Connection) -> str | None:
    """The schema that the tables have; None when there are none."""
    return MigrationContext.configure(conn).get_current_revision()


def _newer(found: str | None, scripts: ScriptDirectory) -> Iterator[str]:
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
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
    elif newer := list(_newer(found, scripts)):
        yield from newer
    elif found != head:
        yield (
            f"the database has the schema {found}, the program needs {head}: "
            "make a backup, then run `tresteg db upgrade`"
        )
    else:
        for name in missing_triggers(conn):
            yield (
                f"the trigger {name} is missing, so history could be changed: "
                "restore a backup or call your supplier"
            )
