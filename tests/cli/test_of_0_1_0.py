"""A database of 0.1.0 is refused with one sentence, and a demo of 0.1.0 is made anew."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from service.errors import BadSettings
from service.store.database import Database
from service.store.row_scope import as_system
from service.store.schema import OF_0_1_0, newest
from tests.support.terminal import tresteg

KEPT = Path(__file__).parents[1] / "golden" / "databases" / "0.1.0" / "tresteg.db.gz"
COMMANDS = ("db upgrade", "doctor", "serve", "worker", "verify", "incident list", "office list")


@pytest.fixture
def old(folder: Path) -> Path:
    """The file of an installation of 0.1.0, in the place that the settings name."""
    file = folder / "tresteg.db"
    file.write_bytes(gzip.decompress(KEPT.read_bytes()))
    rows(file, "PRAGMA journal_mode = wal")  # as a running service leaves it
    return file


def rows(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as opened:
        return opened.execute(statement).fetchall()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_refuses_a_database_of_0_1_0(old: Path, command: str) -> None:
    before = old.read_bytes()
    done = tresteg(*command.split())
    assert done.stderr.splitlines()[-1].endswith(OF_0_1_0)
    assert (done.exit_code, "Traceback" in done.output) == (78, False)
    assert old.read_bytes() == before


def test_db_check_says_the_one_sentence(old: Path) -> None:
    done = tresteg("db", "check")
    assert (done.exit_code, done.stdout, done.stderr) == (1, f"{OF_0_1_0}\n", "")
    assert old.exists()


def test_tables_of_0_1_0_are_refused_on_both_databases(database: Database) -> None:
    with database.transaction() as tx:
        tx.run(as_system("schema", text("UPDATE alembic_version SET version_num = '0001'")))
    for attempt in (database.check, database.upgrade):
        with pytest.raises(BadSettings, match=r"0\.1\.0, which was never meant for real cases"):
            attempt()


@pytest.mark.slow
def test_a_demo_of_0_1_0_is_made_anew(
    old: Path, small_demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert small_demo.is_dir()
    done = tresteg("demo", "--seed-only")
    assert done.exit_code == 0, done.output
    assert f"the database file {old} held a demo of Tresteg 0.1.0; it is made anew." in done.stderr
    assert rows(old, "SELECT version_num FROM alembic_version") == [(newest(),)]
    assert rows(old, "SELECT count(*) FROM cases") == [(1,)]
    monkeypatch.setenv("TRESTEG_MAIL_URL", "smtp://mail.example.org:587")
    assert tresteg("db", "check").exit_code == 0


def test_a_database_of_0_1_0_that_was_no_demo_is_not_thrown_away(
    old: Path, small_demo: Path
) -> None:
    assert small_demo.is_dir()
    with closing(sqlite3.connect(old)) as opened, opened:
        opened.execute("DELETE FROM setting WHERE name = 'demo'")
    before = rows(old, "SELECT id FROM cases")
    for words in ((), ("--fresh",)):
        done = tresteg("demo", "--seed-only", *words)
        assert done.stderr.splitlines()[-1].endswith(OF_0_1_0)
        assert done.exit_code == 78
    assert rows(old, "SELECT id FROM cases") == before
