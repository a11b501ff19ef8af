"""A thief has a copy of the database, the product and no key: digests must tell him nothing.

Whatever he finds, he finds by the open path alone; docs/why.md says what that tells.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from service.security import ledger_lines
from tests.support.played_cases import Played
from tests.support.scale import figure
from tests.tools import open_path
from tests.trust.thief import Guess, keyless, thieves


@pytest.fixture(scope="module")
def guesses(played: Played) -> list[Guess]:
    return [g for thief in thieves(played, figure("thieves")) for g in thief.guesses()]


def found(guesses: Sequence[Guess], of: Callable[[Guess], frozenset[str]]) -> int:
    return sum(len(of(guess)) == 1 for guess in guesses)


def test_digests_tell_a_thief_nothing(guesses: list[Guess]) -> None:
    assert len(guesses) > 30
    assert all(guess.by_path for guess in guesses)
    assert [guess for guess in guesses if guess.by_digest] == []


def test_a_plain_digest_of_the_state_would_tell_him(guesses: list[Guess]) -> None:
    by_path = found(guesses, lambda guess: guess.by_path)
    assert found(guesses, lambda guess: guess.by_old_digest) > by_path * 1.2 + 10


def test_the_page_says_what_the_path_tells(played: Played, guesses: list[Guess]) -> None:
    kept = open_path.kept()
    rows = open_path.rows_of(guesses)
    if figure("thieves") >= len(played.cases):
        assert open_path.written(rows) == kept, "run python -m tests.tools.open_path"
    lines = {line.split("`")[1]: line for line in kept.splitlines() if "`" in line}
    assert rows.keys() <= lines.keys()
    told = {name for name, (_, less, known) in rows.items() if less or known}
    assert not [name for name in told if lines[name].endswith("| 0 | 0 |")]


def path_of(played: Played) -> Path:
    return Path(str(played.program.database.engine.url.database))


def digests_in(path: Path) -> set[str]:
    """The first 16 bytes of everything in a database that could be a digest, hex."""
    with closing(sqlite3.connect(path)) as opened:
        dump = "\n".join(opened.iterdump()).lower()
    return {text[:32] for text in re.findall("[0-9a-f]{32,}", dump)}


def test_no_row_holds_a_plain_digest_of_what_is_sealed(played: Played) -> None:
    there = digests_in(path_of(played))
    for thief in thieves(played, len(played.cases)):
        for turn in thief.turns:
            for plain in (turn.outcome.state, ledger_lines.canonical(turn.values)):
                assert keyless(plain, thief.known).isdisjoint(there)
            assert turn.fact.state in there
            rows = [detail for what, _, _, detail in turn.fact.steps if what == "decided"]
            assert all(len(detail) == 1 for detail in rows)


def test_another_keys_digest_of_the_same_state_differs(played: Played) -> None:
    one, other = list(thieves(played, 2))
    state = one.turns[0].outcome.state
    assert one.turns[0].key.digest("state", state) == one.turns[0].fact.state
    assert other.turns[0].key.digest("state", state) != one.turns[0].fact.state


ERASED = (
    "DELETE FROM vault_key WHERE owner = 'case:' || :case",
    "DELETE FROM fact_payload WHERE case_id = :case",
    "DELETE FROM fact_payload WHERE case_id = :case",
    "UPDATE cases SET snapshot = NULL WHERE id = :case",
)


def test_after_erasure_no_digest_can_be_tried(played: Played, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copyfile(path_of(played), copy)
    (thief,) = thieves(played, 1)
    case = thief.turns[0].fact.case_id
    with closing(sqlite3.connect(copy)) as opened, opened:
        guards = opened.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in guards:
            opened.execute(f"DROP TRIGGER {name}")
        for statement in ERASED:
            opened.execute(statement, {"case": case})
        states = [
            state.hex()
            for (state,) in opened.execute(
                "SELECT state FROM fact WHERE case_id = ? ORDER BY rev", [case]
            )
        ]
    left = digests_in(copy)
    for turn, state in zip(thief.turns, states, strict=True):
        assert state == turn.fact.state
        assert state not in keyless(turn.outcome.state, thief.known)
        assert keyless(turn.outcome.state, thief.known).isdisjoint(left)
    assert thief.known[-1].hex()[:32] not in left
