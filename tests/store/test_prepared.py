"""Statements of the moving road: worked out once, and written together before the next question."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, insert, select

from service.errors import Busy, CaseMoved
from service.security import ledger_lines
from service.store.casefile import cases
from service.store.database import Database
from service.store.installation import installation_values, ledger_entries
from service.store.prepared import PreparedStatement
from service.store.tables import setting
from service.store.work import tasks
from tests.store.sample_rows import NOON, SampleRows

READ = PreparedStatement(
    select(setting.c.value).where(setting.c.name == bindparam("name")).limit(1)
)
WRITE = PreparedStatement(insert(setting))


def test_a_prepared_statement_answers_as_an_ordinary_one(database: Database) -> None:
    with database.transaction() as tx:
        installation_values.put(tx, "colour", "blue")
        assert tx.value(READ, {"name": "colour"}) == "blue" == installation_values.get(tx, "colour")
        assert tx.value(READ, {"name": "none"}) is None
        assert tx.all(str, READ, {"name": "colour"}) == ["blue"]


def test_a_statement_with_a_list_or_a_missing_value_is_refused(
    database: Database,
) -> None:
    with database.transaction() as tx:
        with pytest.raises(TypeError, match="cannot be prepared"):
            tx.value(
                PreparedStatement(select(setting.c.value).where(setting.c.name.in_(["colour"])))
            )
        with pytest.raises(TypeError, match="nobody gives it"):
            tx.value(READ, {"nam": "colour"})


SAID = PreparedStatement(insert(setting).returning(setting.c.value))
NUMBERED = Table("numbered", MetaData(), Column("number", Integer, primary_key=True))


def test_an_insert_answers_only_what_its_statement_asks_for(
    database: Database,
) -> None:
    dialect = database.engine.dialect
    assert "RETURNING" not in PreparedStatement(insert(NUMBERED)).ready(dialect, ("number",)).text
    assert "RETURNING" not in PreparedStatement(insert(NUMBERED)).ready(dialect, ()).text
    assert (
        "RETURNING" not in ledger_entries.ADD.ready(dialect, (*ledger_entries.OWN, "stream")).text
    )
    assert "RETURNING" in SAID.ready(dialect, ("name", "value")).text


def test_a_statement_that_answers_takes_one_set_of_values(database: Database) -> None:
    rows = [{"name": "colour", "value": "blue"}, {"name": "taste", "value": "sweet"}]
    with database.transaction() as tx:
        assert tx.value(SAID, {"name": "size", "value": "small"}) == "small"
        with pytest.raises(TypeError, match="one set of values"):
            tx.run(SAID, rows)


def test_what_is_written_later_is_there_for_the_next_question(database: Database) -> None:
    with database.transaction() as tx:
        tx.later(WRITE, [{"name": "colour", "value": "blue"}, {"name": "taste", "value": "sweet"}])
        assert (installation_values.get(tx, "colour"), tx.value(READ, {"name": "taste"})) == (
            "blue",
            "sweet",
        )
        tx.later(WRITE, [])
    with database.transaction(write=False) as tx:
        assert installation_values.get(tx, "taste") == "sweet"


def test_a_later_write_is_undone_when_the_transaction_fails(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as tx:  # noqa: PT012 - the whole block is what fails
        tx.later(WRITE, {"name": "colour", "value": "blue"})
        raise RuntimeError
    with database.transaction(write=False) as tx:
        assert installation_values.get(tx, "colour", "none") == "none"


@pytest.mark.parametrize("more", [0, 3], ids=["alone", "among others"])
def test_a_race_that_was_lost_later_undoes_the_whole_transaction(
    database: Database, samples: SampleRows, more: int
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
    with pytest.raises(CaseMoved), database.transaction() as tx:  # noqa: PT012 - the race is lost at the end of the block
        for nth in range(more):
            tx.later(WRITE, {"name": f"n{nth}", "value": "x"})
        cases.save(tx, replace(samples.case("c000"), rev=7), sums=b"")
    with database.transaction(write=False) as tx:
        found = cases.get(tx, "c000")
        assert found is not None
        assert (found.rev, installation_values.get(tx, "n0", "none")) == (1, "none")


def test_a_line_that_is_there_already_is_a_lost_race(database: Database) -> None:
    first = ledger_lines.write("system", (0, ""), kind="sign_in", at=NOON)
    with database.transaction() as tx:
        ledger_entries.add(tx, first)
    with pytest.raises(CaseMoved), database.transaction() as tx:  # noqa: PT012 - the race is lost at the end of the block
        tx.later(WRITE, {"name": "colour", "value": "blue"})
        ledger_entries.add(tx, first)
        tx.later(WRITE, {"name": "taste", "value": "sweet"})


def test_a_task_that_is_gone_already_is_a_lost_race(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
    with pytest.raises(CaseMoved), database.transaction() as tx:
        tasks.sync(tx, "c000", [], {"never-there": None})


def test_a_connection_that_the_server_ends_is_not_used_again(
    database: Database, database_url: str
) -> None:
    if not database.postgres:
        return  # SQLite has no server
    with pytest.raises(Busy), database.transaction() as tx:  # noqa: PT012 - the whole block is what fails
        installation_values.get(tx, "colour")
        mine = tx.conn.connection.driver_connection
        assert isinstance(mine, psycopg.Connection)
        with psycopg.connect(database_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (mine.info.backend_pid,))
        tx.later(WRITE, {"name": "colour", "value": "blue"})
        tx.value(READ, {"name": "colour"})
    with database.transaction() as tx:
        assert installation_values.get(tx, "colour", "none") == "none"
