"""What passes is told from what is broken: the first is 503, and the words are kept."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.errors import Busy
from service.store.database import Database
from service.store.driver_errors import translate, translated

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
    raised = text("DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$")
    with (
        pytest.raises(Busy) as fault,
        translated("the database"),
        database.engine.connect() as conn,
    ):
        try:
            conn.connection.cursor().execute(raised.text.encode())
        except psycopg.Error as e:
            raise DBAPIError("statement", {}, e) from e
    assert fault.value.facts["driver"] == "DiskFull"
