"""Statements go to PostgreSQL together, and a fault among them leaves the connection as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from service.store.drivers.pipeline import Pipeline
from tests.support.emptied import EmptiedDatabases

pytestmark = pytest.mark.postgres
ALONE = ((),)
DOUBLE = "SELECT $1::INTEGER * 2"


@pytest.fixture
def driver(postgres_databases: EmptiedDatabases) -> Iterator[psycopg.Connection[Any]]:
    """A connection that begins no transaction by itself."""
    name = postgres_databases.take()
    with psycopg.connect(postgres_databases.named(name), autocommit=True) as conn:
        conn.execute("CREATE TEMPORARY TABLE word (text TEXT, bytes BYTEA)")
        yield conn
    postgres_databases.give_back(name)


def test_each_statement_gets_its_answer(driver: psycopg.Connection[Any]) -> None:
    put = ("INSERT INTO word VALUES ($1::TEXT, $2)", (("one", b"\x00\xff"), (None, None)))
    read = ("SELECT text, bytes FROM word ORDER BY text", ALONE)
    begun, added, found, ended = Pipeline(driver).run(
        [("BEGIN", ALONE), put, read, ("COMMIT", ALONE)]
    )
    assert (begun.said, added.rowcount, ended.said) == ("BEGIN", 2, "COMMIT")
    assert found.fetchall() == [("one", b"\x00\xff"), (None, None)]
    assert found.fetchmany(1) == [("one", b"\x00\xff")]


def test_a_statement_is_prepared_once(driver: psycopg.Connection[Any]) -> None:
    pipeline = Pipeline(driver)
    for number in (1, 2, 3):
        (answer,) = pipeline.run([(DOUBLE, ((number,),))])
        assert answer.fetchall() == [(2 * number,)]
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement = %s"
    assert driver.execute(prepared, (DOUBLE,)).fetchall() == [(1,)]


def test_the_first_fault_is_raised_and_what_follows_is_not_run(
    driver: psycopg.Connection[Any],
) -> None:
    pipeline, put = Pipeline(driver), ("INSERT INTO word VALUES ($1::TEXT, NULL)", (("x",),))
    with pytest.raises(psycopg.errors.DivisionByZero):
        pipeline.run([("BEGIN", ALONE), put, ("SELECT 1 / 0", ALONE), put, ("COMMIT", ALONE)])
    pipeline.run([("ROLLBACK", ALONE)])
    (left,) = pipeline.run([("SELECT count(*) FROM word", ALONE)])
    assert left.fetchall() == [(0,)]
    pipeline.run([put])


def test_a_statement_that_cannot_be_prepared_is_not_remembered(
    driver: psycopg.Connection[Any],
) -> None:
    pipeline, later = Pipeline(driver), ("SELECT n FROM later", ALONE)
    with pytest.raises(psycopg.errors.UndefinedTable):
        pipeline.run([later])
    driver.execute("CREATE TEMPORARY TABLE later AS SELECT 7 AS n")
    (found,) = pipeline.run([later])
    assert found.fetchall() == [(7,)]


def test_a_value_that_cannot_be_sent_leaves_the_connection(
    driver: psycopg.Connection[Any],
) -> None:
    pipeline = Pipeline(driver)
    with pytest.raises(psycopg.DataError):
        pipeline.run([("BEGIN", ALONE), ("SELECT $1::TEXT", (("a\0b",),))])
    pipeline.run([("ROLLBACK", ALONE)])
    (found,) = pipeline.run([(DOUBLE, ((4,),))])
    assert found.fetchall() == [(8,)]


def test_long_values_and_long_answers_do_not_block(
    driver: psycopg.Connection[Any],
) -> None:
    long = "x" * 10_000
    echo = ("SELECT $1::TEXT || repeat('y', 10000)", tuple((long,) for _ in range(400)))
    (found,) = Pipeline(driver).run([echo])
    assert len(found.fetchall()) == 400


def test_a_connection_that_is_lost_is_closed(driver: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.OperationalError):
        Pipeline(driver).run([("SELECT pg_terminate_backend(pg_backend_pid())", ALONE)])
    assert driver.closed
