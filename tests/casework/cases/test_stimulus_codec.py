"""A stimulus survives being taken apart and put together; values are in the sealed part only."""

from __future__ import annotations

import json

import pytest

from service.casework.cases.stimulus_codec import join, split
from service.engine import Answer, Complete, Correct, Due, Fail, Message, Move, Start, Stimulus
from service.errors import WrongDefinition

VALUES = {"answer": "SECRET"}
STIMULI: list[Stimulus] = [
    Start(VALUES, "s", {"Doer": "sweden"}),
    Complete("t1", VALUES, {"Doer": "sweden"}),
    Complete("t1", VALUES, None),
    Answer("j1", VALUES, None),
    Message("Msg", VALUES, "m", None),
    Message("Msg", VALUES, None, None, "7.2"),
    Correct("t", VALUES),
    Fail("j1", "LOST"),
    Due("t1"),
    Move({"a": "b"}, frozenset({"t"})),
]


@pytest.mark.parametrize("stimulus", STIMULI, ids=repr)
def test_a_stimulus_is_put_together_again(stimulus: Stimulus) -> None:
    plain, sealed = split(stimulus)
    stored = json.loads(json.dumps(plain)), json.loads(json.dumps(sealed))
    assert join(*stored) == stimulus


@pytest.mark.parametrize("stimulus", STIMULI, ids=repr)
def test_no_value_is_stored_in_the_open(stimulus: Stimulus) -> None:
    plain, _ = split(stimulus)
    assert "SECRET" not in json.dumps(plain)


def test_a_message_without_an_id_is_stored_as_it_ever_was() -> None:
    stored, _ = split(Message("Msg", VALUES, "m"))
    assert stored == {"kind": "message", "name": "Msg", "element": "m"}
    assert join(stored, {"variables": VALUES}) == Message("Msg", VALUES, "m")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(WrongDefinition, match="kind 'jump'"):
        join({"kind": "jump"}, {})
