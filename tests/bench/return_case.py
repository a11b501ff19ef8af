"""S2, S5, S9 on the shipped process: a whole case against the bare commit of its rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.access import Viewer
from service.casework.commands.command import Command
from service.clock import SetClock
from service.demo import seed
from service.demo.player import Player, make_player
from service.demo.scenarios import read_scenarios
from service.demo.steps import Result
from service.operations.sequencer import sequence_all
from service.operations.start_checks import prepare_database
from service.security.keyring import make_keyring
from service.settings import Settings
from tests.bench._arms import Bare, Tape, taped
from tests.bench._gauge import Row, copy_of, median, now, packed, postgres, report, sqlite
from tests.support.programs import make_program
from tests.support.shipped import publish_shipped

CASES = 6
UNTIL = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
SCENARIOS = Path(Settings().workflows_dir) / "scenarios"


@dataclass
class Timed(Player):
    """Plays stories, and takes the time of each move that a person makes."""

    tape: Tape = field(default_factory=Tape)
    seconds: list[float] = field(default_factory=list)

    def submit(self, command: Command[Result], by: Viewer, at: datetime) -> Result:
        self.tape.begin(measured=True)
        begun = now()
        moved = super().submit(command, by, at)
        self.seconds.append(now() - begun)
        self.tape.end()
        return moved


def measure(name: str, url: str) -> list[Row]:
    """The walk, several times side by side; its rows bare afterwards, in the same order."""
    clock = SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS))
    program = make_program(Settings(database_url=url), make_keyring(demo=True), clock)
    prepare_database(program)
    people = seed.seed_directory(program, clock.now())
    publish_shipped(program, clock.now())
    program.database.close()
    bare, empty = Bare(copy_of(url)), packed(url)
    plain = make_player(program, clock, people)
    plain.close()
    player = Timed(program, clock, people, plain.usual, plain.calendars)
    walk = next(s for s in read_scenarios(SCENARIOS) if s.name == "walk")
    with taped(program.database) as tape:
        player.tape = tape
        player.play_all([replace(walk, name=f"walk {n}", ref="") for n in range(CASES)], UNTIL)
    player.close()
    sequence_all(program)
    program.database.close()
    grown = (packed(url) - empty) / CASES
    ours, floor = median(player.seconds), median(bare.play(tape))
    bare.close()
    moves = f"{len(player.seconds) // CASES} moves a case"
    described = f"{ours / floor:.2f} ({ours:.2f} ms against {floor:.2f} ms bare, {moves})"
    statements, commits = max(tape.counts)
    least = 6.0 if url.startswith("sqlite") else 4.0
    rows = [
        Row(
            "S2",
            f"return_case, {name}: a move / bare commit of its rows",
            f"<= {least}",
            described,
            ours / floor <= least,
        ),
        Row(
            "S5",
            f"return_case, {name}: statements and commits",
            "<= 16 and 1",
            f"{statements} and {commits}",
            statements <= 16,
        ),
    ]
    if grown:
        what = "return_case: bytes of a finished case with its letters and papers"
        rows.append(Row("S9", what, "<= 100,000", f"{grown:,.0f}", grown <= 100_000))
    return rows


def main() -> None:
    with sqlite() as url:
        rows = measure("SQLite FULL", url)
    with postgres() as url:
        if url:
            rows += measure("PostgreSQL", url)
    report("return_case", rows)


if __name__ == "__main__":
    main()
