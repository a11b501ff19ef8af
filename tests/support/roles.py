"""Roles of a PostgreSQL database for tests: one owns the tables, one runs the service, and one may
make backups.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from service.store.database import Database
from tests.support.emptied import EmptiedDatabases

OWNER, SERVICE, BACKUP = "tresteg_owner", "tresteg", "tresteg_backup"


@dataclass(frozen=True)
class Addresses:
    """One database, as each role reaches it."""

    admin: str
    owner: str
    service: str
    backup: str


def two_roles(url: str) -> Addresses:
    """Give an empty database to an owner that has no tables yet, and let another role in.

    Args:
        url: a database of the tests, as their superuser reaches it; its tables are dropped.
    """
    database = Database(url)
    database.drop_everything()
    database.close()
    run(
        url,
        *(
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            for role in (OWNER, SERVICE, BACKUP)
        ),
        "DROP TABLE IF EXISTS alembic_version",
        f"ALTER SCHEMA public OWNER TO {OWNER}",
    )
    return Addresses(
        url, *(url.replace("//postgres:@", f"//{role}:@", 1) for role in (OWNER, SERVICE, BACKUP))
    )


@contextmanager
def walled(databases: EmptiedDatabases) -> Iterator[Addresses]:
    """A database whose tables are empty, in which row-level security narrows the service's role."""
    name = databases.take()
    try:
        addresses = two_roles(databases.named(name))
        database = Database(addresses.service, owner=addresses.owner, backup=addresses.backup)
        database.upgrade()
        database.close()
        yield addresses
    finally:
        databases.give_back(name)


def run(url: str, *statements: str) -> None:
    """Do something with the rights of an address."""
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement.encode())
