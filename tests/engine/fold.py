"""The fold of facts in its plainest form: what verification and dry runs do must give the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from service.engine.advance import advance
from service.engine.compare import RerunVerdict, verdict
from service.engine.definition import Definition
from service.engine.shared_turns import SpecName, TurnSource
from service.engine.spiff.codec import unpack
from service.engine.stored_state import LastState
from service.engine.types import Advance, Move, Stimulus, Variables


class RecordedTurn(Protocol):
    """A fact as the fold reads it; the store's rows fit."""

    @property
    def definition(self) -> tuple[str, str]:
        """Key of the definition that it was made with: release and process."""

    @property
    def stimulus(self) -> Stimulus:
        """What happened."""

    @property
    def now(self) -> datetime:
        """The time that the engine was given."""

    @property
    def seed(self) -> str:
        """Its number, as text."""


def turns(
    definitions: Mapping[tuple[str, str], Definition],
    facts: Iterable[RecordedTurn],
    state: bytes = b"",
) -> Iterator[Advance]:
    """Play the facts: what each brought, in order; `state` is the state before the first of them.

    Raises: as `advance`.
    """
    for turn, _ in sourced_turns(definitions, facts, state):
        yield turn


def sourced_turns(
    definitions: Mapping[tuple[str, str], Definition],
    facts: Iterable[RecordedTurn],
    state: bytes = b"",
) -> Iterator[tuple[Advance, TurnSource]]:
    """As `turns`, each with what it was made of."""
    last = LastState()
    for fact in facts:
        definition, old = definitions[fact.definition], None
        used = set[SpecName]()
        if isinstance(fact.stimulus, Move):
            digest = unpack(state).digest
            old = next((d for d in definitions.values() if d.digest == digest), None)
        turn = advance(
            definition,
            state,
            fact.stimulus,
            now=fact.now,
            seed=fact.seed,
            old=old,
            last=last,
            used=used,
        )
        state = turn.state
        yield turn, TurnSource(definition, fact.seed, frozenset(used))


def fold(
    definitions: Mapping[tuple[str, str], Definition],
    facts: Iterable[RecordedTurn],
    state: bytes = b"",
) -> bytes:
    """The state after all of the facts. Raises: as `advance`."""
    for turn in turns(definitions, facts, state):
        state = turn.state
    return state


def compare(
    definitions: Mapping[tuple[str, str], Definition],
    draft: Definition,
    facts: Iterable[RecordedTurn],
    *,
    samples: Mapping[str, Variables] | None = None,
) -> RerunVerdict:
    """Compare a case with what its recorded acts would have done on a draft.

    An act finds its work by kind, element and number, since ids differ between definitions. Timers
    of the draft fire at their own due times between the facts; a recorded firing that the draft has
    no timer for is passed over, and so are moves: the draft is one version all along.

    Args:
        definitions: those that the facts were made with.
        samples: by topic, what a handler would answer when the draft asks for a call that was never
            made; without one the run waits there.
    """
    recorded = list(facts)
    played = [*sourced_turns(definitions, recorded)]
    history = [
        (fact.stimulus, fact.now, turn) for fact, (turn, _) in zip(recorded, played, strict=True)
    ]
    return verdict(draft, history, samples or {}, [source for _, source in played])
