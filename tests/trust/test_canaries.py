"""T6: whoever steals the database file, its journal, the letters or the log learns nothing that was typed about anybody."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service import demo
from service.actions import asking, memory, posting
from service.clock import SetClock
from service.keyring import Keyring
from service.player import Player, player_of
from service.program import Tresteg
from service.scenario import Step
from service.store import cases, letters
from service.store.database import Database
from tests.desk import NOON, rooms

BIRD = "qzkanariefagel"
"""Stands in no word list, and begins every canary."""
CASES, CANARIES, LONG = 9, 500, 40
TYPED = frozenset({"text", "longtext"})


WALK = (
    ("sara", "Start_PersonIdentified", 0),
    ("sara", "Task_OfferReturnInformation", 0),
    ("sara", "Task_SubmitReferral", 0),
    ("omar", "Task_DecideReferral", 0),
    ("aino", "Task_CounselReturnee", 0),
    ("sara", "Task_SignApplication", 0),
    ("aino", "Task_CheckApplication", 0),
    ("aino", "Task_AssessNeeds", 0),
    ("iva", "Task_ConfirmLocalSupport", 0),
    ("aino", "Task_MakePlan", 0),
    ("aino", "Task_IdentifyRisks", 0),
    ("aino", "Task_BookTickets", 0),
    ("iva", "Task_ArrangeArrival", 0),
    ("aino", "Task_BriefReturnee", 0),
    ("aino", "Task_ReviewRisks", 108),
    ("eero", "Task_GoNoGo", 0),
    ("aino", "Task_ConfirmDeparture", 72),
    ("iva", "Task_ConfirmArrival", 12),
    ("iva", "Task_MeetReturnee", 24),
    ("aino", "Task_ForwardFeedback", 0),
    ("iva", "Task_AdaptPlan", 0),
)
"""A case from the first talk to the plan at home: who, what, and how many hours later."""


@dataclass
class Sower(Player):
    """Plays stories, and types a canary into every field for free words."""

    sown: list[str] = field(default_factory=list)

    def answers(self, form: str, own: Mapping[str, Any], reader: asking.Reader, until: datetime | None = None) -> dict[str, list[str]]:
        found = super().answers(form, own, reader, until)
        with self.program.database.transaction(write=False) as tx:
            fields = dict(self.program.house.current(tx).forms[form].walk()) if form else {}
        for path in found:
            plain = ".".join(part for part in path.split(".") if not part.isdecimal())
            if plain in fields and fields[plain].kind in TYPED and (fields[plain].limits.longest or LONG) >= LONG:
                self.sown.append(f"{BIRD}{len(self.sown):04}")
                found[path] = [self.sown[-1]]
        return found


def spellings(word: str) -> set[bytes]:
    """A word as bytes might hold it: three encodings, hex, and base64 at each of its three places."""
    plain = word.encode()
    found = {plain, word.upper().encode(), word.encode("utf-16-le"), word.encode("utf-16-be"), plain.hex().encode(), plain.hex().upper().encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + plain)
        found |= {text[4 if shift else 0 : -4], text[4 if shift else 0 : -4].translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def hits(data: bytes, words: Collection[str] = (BIRD,)) -> list[bytes]:
    return [spelling for word in words for spelling in spellings(word) if spelling in data]


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
    yield program, path, sower.sown
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
