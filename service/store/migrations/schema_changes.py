"""Upgrades and downgrades of the schema: Alembic, driven from code, with the migrations of the
package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

from service.errors import BadSettings
from service.store import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection


def config(conn: Connection | None = None) -> Config:
    """Alembic's settings, with the connection that it is to use."""
    settings = Config()
    settings.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = conn
    return settings


def upgrade(conn: Connection, revision: str) -> None:
    """Run the missing migrations inside the open transaction.

    Raises:
        BadSettings: the tables are those of 0.1.0, or of a newer program.
    """
    for sentence in schema.foreign(schema.stands_at(conn)):
        raise BadSettings(sentence)
    command.upgrade(config(conn), revision)


def downgrade(conn: Connection, revision: str) -> None:
    """Undo migrations inside the open transaction."""
    command.downgrade(config(conn), revision)
