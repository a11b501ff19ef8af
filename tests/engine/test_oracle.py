"""The engine against an interpreter of the block structure that shares nothing with it: the same is open after every stimulus."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from service.engine.advance import advance
from service.engine.values import Advance, Answer, Complete, Due, Fail, Message, Stimulus
from service.errors import DueFirst, EngineStopped, NotWaiting, SeveralWait
from tests.engine.blocks import Blocks
from tests.engine.drawing import MONDAY, definition
from tests.engine.oracle import Endless, Oracle, Together
from tests.engine.test_random import START, TYPES, Player

RUNS = int(os.environ.get("TRESTEG_RANDOM", "300"))
LONGEST = 60


def looked(turn: Advance) -> Counter[tuple[str, str, int, object]]:
    """What is open, as the oracle says it."""
    return Counter((o.kind, o.element, 0 if o.kind == "join" else o.nth, o.due) for o in turn.open)


def told(oracle: Oracle, turn: Advance, stimulus: Stimulus, player: Player) -> None:
    """Let the same happen to the oracle."""
    if isinstance(stimulus, Message):
        (taker,) = oracle.takers(stimulus.name, stimulus.element)
        nth = next((o.nth for o in turn.open if o.element == taker and o.kind == "message"), 0)
        oracle.act("message", taker, nth, {}, player.now)
        return
    assert isinstance(stimulus, Complete | Answer | Fail | Due)
    id_ = stimulus.task if isinstance(stimulus, Complete) else stimulus.job
    done = next(o for o in turn.open if o.id == id_)
    values = None if isinstance(stimulus, Fail) else {} if isinstance(stimulus, Due) else dict(stimulus.variables)
    oracle.act(done.kind, done.element, done.nth, values, player.now)


def compared(seed: int) -> str:
    """Walk one process with both; how it ended."""
    whole, player = Blocks(seed).whole(), Player(seed)
    drawn = definition(whole.file(), types=TYPES)
    try:
        turn = advance(drawn, b"", START, now=MONDAY, seed="1")
    except EngineStopped as stopped:
        with pytest.raises(Endless):
            Oracle(whole, dict(START.variables), MONDAY)
        return stopped.kind
    oracle = Oracle(whole, dict(START.variables), MONDAY)
    for number in range(2, LONGEST):
        assert (looked(turn), turn.variables, turn.finished) == (oracle.open(), oracle.variables, oracle.finished), (seed, number)
        assert turn.ends == tuple(oracle.ends), (seed, number)
        stimulus = None if turn.finished else player.choose(turn.open, beside=whole.beside)
        if stimulus is None:
            return "finished" if turn.finished else "waits for what has no date"
        try:
            following = advance(drawn, turn.state, stimulus, now=player.now, seed=str(number))
        except DueFirst:
            assert any(w.kind == "timer" and (due := w.when()) and due <= player.now for w in oracle.waits()), (seed, number)
            continue
        except (NotWaiting, SeveralWait) as refused:
            assert isinstance(stimulus, Message)
            assert (len(oracle.takers(stimulus.name, stimulus.element)) > 1) == isinstance(refused, SeveralWait), (seed, number)
            continue
        except EngineStopped as stopped:
            assert stopped.kind == "steps"
            with pytest.raises(Endless):
                told(oracle, turn, stimulus, player)
            return stopped.kind
        told(oracle, turn, stimulus, player)
        turn = following
    return "goes on"


@pytest.mark.parametrize("group", range(10))
def test_what_is_open_is_what_the_blocks_mean(group: int) -> None:
    for seed in range(group, RUNS, 10):
        compared(seed)


def test_most_of_the_walks_that_are_compared_come_to_an_end() -> None:
    assert Counter(compared(seed) for seed in range(60))["finished"] > 30


def test_an_oracle_that_is_wrong_on_purpose_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Together, "arrived", lambda self, place: self.done())
    with pytest.raises((AssertionError, AttributeError, StopIteration, ValueError)):
        for seed in range(60):
            compared(seed)
