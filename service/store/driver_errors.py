"""Errors of the database drivers, translated into those of Tresteg.

Their sentences name the database, never a value.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.errors import Busy, CaseMoved, DamagedDatabase, NoDatabase

if TYPE_CHECKING:
    import psycopg

RACES = frozenset(
    {
        *("cases", "checkpoint", "fact", "fact_payload", "job", "letter", "line"),
        *("log_index", "once", "task", "unsent", "vault_key"),
    },
)
"""Tables where a second row with one key means that somebody was faster."""

WAIT_AGAIN = ("08", "40", "53", "57", "58", "55P03", "25P03", "25P04", "25006")
"""Prefixes of SQLSTATE codes of PostgreSQL's transient faults: broken connection, lost race, no
room or connection left, server that stops, starts or cancels, failing disk, lock not free,
time-out, and a server that only reads because another has taken over.
"""
BUSY = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_IOERR",
    "SQLITE_NOMEM",
    "SQLITE_PROTOCOL",
    "SQLITE_INTERRUPT",
)
FULL = "SQLITE_FULL"
UNUSABLE = {
    "SQLITE_CANTOPEN": "cannot be opened: is its folder there, and may this user write in it?",
    "SQLITE_NOTADB": "is no SQLite database, or not the whole of one",
    "SQLITE_READONLY": "may not be written by this user",
}
"""Beginning of SQLite's name of a fault to what it says of the file."""
LOOKED_AT = 2 * 1024**3
"""Bytes of a SQLite file of which a start looks at every page, in 0.15 s for 100 MB that are in the
system's memory, and as long as the disk takes where they are not."""
DAMAGED = "SQLITE_CORRUPT"
NO_TEXT = "Could not decode to UTF-8"
"""How Python's driver says that a text in the file is none; it gives that no name."""


def drivers() -> tuple[type[Exception], ...]:
    """The errors of the drivers that are loaded: that of PostgreSQL is only where it is used."""
    loaded = sys.modules.get("psycopg")
    return (sqlite3.Error,) if loaded is None else (sqlite3.Error, loaded.Error)


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise Tresteg's error for what a driver raises.

    Args:
        where: the database as a sentence names it.
    """
    try:
        yield
    except PoolTimeout as fault:
        raise busy(where, "PoolTimeout") from fault
    except DBAPIError as fault:
        ours = translate(fault.orig, where, lost=fault.connection_invalidated)
        if ours is None:
            raise
        raise ours from fault
    except drivers() as fault:
        ours = translate(fault, where, lost=False)
        if ours is None:
            raise
        raise ours from fault


def translate(fault: BaseException | None, where: str, *, lost: bool) -> CaseMoved | Busy | None:
    """Tresteg's error for a fault of a driver; None for one that should not happen."""
    if isinstance(fault, sqlite3.Error):
        return busy(where, type(fault).__name__) if lost else _of_sqlite(fault, where)
    if isinstance(fault, drivers()):
        return _of_postgres(fault, where, lost=lost)
    return busy(where, type(fault).__name__) if lost else None


def _of_postgres(fault: Exception, where: str, *, lost: bool) -> CaseMoved | Busy | None:
    import psycopg  # noqa: PLC0415 - its driver is loaded where PostgreSQL is used

    if isinstance(fault, psycopg.IntegrityError):
        raced = isinstance(fault, psycopg.errors.UniqueViolation)
        return CaseMoved() if raced and fault.diag.table_name in RACES else None
    if lost or (isinstance(fault, psycopg.Error) and _passes(fault)):
        return busy(where, type(fault).__name__)
    if isinstance(fault, psycopg.OperationalError) and fault.sqlstate is None:
        return NoDatabase(
            f"{where} cannot be reached: {(str(fault).splitlines() or ['no answer'])[0]}",
            driver=type(fault).__name__,
        )
    return None


def _of_sqlite(fault: sqlite3.Error, where: str) -> CaseMoved | Busy | None:
    if isinstance(fault, sqlite3.IntegrityError):
        return CaseMoved() if _raced(fault) else None
    name = getattr(fault, "sqlite_errorname", "")
    if name.startswith(FULL):
        return Busy(f"the disk is full: {where} could not grow; nothing was saved", driver=name)
    if name.startswith(BUSY):
        return busy(where, name)
    if name.startswith(DAMAGED) or str(fault).startswith(NO_TEXT):
        return damaged(where)
    return next(
        (
            NoDatabase(f"{where} {says}", driver=name)
            for start, says in UNUSABLE.items()
            if name.startswith(start)
        ),
        None,
    )


def damaged(where: str) -> DamagedDatabase:
    """The error for a database file that is torn, cut off, or next to the -wal of another one."""
    return DamagedDatabase(
        f"{where} is damaged, or a -wal of another database lies next to it: stop everything, move "
        "the file away together with its -wal and -shm, and restore a backup as "
        "docs/howto/backup.md says"
    )


def refuse_torn(file: Path, where: str) -> None:
    """Look at every page of a SQLite file of at most `LOOKED_AT` bytes, and of a larger one next to
    which a -wal was left.

    A -wal is there after a kill and while another process works, and then it belongs to the file.
    When the file was replaced meanwhile it does not, and SQLite would mix the two.

    Raises:
        DamagedDatabase: a page is torn, or the pages do not fit together.
    """
    if not file.is_file():
        return
    wal = Path(f"{file}-wal")
    size = file.stat().st_size
    has_wal = wal.is_file() and wal.stat().st_size > 0
    if not size or (size > LOOKED_AT and not has_wal):
        return
    # read only: another connection would write the -wal into the file when it is closed
    address = f"{file.resolve().as_uri()}?mode={'ro' if has_wal else 'rw'}"
    with translated(where), closing(sqlite3.connect(address, uri=True)) as conn:
        if conn.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise damaged(where)


def busy(where: str, driver: str) -> Busy:
    """What is raised when the database did not answer in time; `driver` names the fault."""
    return Busy(f"{where} did not answer in time; nothing was saved", driver=driver)


def _passes(fault: psycopg.Error) -> bool:
    """Whether trying again later can help."""
    return (fault.sqlstate or "").startswith(WAIT_AGAIN)


def _raced(fault: sqlite3.IntegrityError) -> bool:
    """Whether a row with the same key was there first."""
    if fault.sqlite_errorname in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
        return str(fault).rpartition("failed: ")[2].partition(".")[0] in RACES
    return False
