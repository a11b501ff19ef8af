"""Two roles of a PostgreSQL database for tests: one owns the tables, the other runs the service."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from service.store.database import Database

OWNER, SERVICE = "tresteg_owner", "tresteg"


@dataclass(frozen=True)
class Addresses:
    """One database, as each role reaches it."""

    admin: str
    owner: str
    service: str


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
            for role in (OWNER, SERVICE)
        ),
        "DROP TABLE IF EXISTS alembic_version",
        f"ALTER SCHEMA public OWNER TO {OWNER}",
    )
    return Addresses(
        url, *(url.replace("//postgres:@", f"//{role}:@", 1) for role in (OWNER, SERVICE))
    )


def run(url: str, *statements: str) -> None:
    """Do something with the rights of an address."""
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement.encode())
