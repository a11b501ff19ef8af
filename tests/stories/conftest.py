"""Every scenario of the folder, played once on the shipped release for all stories."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.app import assemble
from service.application.container import Tresteg
from service.application.installation import prepare_database
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.demo.scenarios import Scenario, read_scenarios
from service.security.keyring import Keyring
from service.security.passwords import Passwords
from service.settings import Settings
from tests.support.shipped import publish_shipped

UNTIL = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
"""A Wednesday on which all stories end."""
SCENARIOS = Path(Settings().workflows_dir) / "scenarios"


@dataclass(frozen=True)
class Played:
    """A program on which stories were played, and the case of each."""

    program: Tresteg
    cases: Mapping[str, str]
    """Scenario to case id."""


def program_at(url: str, keyring: Keyring, moment: datetime) -> Tresteg:
    """A demo's program with a clock that has hands."""
    program = assemble(
        Settings(database_url=url),
        clock=SetClock(moment),
        keyring=keyring,
        passwords=Passwords(memory=64, rounds=1),
    )
    prepare_database(program)
    return program


def play(url: str, keyring: Keyring, scenarios: list[Scenario]) -> Played:
    """Play scenarios on the shipped release, all in one course of time."""
    clock = SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS))
    program = assemble(
        Settings(database_url=url),
        clock=clock,
        keyring=keyring,
        passwords=Passwords(memory=64, rounds=1),
    )
    prepare_database(program)
    people = seed.seed_directory(program, clock.now())
    publish_shipped(program, clock.now())
    player = make_player(program, clock, people)
    try:
        return Played(program, player.play_all(scenarios, UNTIL))
    finally:
        player.close()


@pytest.fixture(scope="session")
def played(
    empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> Iterator[Played]:
    """All stories, played."""
    path = tmp_path_factory.mktemp("stories") / "stories.db"
    shutil.copyfile(empty_sqlite, path)
    made = play(f"sqlite:///{path}", keyring, list(read_scenarios(SCENARIOS)))
    yield made
    made.program.database.close()
