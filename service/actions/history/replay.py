"""A case played again from its facts, one turn after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from service.actions.cases import stimulus_codec
from service.actions.context import Services
from service.engine import Advance, Definition, advance
from service.errors import CannotOpen, NotFound
from service.security.vault import OwnerKey
from service.store.casefile import cases, facts
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class ReplayedTurn:
    """One fact played again: the stored row, its definition, and what the engine brought this time."""

    fact: facts.Fact
    definition: Definition
    outcome: Advance


def replay_turns(tx: Tx, services: Services, case_id: str) -> Iterator[ReplayedTurn]:
    """Fold a case from its facts, one turn after the other.

    Raises:
        NotFound: no such case.
        CannotOpen: a payload is not what was sealed.
        TrestegError: the engine does not take the fact any more.
    """
    brief, key = load_case_and_key(tx, services, case_id)
    boxes = facts.payloads(tx, [case_id])
    state = b""
    for fact in facts.of_case(tx, case_id):
        definition = services.release(tx, fact.release_id).definitions[brief.process]
        values = _payload(key, fact, boxes)
        outcome = advance(
            definition,
            state,
            stimulus_codec.join(fact.stimulus, values),
            now=fact.at,
            seed=str(fact.rev),
        )
        state = outcome.state
        yield ReplayedTurn(fact, definition, outcome)


def load_case_and_key(
    tx: Tx, services: Services, case_id: str
) -> tuple[cases.CaseSummary, OwnerKey]:
    """A case and its key.

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


def _payload(
    key: OwnerKey, fact: facts.Fact, boxes: dict[tuple[str, int], bytes]
) -> dict[str, object]:
    box = boxes.get((fact.case_id, fact.rev))
    if box is None:
        raise CannotOpen(owner=key.owner, table="fact_payload", column="sealed")
    content, _ = key.open_committed(
        "routing", box, table="fact_payload", column="sealed", row=fact.case_id, extra=str(fact.rev)
    )
    values: dict[str, object] = json.loads(content)
    return values
