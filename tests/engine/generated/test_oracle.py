"""The engine against an interpreter of the block structure that shares nothing with it: the same is
open after every stimulus.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.types import Advance, Answer, Complete, Correct, Due, Fail, Message, Stimulus
from service.errors import DueFirst, EngineStopped, NotWaiting, SeveralWait
from tests.engine.generated import oracle_parts, oracle_scopes
from tests.engine.generated.block_drawing import draw
from tests.engine.generated.blocks import Blocks
from tests.engine.generated.oracle import Oracle, Unordered
from tests.engine.generated.oracle_event_subs import Uncaught
from tests.engine.generated.oracle_parts import Endless
from tests.engine.generated.oracle_scopes import civil
from tests.engine.generated.test_random import START, TYPES, Player, answered_at
from tests.engine.walks import MONDAY, definition
from tests.support.scale import figure, seeded

RUNS = figure("oracle")
LONGEST = 60
STOPS = {"steps": Endless, "error_uncaught": Uncaught}


@contextmanager
def deep() -> Iterator[None]:
    """The oracle calls itself in each round of a loop, below all that a test runner calls."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(4 * usual)
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


def looked(turn: Advance) -> Counter[tuple[str, str, int, object]]:
    """What is open, as the oracle says it."""
    return Counter((o.kind, o.element, 0 if o.kind == "join" else o.nth, o.due) for o in turn.open)


def apply(oracle: Oracle, turn: Advance, stimulus: Stimulus, player: Player) -> None:
    """Let the same happen to the oracle."""
    if isinstance(stimulus, Message):
        ((taker, nth),) = oracle.takers(*addressed(turn, stimulus))
        oracle.act("message", taker, nth, dict(stimulus.variables), player.now)
        return
    if isinstance(stimulus, Correct):
        oracle.now = player.now
        oracle.variables.update(stimulus.variables)
        return
    assert isinstance(stimulus, Complete | Answer | Fail | Due)
    id_ = stimulus.task if isinstance(stimulus, Complete) else stimulus.job
    done = next(o for o in turn.open if o.id == id_)
    values = (
        None
        if isinstance(stimulus, Fail)
        else {}
        if isinstance(stimulus, Due)
        else dict(stimulus.variables)
    )
    oracle.act(done.kind, done.element, done.nth, values, player.now)


def addressed(turn: Advance, message: Message) -> tuple[str, str | None, int]:
    """Name, element and number of what a message is for; 0: whichever waits."""
    nth = next((o.nth for o in turn.open if message.id and o.id == message.id), 0)
    return message.name, message.element, nth


def compared(seed: int) -> str:
    """Walk one process with both; how it ended."""
    whole, player = Blocks(seed).whole(), Player(seed)
    drawn = definition(draw(whole), types=TYPES)
    turn, oracle, refusal = (
        advance(drawn, b"", START, now=MONDAY, seed="1"),
        Oracle(whole, dict(START.variables), MONDAY),
        "",
    )
    answered = answered_at(drawn)
    for number in range(2, LONGEST):
        assert (looked(turn), turn.variables, turn.finished) == (
            oracle.open(),
            oracle.variables,
            oracle.finished,
        ), (seed, number)
        assert turn.ends == tuple(oracle.ends), (seed, number)
        stimulus = None if turn.finished else player.choose(turn.open, whole.starts, answered)
        if stimulus is None:
            return "finished" if turn.finished else "waits for what has no date"
        following, refusal = happened(drawn, turn, stimulus, player.now, str(number))
        if refusal in STOPS:
            with pytest.raises(STOPS[refusal]), deep():
                apply(oracle, turn, stimulus, player)
            return refusal
        assert refusal == expected(oracle, turn, stimulus, player.now), (seed, number)
        if following is not None:
            try:
                apply(oracle, turn, stimulus, player)
            except Unordered:
                return "not compared further"
            turn = following
    return "goes on"


def happened(
    drawn: Definition, turn: Advance, stimulus: Stimulus, now: datetime, seed: str
) -> tuple[Advance | None, str]:
    """The next turn, or the name of what refused it."""
    try:
        return advance(drawn, turn.state, stimulus, now=now, seed=seed), ""
    except EngineStopped as stopped:
        return None, stopped.kind
    except (DueFirst, NotWaiting, SeveralWait) as refused:
        return None, type(refused).__name__


def expected(oracle: Oracle, turn: Advance, stimulus: Stimulus, now: datetime) -> str:
    """The refusal that the oracle foresees; empty when there is none."""
    if not isinstance(stimulus, Due) and any(
        w.kind == "timer" and (due := w.when()) and due <= now for w in oracle.waits()
    ):
        return "DueFirst"
    if isinstance(stimulus, Message):
        return {0: "NotWaiting", 1: ""}.get(
            len(oracle.takers(*addressed(turn, stimulus))), "SeveralWait"
        )
    return ""


@pytest.mark.parametrize("group", range(10))
def test_what_is_open_is_what_the_blocks_mean(group: int) -> None:
    for seed in range(group, RUNS, 10):
        with seeded(seed):
            compared(seed)


def test_most_of_the_walks_that_are_compared_come_to_an_end() -> None:
    assert Counter(compared(seed) for seed in range(60))["finished"] > 30


def test_an_oracle_that_is_wrong_on_purpose_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (oracle_parts, oracle_scopes):
        monkeypatch.setattr(module, "civil", lambda start, days: civil(start, days + 1))
    with pytest.raises(AssertionError):
        Counter(compared(seed) for seed in range(60))
