"""The thief of test_thief.py: a copy of the database, the product, and no key.

He is given more than a thief has: of each turn every other value of the case, so that he only has
to try the values of one field.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from service.casework.cases import stimulus_codec
from service.casework.history import replay
from service.engine import Advance, advance
from service.errors import TrestegError
from service.records import rule_rows
from service.store.installation import keys
from tests.support.played_cases import Played

BOOLEAN = "boolean"
Seen = tuple[Any, ...]


@dataclass(frozen=True)
class Guess:
    """One value of one turn, and what the thief's tries left of its candidates."""

    rev: int
    name: str
    candidates: int
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
        return Guess(
            turn.fact.rev, name, len(candidates), frozenset(fits), frozenset(digest), frozenset(old)
        )

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
