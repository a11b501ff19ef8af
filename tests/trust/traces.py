"""Every byte that an installation leaves on its machine."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import LiteralString

import psycopg
import structlog
from psycopg import sql

from service import logs
from service.store.database import Database

WATCHED = "whatever is said from here on is kept"


@contextmanager
def written_down(folder: Path) -> Iterator[None]:
    """While it lasts, everything that this process and its children say, at its most talkative,
    goes into `log`, and temporary files into `temp`.
    """
    (folder / "temp").mkdir()
    temp, tempfile.tempdir = tempfile.tempdir, str(folder / "temp")
    with (folder / "log").open("w") as log, redirect_stderr(log):
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(log.fileno(), 2)
        libraries = logging.StreamHandler(log)
        logging.getLogger().addHandler(libraries)
        logs.begin("debug")
        structlog.get_logger("robbery").debug(WATCHED)
        print(WATCHED, file=sys.__stderr__, flush=True)
        try:
            yield
        finally:
            logs.begin("info")
            logging.getLogger().removeHandler(libraries)
            os.dup2(kept, 2)
            os.close(kept)
            tempfile.tempdir = temp


def files_of(database: Database, folder: Path) -> list[Path]:
    """Every file that a database keeps: its rows, its journal, and what its server writes beside
    them.
    """
    if not database.postgres:
        return sorted(folder.glob("tresteg.db*"))
    with psycopg.connect(_address(database), autocommit=True) as conn:
        conn.execute("CHECKPOINT")
        data = Path(_one(conn, "SHOW data_directory"))
        own = _one(conn, "SELECT oid FROM pg_database WHERE datname = current_database()")
        log = _one(conn, "SHOW log_directory")
    parts = [data / "base" / own, data / "pg_wal", data / "global", data / log]
    return sorted(
        [
            *(file for part in parts for file in part.rglob("*") if file.is_file()),
            *(file for file in data.glob("*") if file.is_file()),
        ]
    )


def rows_of(database: Database) -> bytes:
    """Every row of every table as text, for a server keeps long values compressed."""
    with psycopg.connect(_address(database)) as conn:
        names = [
            str(name)
            for (name,) in conn.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
        ]
        rows = [
            str(row)
            for name in names
            for (row,) in conn.execute(
                sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(name))
            )
        ]
    return "\n".join(rows).encode()


def _address(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "", 1)


def _one(conn: psycopg.Connection[tuple[object, ...]], question: LiteralString) -> str:
    found = conn.execute(question).fetchone()
    assert found is not None
    return str(found[0])
