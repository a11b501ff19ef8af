"""A database that a test left is empty for the next one, under another name; one of which more than
rows was changed is not used again.
"""

from __future__ import annotations

import psycopg
import pytest

from tests.support.emptied import EmptiedDatabases

pytestmark = pytest.mark.postgres
SETTING = "INSERT INTO setting (name, value) VALUES ('somebody', 'set it')"
OID = "SELECT oid FROM pg_database WHERE datname = current_database()"
CHANGES = (
    "ALTER TABLE letter ALTER COLUMN error SET DEFAULT 'more'",
    "ALTER TABLE fact DISABLE TRIGGER fact_no_update",
    "ALTER TABLE note DROP CONSTRAINT fk_note_case_id",
    "CREATE TABLE more (id int)",
    "GRANT SELECT ON cases TO PUBLIC",
    "REVOKE CONNECT ON DATABASE {name} FROM PUBLIC",
    "COMMENT ON TABLE cases IS 'changed'",
    "UPDATE alembic_version SET version_num = 'x'",
    "ANALYZE alembic_version",
)


def run(databases: EmptiedDatabases, name: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(databases.named(name), autocommit=True) as conn:
        found = conn.execute(statement.encode())
        return found.fetchall() if found.description else []


def test_an_emptied_database_is_used_again(postgres_databases: EmptiedDatabases) -> None:
    first = postgres_databases.take()
    oid = run(postgres_databases, first, OID)
    run(postgres_databases, first, SETTING)
    postgres_databases.give_back(first)
    second = postgres_databases.take()
    assert second != first
    assert run(postgres_databases, second, OID) == oid
    assert run(postgres_databases, second, "SELECT * FROM setting") == []
    postgres_databases.give_back(second)


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_database_is_dropped(postgres_databases: EmptiedDatabases, change: str) -> None:
    name = postgres_databases.take()
    oid = run(postgres_databases, name, OID)
    run(postgres_databases, name, change.format(name=name))
    postgres_databases.give_back(name)
    another = postgres_databases.take()
    assert run(postgres_databases, another, OID) != oid
    postgres_databases.give_back(another)
