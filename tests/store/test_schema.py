"""Migrations make the tables, every column has a class, and history cannot be changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    delete,
    inspect,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from service.errors import BadSettings
from service.store.database import Database
from service.store.row_scope import as_system
from service.store.tables import metadata
from service.store.tables.column_types import (
    Digest,
    Hash,
    Id,
    Json,
    Moment,
    Number,
    OpenBytes,
    OpenText,
    PackedText,
    Sealed,
    Wrapped,
    plain,
    sealed,
)
from service.store.tables.triggers import APPEND_ONLY

CLOSED = (Boolean, Date, Hash, Id, Integer, Moment, Number)
REASONED = (Json, OpenBytes, OpenText, PackedText)
COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]


def fault(column: Column[object]) -> str:
    """What is wrong with a column's class, or nothing."""
    klass = column.info.get("class")
    if klass in {"C1", "C2", "C3"} or isinstance(column.type, Sealed):
        return "" if isinstance(column.type, Sealed) else "not sealed"
    if klass == "secret":
        return "" if isinstance(column.type, Digest | Wrapped) else "a secret in plain sight"
    if klass != "C0":
        return "no class"
    if isinstance(column.type, REASONED):
        return "" if column.type.reason else "no reason"
    return "" if isinstance(column.type, CLOSED) else "open text"


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_column_has_a_class_and_a_kind_that_fits_it(column: Column[object]) -> None:
    assert fault(column) == ""


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column("name", Text()), "no class"),
        (Column("name", String(), info={"class": "C0"}), "open text"),
        (plain("note", OpenText()), "no reason"),
        (Column("name", LargeBinary(), info={"class": "C1"}), "not sealed"),
        (Column("token", Text(), info={"class": "secret"}), "a secret in plain sight"),
        (sealed("name", "C1"), ""),
    ],
)
def test_the_walk_finds_a_column_that_breaks_the_rule(
    column: Column[object], expected: str
) -> None:
    Table("probe", MetaData(), column)
    assert fault(column) == expected


def test_every_table_with_a_case_has_a_scope() -> None:
    assert [
        table.name
        for table in metadata.sorted_tables
        if "case_id" in table.c and table.info.get("scope") != "case"
    ] == ["vault_key"], "of persons and offices too, and asked for by owner"


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    with as_system("schema", database.engine.connect()) as conn:
        assert (
            compare_metadata(
                MigrationContext.configure(conn, opts={"compare_type": True}), metadata
            )
            == []
        )


def test_the_migrations_lay_out_sqlite_as_the_code_says(empty_sqlite: Path) -> None:
    database = Database(f"sqlite:///{empty_sqlite}")
    with as_system("schema", database.engine.connect()) as conn:
        made = {
            row.name: row.sql
            for row in conn.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            )
        }
    database.close()
    for table in metadata.sorted_tables:
        assert made[table.name].rstrip().endswith("WITHOUT ROWID") is (
            table.dialect_options["sqlite"]["with_rowid"] is False
        )


def test_the_tables_go_down_and_come_up_again(database: Database) -> None:
    database.downgrade("base")
    with as_system("schema", database.engine.connect()) as conn:
        assert set(inspect(conn).get_table_names()) <= {"alembic_version"}
    database.upgrade()
    database.upgrade()
    database.check()


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_history_refuses_to_be_changed_or_deleted(database: Database, name: str) -> None:
    table = metadata.tables[name]
    column = list(table.c.keys())[-1]
    rows = (
        "INSERT INTO line (stream, seq, hash, kind, at, actor, office, body)"
        " VALUES (1, 1, :no, 'k', :at, '', '', :no)"
    )
    facts = (
        "INSERT INTO fact (case_id, rev, at, actor, office, kind, element, nth, work_id,"
        " form, release, engine, turn, state)"
        " VALUES ('c', 1, :at, '', '', 'k', '', 0, '', '', 1, :no, :no, :no)"
    )
    runs = "INSERT INTO log_index (stream, seq, idx) VALUES (1, 1, 0)"
    name_ = "INSERT INTO stream (name) VALUES ('s')"
    dossier = "INSERT INTO release_dossier (release_id, content) VALUES (:no, '{}')"
    inserts = {"line": rows, "fact": facts, "log_index": runs, "stream": name_}
    inserts |= {"release_dossier": dossier}
    with as_system("schema", database.engine.connect()) as conn:
        if database.postgres:
            conn.execute(
                text("SET session_replication_role = replica")
            )  # a fact without its case, for this one insertion
        else:
            conn.exec_driver_sql("ROLLBACK")
            conn.exec_driver_sql("PRAGMA foreign_keys = OFF")
            conn.exec_driver_sql("BEGIN")
        at = "2026-01-01T00:00:00Z" if database.postgres else 0
        given = {
            key: value for key, value in (("no", b""), ("at", at)) if f":{key}" in inserts[name]
        }
        conn.execute(text(inserts[name]), given)
        if database.postgres:
            conn.execute(text("SET session_replication_role = origin"))
        for change in (update(table).values({column: table.c[column]}), delete(table)):
            point = conn.begin_nested()
            with pytest.raises(DBAPIError, match="is written once"):
                conn.execute(change)
            point.rollback()
        if database.postgres:
            with pytest.raises(DBAPIError, match="is written once"):
                conn.execute(text(f"TRUNCATE {name} CASCADE"))


def test_a_database_without_its_guards_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        tx.run(
            as_system(
                "schema",
                text("DROP TRIGGER fact_no_update" + (" ON fact" if database.postgres else "")),
            )
        )
    with pytest.raises(BadSettings, match="fact_no_update"):
        database.check()


def test_an_empty_database_is_refused_until_it_is_upgraded(database: Database) -> None:
    database.downgrade("base")
    with pytest.raises(BadSettings, match="empty"):
        database.check()


def test_a_schema_of_a_newer_program_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        tx.run(as_system("schema", text("UPDATE alembic_version SET version_num = 'future'")))
    with pytest.raises(BadSettings, match="newer"):
        database.check()


def test_an_address_of_another_kind_of_database_is_refused() -> None:
    with pytest.raises(BadSettings, match="mysql"):
        Database("mysql://nobody@nowhere/nothing")


def test_a_file_with_pages_of_another_size_is_taken_over(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ours.db")) as made:
        made.execute("PRAGMA page_size=4096")
        made.execute("CREATE TABLE older (a TEXT)")
    ours = Database(f"sqlite:///{tmp_path}/ours.db")
    other = Database(f"sqlite:///{tmp_path}/other.db")
    other.upgrade()
    ours.wrong()  # opens it, with a write-ahead log
    ours.take_over(other)
    with closing(sqlite3.connect(tmp_path / "ours.db")) as taken:
        assert taken.execute("SELECT 1 FROM sqlite_master WHERE name = 'older'").fetchall() == []
    assert (ours.damage(), ours.differences()) == ([], [])
    ours.close()
    other.close()
