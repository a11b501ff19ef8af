"""A case is played again turn by turn, as it was."""

from __future__ import annotations

from service.casework.history import replay
from service.security.purposes import STATE
from tests.support.world import World


def test_every_turn_is_as_its_fact_tells(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    with desk.database.transaction(write=False) as tx:
        turns = [*replay.replay_turns(tx, desk.program.services, case_id)]
        _, keys = replay.load_case_and_keys(tx, desk.program.services, case_id)
    assert [turn.fact.kind for turn in turns] == ["start", "complete"]
    assert [keys.require_own().digest(STATE, turn.outcome.state) for turn in turns] == [
        turn.fact.state for turn in turns
    ]
