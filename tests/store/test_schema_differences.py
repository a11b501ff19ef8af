"""What was done to the tables is named, one sentence a difference, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from service.store.database import Database
from service.store.row_scope import as_system
from service.store.schema import REMEDY

ALIKE = {
    "DROP TABLE held": "the table held is missing",
    "CREATE TABLE colour (id TEXT PRIMARY KEY)": "the table colour is not one of this program",
    "ALTER TABLE note DROP COLUMN about": "the column note.about is missing",
    "ALTER TABLE office ADD COLUMN colour TEXT": (
        "the column office.colour is not one of this program"
    ),
    "DROP INDEX ix_task_due": "the index ix_task_due of task is missing",
    "CREATE INDEX ix_colour ON task (stage)": (
        "the index ix_colour of task is not one of this program"
    ),
}
POSTGRES = {
    "ALTER TABLE letter ALTER COLUMN tries TYPE TEXT": (
        "of the column letter.tries the kind is TEXT, not INTEGER"
    ),
    "ALTER TABLE letter ALTER COLUMN error DROP NOT NULL": (
        "of the column letter.error whether it may be empty is True, not False"
    ),
    "ALTER TABLE letter ALTER COLUMN error SET DEFAULT 'x'": (
        "of the column letter.error the default value is"
    ),
    "ALTER TABLE cases DROP CONSTRAINT uq_cases_number": (
        "the unique rule uq_cases_number of cases is missing"
    ),
    "ALTER TABLE note DROP CONSTRAINT fk_note_case_id": (
        "the reference fk_note_case_id of note is missing"
    ),
    "ALTER TABLE incident DROP CONSTRAINT pk_incident": (
        "the key of the table incident is (), not (id)"
    ),
    "ALTER TABLE fact DISABLE TRIGGER fact_no_update": (
        "the trigger fact_no_update is not as it was made, so history could be changed"
    ),
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NULL; END $$": "the trigger line_no_delete is not as it was made",
    "CREATE TRIGGER more BEFORE UPDATE ON task FOR EACH ROW EXECUTE FUNCTION refuse_change()": (
        "the trigger more is not one of this program"
    ),
}
REFERENCE = "FOREIGN KEY(case_id) REFERENCES cases (id)"
SQLITE = {
    ("letter", "tries INTEGER", "tries TEXT"): (
        "of the column letter.tries the kind is TEXT, not INTEGER"
    ),
    ("letter", "error TEXT NOT NULL", "error TEXT"): (
        "of the column letter.error whether it may be empty is True, not False"
    ),
    ("letter", "error TEXT NOT NULL", "error TEXT DEFAULT 'x' NOT NULL"): (
        "of the column letter.error the default value is"
    ),
    ("cases", "uq_cases_number UNIQUE (number)", "uq_cases_number UNIQUE (kind)"): (
        "the unique rule uq_cases_number of cases is missing"
    ),
    (
        "note",
        "CONSTRAINT fk_note_case_id FOREIGN KEY(case_id) REFERENCES cases (id)",
        "CHECK (1)",
    ): ("the reference fk_note_case_id of note is missing"),
    ("incident", "pk_incident PRIMARY KEY (id)", "pk_incident PRIMARY KEY (kind)"): (
        "the key of the table incident is (kind), not (id)"
    ),
    ("fact_no_update", "RAISE(ABORT, 'fact is written once')", "1"): (
        "the trigger fact_no_update is not as it was made, so history could be changed"
    ),
}


def done(database: Database, *statements: str) -> list[str]:
    """Do something to the tables; gives what is said of them."""
    assert (database.differences(), database.wrong()) == ([], [])
    with database.transaction() as tx:
        for statement in statements:
            tx.run(as_system("schema", text(statement)))
    database.close()
    return [*database.differences(), *database.wrong()]


@pytest.mark.parametrize(("statement", "sentence"), ALIKE.items())
def test_a_difference_is_named_on_both(database: Database, statement: str, sentence: str) -> None:
    assert f"{sentence}: {REMEDY}" in done(database, statement)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("statement", "sentence"), POSTGRES.items())
def test_a_difference_is_named_on_postgres(
    database: Database, statement: str, sentence: str
) -> None:
    found = done(database, statement)
    assert [one for one in found if one.startswith(sentence) and one.endswith(REMEDY)], found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("change", "sentence"), SQLITE.items())
def test_a_difference_is_named_on_sqlite(
    database: Database, change: tuple[str, str, str], sentence: str
) -> None:
    name, before, after = change
    quoted = [word.replace("'", "''") for word in (before, after, name)]
    edited = "UPDATE sqlite_master SET sql = replace(sql, '{}', '{}') WHERE name = '{}'"
    found = done(database, "PRAGMA writable_schema = ON", edited.format(*quoted))
    assert [one for one in found if one.startswith(sentence) and one.endswith(REMEDY)], found


def test_a_whole_schema_has_no_difference(database: Database) -> None:
    assert database.differences() == []
