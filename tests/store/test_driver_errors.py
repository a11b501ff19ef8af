"""What passes is told from what is broken: the first is 503, and the words are kept."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from psycopg import errors

from service.errors import Busy
from service.store.database import Database
from service.store.driver_errors import translate

PASSES = (
    errors.DiskFull,
    errors.TooManyConnections,
    errors.OutOfMemory,
    errors.ConfigurationLimitExceeded,
    errors.CannotConnectNow,
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.QueryCanceled,
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.IdleInTransactionSessionTimeout,
    errors.IdleSessionTimeout,
    errors.ReadOnlySqlTransaction,
    errors.IoError,
    errors.ConnectionFailure,
    errors.SqlclientUnableToEstablishSqlconnection,
)
FULL = b"DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$"
BROKEN = (errors.UndefinedTable, errors.SyntaxError, errors.DivisionByZero, errors.ObjectInUse)


@pytest.mark.parametrize("kind", PASSES, ids=lambda kind: kind.__name__)
def test_what_passes_is_busy_and_names_the_fault(kind: type[psycopg.Error]) -> None:
    ours = translate(kind("a value of somebody"), "the database", lost=False)
    assert isinstance(ours, Busy)
    assert ours.facts["driver"] == kind.__name__
    assert "somebody" not in str(ours)


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_what_is_broken_is_a_fault(kind: type[psycopg.Error]) -> None:
    assert translate(kind("x"), "the database", lost=False) is None


def test_a_full_disk_of_postgres_is_busy(database: Database) -> None:
    """A fault that the server itself raises, with the code of a full disk."""
    if not database.postgres:
        return
    with database.transaction() as tx:
        driver = tx.conn.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        with pytest.raises(psycopg.Error) as fault:
            driver.execute(FULL)
        driver.rollback()
    ours = translate(fault.value, "the database", lost=False)
    assert isinstance(ours, Busy)
    assert ours.facts["driver"] == "DiskFull"


def test_a_full_disk_of_sqlite_is_busy_and_is_called_so(database: Database) -> None:
    """A fault that SQLite itself raises: the file may take no more pages."""
    if database.postgres:
        return
    with pytest.raises(Busy, match=r"the disk is full: the database file .* could not grow"):
        _outgrow(database)


def _outgrow(database: Database) -> None:
    with database.transaction() as tx:
        driver = tx.conn.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("PRAGMA max_page_count=1")
        driver.execute("CREATE TABLE more (x)")
