"""The service's role owns nothing: of history it may read and add, and change the rest."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import Executable, delete, insert, text, update
from sqlalchemy.exc import ProgrammingError

from service.errors import BadSettings
from service.store.database import Database
from service.store.row_scope import as_system
from service.store.tables import fact, line, setting
from tests.support.roles import OWNER, SERVICE, Addresses, run, two_roles

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]


@pytest.fixture
def addresses(database_url: str) -> Addresses:
    return two_roles(database_url)


@pytest.fixture
def upgraded(addresses: Addresses) -> Addresses:
    """The same with tables, which the owner made."""
    database = Database(addresses.service, owner=addresses.owner)
    database.upgrade()
    database.close()
    return addresses


def faults(url: str) -> list[str]:
    database = Database(url)
    found = database.role_faults()
    database.close()
    return found


def test_an_upgrade_by_the_owner_gives_the_service_its_rights(upgraded: Addresses) -> None:
    database = Database(upgraded.service)
    assert (database.role_faults(), database.wrong(), database.differences()) == ([], [], [])
    with database.transaction() as tx:
        tx.run(insert(setting), {"name": "a", "value": "b"})
        tx.run(update(setting).where(setting.c.name == "a").values(value="c"))
        tx.run(delete(setting).where(setting.c.name == "a"))
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        update(line).values(kind="x"),
        delete(line),
        update(fact).values(kind="x"),
        delete(fact),
        text("TRUNCATE line"),
        text("DROP TRIGGER line_no_update ON line"),
        text("ALTER TABLE line DISABLE TRIGGER ALL"),
        text("ALTER TABLE office ADD COLUMN colour TEXT"),
        text("CREATE TABLE colour (id TEXT)"),
        text("UPDATE alembic_version SET version_num = '9999'"),
    ],
    ids=str,
)
def test_the_services_role_cannot_change_history_or_tables(
    upgraded: Addresses, statement: Executable
) -> None:
    database = Database(upgraded.service)
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        database.transaction() as tx,
    ):
        tx.conn.execute(as_system("schema", statement))
    database.close()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (f"ALTER ROLE {SERVICE} SUPERUSER", "is a superuser of PostgreSQL"),
        (f"ALTER ROLE {SERVICE} BYPASSRLS", "goes past row-level security"),
        (f"GRANT {OWNER} TO {SERVICE}", "owns the tables"),
        (f"ALTER TABLE office OWNER TO {SERVICE}", "owns the tables"),
        (f"GRANT UPDATE ON fact TO {SERVICE}", "may change the table fact"),
        (f"GRANT DELETE ON line TO {SERVICE}", "may change the table line"),
        (f"GRANT TRUNCATE ON line TO {SERVICE}", "may change the table line"),
    ],
)
def test_a_role_with_too_many_rights_is_named(
    upgraded: Addresses, statement: str, sentence: str
) -> None:
    assert faults(upgraded.service) == []
    run(upgraded.admin, statement)
    try:
        (found,) = faults(upgraded.service)
    finally:
        run(
            upgraded.admin,
            f"ALTER ROLE {SERVICE} NOSUPERUSER NOBYPASSRLS",
            f"REVOKE {OWNER} FROM {SERVICE}",
        )
    assert sentence in found
    assert "TRESTEG_OWNER_DATABASE_URL" in found


def test_owner_and_superuser_are_named(upgraded: Addresses) -> None:
    assert "owns the tables" in faults(upgraded.owner)[0]
    assert "superuser" in faults(upgraded.admin)[0]


def test_an_upgrade_takes_back_what_the_service_had_too_much(upgraded: Addresses) -> None:
    run(upgraded.admin, f"GRANT ALL ON fact TO {SERVICE}")
    database = Database(upgraded.service, owner=upgraded.owner)
    assert database.role_faults() != []
    database.upgrade()
    assert database.role_faults() == []
    database.close()


def test_an_owner_that_is_the_service_is_refused(addresses: Addresses) -> None:
    database = Database(addresses.owner, owner=addresses.owner)
    with pytest.raises(BadSettings, match="both addresses of the database name the role"):
        database.upgrade()
    assert database.is_empty()
    database.close()


def test_a_service_without_an_owner_makes_no_tables(addresses: Addresses) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(addresses.service, "CREATE TABLE colour (id TEXT)")
