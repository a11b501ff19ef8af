"""The scenarios of the demo, played as whole cases on the shipped release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from service.application.container import Tresteg
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.operations.start_checks import prepare_database
from service.security.keyring import Keyring
from service.settings import Settings
from service.workshop.trial.scenario_file import Scenario
from tests.support.programs import make_program
from tests.support.shipped import publish_shipped

UNTIL: Final = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
"""A Wednesday on which all stories end."""
SCENARIOS: Final = Path(Settings().workflows_dir) / "scenarios"


@dataclass(frozen=True)
class Played:
    """A program on which stories were played, and the case of each."""

    program: Tresteg
    cases: Mapping[str, str]
    """Scenario to case id."""


def program_at(url: str, keyring: Keyring, moment: datetime) -> Tresteg:
    """The program of a demo that begins, with a clock that has hands."""
    program = make_program(Settings(database_url=url), keyring, SetClock(moment))
    prepare_database(program)
    return program


def play(url: str, keyring: Keyring, scenarios: Iterable[Scenario]) -> Played:
    """Play scenarios on the shipped release, all in one course of time."""
    clock = SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS))
    program = make_program(Settings(database_url=url), keyring, clock)
    prepare_database(program)
    people = seed.seed_directory(program, clock.now())
    publish_shipped(program, clock.now())
    player = make_player(program, clock, people)
    try:
        return Played(program, player.play_all(list(scenarios), UNTIL))
    except BaseException:
        program.database.close()
        raise
    finally:
        player.close()
