"""What `tresteg db upgrade` says of the cases that it folded."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import small
from tests.support.terminal import REAL, tresteg
from tests.support.world import open_world

MAIL = "smtp://mail.example.org:587"


@pytest.fixture
def worked_in(installed: Path) -> Path:
    """The file of an installation with one open case."""
    file = installed / "tresteg.db"
    world = open_world(f"sqlite:///{file}", REAL, small.row_of_tasks(1), mail_url=MAIL)
    world.start()
    world.database.close()
    return file


def damage(file: Path) -> None:
    """Let a fact tell of another state, past its guard."""
    with closing(sqlite3.connect(file)) as opened, opened:
        (guard,) = opened.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'fact_no_update'"
        ).fetchone()
        opened.execute("DROP TRIGGER fact_no_update")
        opened.execute("UPDATE fact SET state = zeroblob(16)")
        opened.execute(guard)


def test_an_upgrade_tells_of_the_cases_that_it_folded(worked_in: Path) -> None:
    done = tresteg("db", "upgrade")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"the database file {worked_in} has the tables that this program needs.",
        "Cases folded again: 1. Each gives what is stored.",
    ]


def test_an_upgrade_stops_at_a_case_that_folds_otherwise(worked_in: Path) -> None:
    damage(worked_in)
    done = tresteg("db", "upgrade")
    assert done.exit_code == 1
    assert "I3: expected state 000000000000" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        f"the database file {worked_in} is as it was: cases fold to something else "
        "than what is stored. --despite-faults upgrades all the same."
    )
    despite = tresteg("db", "upgrade", "--despite-faults")
    assert despite.exit_code == 1
    assert despite.stdout.splitlines()[-1].endswith("Some give something else.")


def test_a_file_has_no_owner(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.is_dir()
    monkeypatch.setenv("TRESTEG_OWNER_DATABASE_URL", "postgresql://owner@nowhere/x")
    done = tresteg("db", "upgrade")
    assert done.exit_code == 0
    assert done.stderr == ("A SQLite file has no owner: TRESTEG_OWNER_DATABASE_URL is not used.\n")
