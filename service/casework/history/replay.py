"""The replay of a case: its facts played again, one turn after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.casework.cases import stimulus_codec
from service.engine import Advance, Definition, LastState, Stimulus, TurnSource, advance
from service.errors import CannotOpen, NotFound
from service.records import rule_rows
from service.records.context import Services
from service.security.vault import OwnerKey
from service.store.casefile import cases, facts
from service.store.transaction import Tx

MOVE: Final = "move"
"""Kind of a fact that takes the case to another release."""
RESTORE: Final = "restore"
"""Kind of a fact that takes the case back to an earlier one, whose number it names."""


@dataclass(frozen=True, slots=True)
class ReplayedTurn:
    """One fact played again: the stored row, its definition, the engine's result this time, what
    its payload holds, and the key of its case.
    """

    fact: facts.Fact
    stimulus: Stimulus
    definition: Definition
    outcome: Advance
    values: Mapping[str, Any]
    key: OwnerKey
    source: TurnSource
    """What the turn was made of, apart from its stimulus and time."""

    @property
    def moves(self) -> bool:
        """Whether it took the case to another release."""
        return self.fact.kind in (MOVE, RESTORE)


def replay_turns(
    tx: Tx, services: Services, case_id: str, *, upto: int | None = None
) -> Iterator[ReplayedTurn]:
    """Replay a case from its facts, one turn after the other.

    Args:
        upto: number of the last fact; None: all of them.
    Raises:
        NotFound: no such case.
        CannotOpen: a payload is not what was sealed.
        TrestegError: the engine does not accept the fact any more.
    """
    brief, key = load_case_and_key(tx, services, case_id)
    payloads = facts.payloads(tx, [case_id])
    state, old = b"", None
    history = facts.of_case(tx, case_id, upto=upto)
    wanted = {fact.stimulus.get("fact") for fact in history if fact.kind == RESTORE}
    states: dict[int, bytes] = {}
    last = LastState()
    for fact in history:
        used = set[tuple[str, str]]()
        definition = services.release(tx, fact.release_id).definitions[brief.process]
        values = rule_rows.open_payload(key, fact, payloads)
        stimulus = stimulus_codec.join(fact.stimulus, values, states)
        outcome = advance(
            definition,
            state,
            stimulus,
            now=fact.at,
            seed=str(fact.rev),
            old=old,
            last=last,
            used=used,
        )
        state, old = outcome.state, definition
        if fact.rev in wanted:
            states[fact.rev] = state
        source = TurnSource(definition, str(fact.rev), frozenset(used))
        yield ReplayedTurn(fact, stimulus, definition, outcome, values, key, source)


def load_case_and_key(
    tx: Tx, services: Services, case_id: str
) -> tuple[cases.CaseSummary, OwnerKey]:
    """Load a case and its key.

    Raises:
        NotFound: no such case.   CannotOpen: its key is gone.
    """
    brief = cases.get(tx, case_id)
    if brief is None:
        raise NotFound
    key = services.key(tx, f"case:{case_id}")
    if key is None:
        raise CannotOpen(owner=f"case:{case_id}", table="vault_key", column="wrapped")
    return brief, key
