"""A thief has a copy of the database, the product and no key: digests must tell him nothing.

He is given more than a thief has: of each turn every other value of the case, so that he only has
to try the values of one field. Whatever he finds then, he finds by the open path alone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service.actions import rule_rows
from service.actions.cases import stimulus_codec
from service.actions.history import replay
from service.engine import Advance, advance
from service.errors import TrestegError
from service.security import ledger
from service.store.installation import keys
from tests.support.played_cases import Played
from tests.support.scale import figure

BOOLEAN = "boolean"
Seen = tuple[Any, ...]


@dataclass(frozen=True)
class Guess:
    """One value of one turn, and what the thief's tries left of its candidates."""

    rev: int
    name: str
    by_path: frozenset[str]
    by_digest: frozenset[str]
    """Those whose state has the digest that is stored, by any function that needs no key."""
    by_old_digest: frozenset[str]
    """The same, were the digest a plain one of the state, as before 0.2.0."""


def keyless(state: bytes, known: Sequence[bytes]) -> set[str]:
    """Every digest of a state that needs no more than what lies in the open."""
    macs = [hmac.new(key, state, hashlib.sha256).hexdigest() for key in known]
    plain = [hashlib.new(name, state).hexdigest() for name in ("sha256", "sha1", "md5", "blake2b")]
    return {text[:32] for text in [*macs, *plain]}


def seen(turn: Advance) -> Seen:
    """What a turn leaves in the open: steps without rows, open work and its moments."""
    waits = [(o.kind, o.element, o.nth, o.due, o.follow_up) for o in turn.open]
    return rule_rows.open_steps(turn.steps), waits


@dataclass(frozen=True)
class Thief:
    """The turns of one case, and what lies open of its key."""

    turns: Sequence[replay.ReplayedTurn]
    known: Sequence[bytes]

    def guesses(self) -> Iterator[Guess]:
        """Try each value of a closed list, of each turn."""
        for at, turn in enumerate(self.turns):
            for name in turn.values.get("variables", {}):
                type_ = turn.definition.types.get(name)
                values = list(getattr(type_, "values", ()) or ())
                if type_ is not None and type_.kind == BOOLEAN:
                    values = [True, False]
                if len(values) > 1:
                    yield self._guess(at, name, values)

    def _guess(self, at: int, name: str, candidates: Sequence[object]) -> Guess:
        turn = self.turns[at]
        true = turn.outcome.state
        fits: dict[str, bytes] = {}
        for value in candidates:
            played = self._played(at, name, value)
            if played is not None:
                fits[repr(value)] = played.state
        digest = {v for v, state in fits.items() if turn.fact.state in keyless(state, self.known)}
        old = {v for v, state in fits.items() if state == true}
        return Guess(turn.fact.rev, name, frozenset(fits), frozenset(digest), frozenset(old))

    def _played(self, at: int, name: str, value: object) -> Advance | None:
        """The turn with another value, when nothing open differs until the end of the case."""
        state, first = self.turns[at - 1].outcome.state if at else b"", None
        for number, turn in enumerate(self.turns[at:], at):
            values = dict(turn.values)
            if number == at:
                values["variables"] = {**values["variables"], name: value}
            stimulus = stimulus_codec.join(turn.fact.stimulus, values)
            old = self.turns[number - 1].definition if number else None
            now, rev = turn.fact.at, str(turn.fact.rev)
            try:
                tried = advance(turn.definition, state, stimulus, now=now, seed=rev, old=old)
            except TrestegError:
                return None
            if seen(tried) != seen(turn.outcome):
                return None
            first, state = first or tried, tried.state
        return first


def thieves(played: Played, most: int) -> Iterator[Thief]:
    """A thief for each of some stories."""
    services = played.program.services
    with played.program.database.transaction(write=False) as tx:
        for case in list(played.cases.values())[:most]:
            stored = keys.get(tx, f"case:{case}")
            assert stored is not None
            known = [b"", case.encode(), bytes.fromhex(stored.key_id), stored.check_value]
            yield Thief(list(replay.replay_turns(tx, services, case)), [*known, stored.wrapped])


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
            for plain in (turn.outcome.state, ledger.canonical(turn.values)):
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
    "DELETE FROM answers WHERE case_id = :case",
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
