"""A replay plays every fact again and gives the state that was stored."""

from __future__ import annotations

import pytest

from service.casework.history import replay
from service.errors import CannotOpen, NotFound
from service.security.purposes import STATE
from tests.support.damaged_case import FACT, DamagedCase


def test_every_turn_gives_the_state_of_its_fact(damaged: DamagedCase) -> None:
    turns = [*replay.replay_turns(damaged.tx, damaged.desk.program.services, damaged.case)]
    assert [turn.fact.rev for turn in turns] == [1, 2, 3]
    for turn in turns:
        assert turn.key.digest(STATE, turn.outcome.state) == turn.fact.state


def test_a_fact_without_its_payload_ends_the_replay(damaged: DamagedCase) -> None:
    damaged.delete("fact_payload", FACT)
    turns = replay.replay_turns(damaged.tx, damaged.desk.program.services, damaged.case)
    assert next(turns).fact.rev == 1
    with pytest.raises(CannotOpen):
        next(turns)


def test_a_case_without_its_key_cannot_be_opened(damaged: DamagedCase) -> None:
    services = damaged.desk.program.services
    with pytest.raises(NotFound):
        replay.load_case_and_keys(damaged.tx, services, "none")
    damaged.delete("vault_key", "owner = 'case:' || :case")
    with pytest.raises(CannotOpen):
        replay.load_case_and_keys(damaged.tx, services, damaged.case)
