"""T6: whoever steals the database file, its journal, the letters or the log learns nothing that was typed about anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service import demo
from service.actions import memory, posting
from service.clock import SetClock
from service.keyring import Keyring
from service.player import player_of
from service.program import Tresteg
from service.scenario import Step
from service.store import cases, letters
from service.store.database import Database
from tests.desk import NOON, rooms
from tests.trust.sowing import BIRD, WALK, Sower, hits, spellings

CASES, CANARIES = 9, 500


@pytest.fixture(scope="module")
def played(keyring: Keyring, empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tresteg, Path, list[str]]]:
    """Whole cases of the shipped process, in a file."""
    path = tmp_path_factory.mktemp("canaries") / "tresteg.db"
    path.write_bytes(empty_sqlite.read_bytes())
    clock = SetClock(NOON)
    made = rooms(keyring)
    program = replace(made, database=Database(f"sqlite:///{path}"), clock=clock)
    people = demo.seed_directory(program, clock.now())
    demo.publish_shipped(program, clock.now())
    like = player_of(program, clock, people)
    sower = Sower(program, clock, people, like.usual, like.calendars)
    for _ in range(CASES):
        case = ""
        for who, what, after in WALK:
            if after:
                sower.pass_time(clock.now() + timedelta(hours=after))
            step = Step(by=who, task=what) if case else Step(by=who, start=what)
            case = sower.act(step, case)
            sower.settle()
    sower.close()
    yield program, path, [one.word for one in sower.sown]
    program.database.close()


def test_no_canary_stands_in_the_database_file_or_its_journal(played: tuple[Tresteg, Path, list[str]]) -> None:
    _, path, sown = played
    assert len(sown) >= CANARIES
    files = sorted(path.parent.glob("tresteg.db*"))
    assert len(files) >= 2, "the journal is there"
    for file in files:
        assert hits(file.read_bytes()) == [], file.name


def test_no_letter_holds_one(played: tuple[Tresteg, Path, list[str]]) -> None:
    program, _, _ = played
    with program.database.transaction(write=False) as tx:
        written = letters.latest(tx, limit=10_000)
        assert len(written) > 20
        for letter in written:
            words = posting.words(letter, "klar-vag", "Kontor", "https://example.invalid")
            assert hits((posting.subject(letter.language) + words).encode()) == []


def test_the_program_itself_still_reads_every_one(played: tuple[Tresteg, Path, list[str]]) -> None:
    program, _, sown = played
    with program.database.transaction(write=False) as tx:
        told = ""
        for brief in cases.listed(tx):
            key = program.house.key(tx, f"case:{brief.id}")
            assert key is not None
            told += "".join(str(one.value) for one in memory.told(tx, key, brief.id))
    kept = [bird for bird in sown if bird in told]
    assert len(kept) >= CANARIES


@pytest.mark.parametrize("spelling", sorted(spellings(BIRD)))
def test_the_scan_would_find_it(spelling: bytes) -> None:
    assert spelling in hits(b"before " + spelling + b" after")
