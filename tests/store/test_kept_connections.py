"""The connections of transactions: kept between them, and given to as many threads as come."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from service.store.connections import CONNECTIONS
from service.store.database import Database
from service.store.installation import installation_values
from service.store.tables import setting
from service.store.transaction import Tx


@pytest.fixture
def blue(database: Database) -> Database:
    with database.transaction() as tx:
        installation_values.put(tx, "colour", "blue")
        tx.changes.bound.clear()
    return database


def connection(tx: Tx) -> object:
    return tx.conn.connection.driver_connection


def test_the_next_transaction_has_the_same_connection(blue: Database) -> None:
    with blue.transaction() as tx:
        first = connection(tx)
    with blue.transaction(write=False) as tx:
        assert connection(tx) is first


def test_two_at_once_have_two(blue: Database) -> None:
    with blue.transaction() as tx, blue.transaction(write=False) as other:
        assert connection(tx) is not connection(other)


def test_what_goes_by_sqlalchemy_is_of_the_same_transaction(blue: Database) -> None:
    """And it ends with it, whether it is kept or not."""
    colour = select(setting.c.value).where(setting.c.name == "colour")
    with pytest.raises(ZeroDivisionError), blue.transaction() as tx:  # noqa: PT012 - the whole block is what fails
        installation_values.put(tx, "colour", "red")
        assert tx.conn.execute(colour).scalar_one() == "red"
        raise ZeroDivisionError
    with blue.transaction() as tx:
        assert tx.conn.execute(colour).scalar_one() == "blue"
        installation_values.put(tx, "colour", "green")
        tx.changes.bound.clear()
    with blue.transaction(write=False) as tx:
        assert installation_values.get(tx, "colour") == "green"


def test_more_threads_than_connections_all_get_one(blue: Database) -> None:
    """Twice as many as are kept read at once; the others wait until one is free."""
    many = 2 * CONNECTIONS
    together = threading.Barrier(many)

    def read(nth: int) -> str:
        with blue.transaction(write=False) as tx:
            found = installation_values.get(tx, "colour")
            if nth < many:
                together.wait(30)
            return found

    with ThreadPoolExecutor(3 * CONNECTIONS) as pool:
        found = list(pool.map(read, range(5 * many)))
    assert found == ["blue"] * (5 * many)
    with blue.transaction(write=False) as tx:
        assert installation_values.get(tx, "colour") == "blue"


def test_a_database_that_was_closed_opens_anew(blue: Database) -> None:
    with blue.transaction(write=False) as tx:
        first = connection(tx)
    blue.close()
    with blue.transaction(write=False) as tx:
        assert connection(tx) is not first
        assert installation_values.get(tx, "colour") == "blue"
