"""History is the truth: a state is the fold of a case's facts.

Replay, verification, dry runs and migration are this fold with different luggage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from service.engine.advance import advance
from service.engine.compare import Rerun, RerunVerdict
from service.engine.definition import Definition
from service.engine.types import Advance, Stimulus, Variables


class RecordedTurn(Protocol):
    """What the fold must know of a fact; the store's rows fit."""

    @property
    def definition(self) -> tuple[str, str]:
        """Key of the definition that it was made with: release and process."""

    @property
    def stimulus(self) -> Stimulus:
        """What happened."""

    @property
    def now(self) -> datetime:
        """When, as the engine was told."""

    @property
    def seed(self) -> str:
        """Its number, as text."""


def turns(
    definitions: Mapping[tuple[str, str], Definition],
    facts: Iterable[RecordedTurn],
    state: bytes = b"",
) -> Iterator[Advance]:
    """What each fact brought, in order; `state` is the state before the first of them."""
    for fact in facts:
        turn = advance(
            definitions[fact.definition], state, fact.stimulus, now=fact.now, seed=fact.seed
        )
        state = turn.state
        yield turn


def fold(
    definitions: Mapping[tuple[str, str], Definition],
    facts: Iterable[RecordedTurn],
    state: bytes = b"",
) -> bytes:
    """The state after all of the facts."""
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
    """Let the recorded acts of a case happen on a draft, and say what would have been different.

    An act finds its work by kind, element and number, since ids differ between definitions. Timers
    of the draft fire at their own due times between the facts; a recorded firing that the draft has
    no timer for is passed over, and so are moves: the draft is one version all along.

    Args:
        definitions: those that the facts were made with.
        samples: by topic, what a handler would answer when the draft asks for a call that was never
            made; without one the run waits there.
    Source: engine.md 13.3.
    """
    told = list(facts)
    history = [
        (fact.stimulus, fact.now, turn)
        for fact, turn in zip(told, turns(definitions, told), strict=True)
    ]
    return Rerun(draft, history, samples or {}).verdict()
