"""Rows of an installation, as the tests of the command line count them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from service.app import assemble
from service.application.container import Tresteg
from service.settings import Settings
from service.store.database import Database
from service.store.row_scope import as_system
from service.store.tables import line, metadata, office
from service.store.tables import person as person_rows
from tests.support.terminal import REAL


def tables(folder: Path) -> dict[str, int]:
    """Table to its number of rows."""
    database = Database(f"sqlite:///{folder}/tresteg.db")
    with as_system("schema", database.engine.connect()) as conn:
        found = {
            name: conn.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()  # noqa: S608 - names of our own tables
            for name in metadata.tables
        }
    database.close()
    return found


PASSWORD = "correct horse battery staple"
SOCIAL = ("office", "add", "social", "--name", "Socialtjänsten", "--kind", "SOCIALTJANST")
ANNA = (
    "person",
    "add",
    "anna@example.org",
    "--name",
    "Anna Ek",
    "--office",
    "social",
    "--role",
    "ReferringPartner",
)


def program(folder: Path) -> Tresteg:
    """The installation as a server opens it."""
    return assemble(
        Settings(
            database_url=f"sqlite:///{folder}/tresteg.db", mail_url="smtp://mail.example.org:587"
        ),
        keyring=REAL,
    )


def counted(folder: Path) -> tuple[int, int, int]:
    """Offices, people and lines that are there."""
    database = Database(f"sqlite:///{folder}/tresteg.db")
    with database.transaction(write=False) as tx:
        found = [
            len(tx.all(lambda *row: row, as_system("schema", select(table))))
            for table in (office, person_rows, line)
        ]
    database.close()
    return found[0], found[1], found[2]
