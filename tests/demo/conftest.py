"""The demo of a Monday in May, which files of tests share as copies: to play its cases is dear."""

from __future__ import annotations

import shutil
from contextlib import redirect_stderr
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service import logs
from service.app import assemble
from service.application.container import Tresteg
from service.clock import SetClock, ShiftedClock
from service.demo import seed
from service.operations.start_checks import prepare_database
from service.security.keyring import Keyring
from service.security.passwords import Passwords
from service.settings import Settings
from tests.support.made_once import made_once

SPRING = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
DATABASE, LOG = "demo.db", "log"


def program_at(path: Path, keyring: Keyring, moment: datetime) -> Tresteg:
    """The program on a database of its own, at a moment."""
    program = assemble(
        Settings(database_url=f"sqlite:///{path}", base_url="http://localhost"),
        clock=ShiftedClock(SetClock(moment)),
        keyring=keyring,
        passwords=Passwords(memory=64, rounds=1),
    )
    prepare_database(program)
    return program


def seeded(path: Path, keyring: Keyring, moment: datetime) -> Tresteg:
    """A demo of its own in a new file."""
    program = program_at(path, keyring, moment)
    seed.seed(program)
    return program


@pytest.fixture(scope="module")
def spring_folder(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Path:
    """A copy of the demo that was seeded on a Monday in May, and what the log said meanwhile."""

    def make(folder: Path) -> None:
        logs.begin("info")
        with (folder / LOG).open("w", encoding="utf-8") as log, redirect_stderr(log):
            seeded(folder / DATABASE, keyring, SPRING).database.close()

    once = made_once(tmp_path_factory, "spring", make)
    return shutil.copytree(once, tmp_path_factory.mktemp("spring"), dirs_exist_ok=True)
