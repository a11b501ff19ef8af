"""Stored after every step is the same as never stored: random diagrams, random stimuli, walked side
by side.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from service.engine.advance import advance, play
from service.engine.definition import Definition
from service.engine.feel.types import BOOLEAN, DATE, LIST, NUMBER
from service.engine.spiff.activities import MultiInstance
from service.engine.spiff.base import FlowNode
from service.engine.spiff.codec import decode, encode, unpack
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.patches import turn
from service.engine.types import (
    Answer,
    Complete,
    Correct,
    Due,
    Fail,
    Json,
    Message,
    Open,
    Start,
    Stimulus,
)
from service.errors import DueFirst, EngineStopped, NotWaiting, SeveralWait
from tests.engine.generated.block_drawing import draw
from tests.engine.generated.blocks import Blocks
from tests.engine.walks import MONDAY, definition
from tests.support.scale import figure, seeded

TYPES = {"yes": BOOLEAN, "n": NUMBER, "list": LIST, "out": LIST, "day": DATE, "m": NUMBER}
START = Start({"yes": True, "n": 3, "list": [1, 2]})
RUNS = figure("runs")
GROUPS, LONGEST = 10, 60


class Player:
    """Chooses what happens next, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a test wants the same walk again
        self.corrections = random.Random(-1 - seed)  # noqa: S311 - as above
        self.now = MONDAY

    def values(self) -> dict[str, Json]:
        day = (MONDAY + timedelta(days=self.random.randrange(20))).date().isoformat()
        items: list[Json] = [1, 2, 3]
        return {
            "yes": self.random.random() < 0.5,
            "n": self.random.randrange(5),
            "list": items[: self.random.randrange(4)],
            "day": self.random.choice([day, None]),
        }

    def choose(
        self,
        opened: tuple[Open, ...],
        starts: Sequence[tuple[str, str]] = (),
        answered: Sequence[str] = (),
    ) -> Stimulus | None:
        """Something that is open, or a correction of what was answered; timers that are due come
        first.

        `starts`: message and start event of each event sub-process that a message starts.
        """
        can = [o for o in opened if o.kind != "join" and (o.kind != "timer" or o.due)]
        due = sorted(
            (o for o in can if o.due and o.kind == "timer" and o.due <= self.now),
            key=lambda o: (o.due, o.id),
        )
        if not can:
            return None
        if answered and not due and self.corrections.random() < 0.1:
            days: list[Json] = [None, "2026-01-09", "2026-01-19"]
            told: dict[str, Json] = {
                "n": self.corrections.randrange(5),
                "day": self.corrections.choice(days),
            }
            return Correct(self.corrections.choice(answered), told)
        if starts and not due and self.random.random() < 0.1:
            name, element = self.random.choice(starts)
            brings: dict[str, Json] = {"n": len(opened), "yes": True} if len(opened) % 2 else {}
            return Message(name, brings, self.random.choice((element, None)))
        chosen, values = due[0] if due else self.random.choice(can), self.values()
        if chosen.kind == "timer" and chosen.due:
            self.now = max(self.now, chosen.due)
        self.now += timedelta(minutes=1)
        return self.stimulus(chosen, values)

    def stimulus(self, chosen: Open, values: dict[str, Json]) -> Stimulus:
        match chosen.kind:
            case "task":
                return Complete(chosen.id, values)
            case "job":
                return (
                    Fail(chosen.id, "E")
                    if self.random.random() < 0.2
                    else Answer(chosen.id, values)
                )
            case "timer":
                return Due(chosen.id)
        lot = self.random.random()
        brings = values if int(lot * 100) % 2 else {}
        if lot < 0.4:
            return Message(chosen.what, brings, chosen.element, id=chosen.id)
        return Message(chosen.what, brings, chosen.element if lot < 0.7 else None)


def in_memory(case: CaseExecution, stimulus: Stimulus, now: datetime, seed: str) -> list[Open]:
    with turn(now, seed):
        return play(case, stimulus)


def answered_at(drawn: Definition) -> list[str]:
    """Tasks of the whole process that write what they are told to the variables of the case."""
    return [
        spec.element
        for spec in drawn.spec.task_specs.values()
        if isinstance(spec, FlowNode)
        and drawn.elements[spec.element].kind == "userTask"
        and not isinstance(drawn.spec.task_specs[spec.element], MultiInstance)
        and not spec.output_mapping
    ]


def walk(seed: int) -> Iterator[tuple[Definition, bytes]]:
    """Walk one diagram on both roads, and compare after each step; the states on the way."""
    whole, player = Blocks(seed).whole(), Player(seed)
    drawn = definition(draw(whole), types=TYPES)
    stored = advance(drawn, b"", START, now=MONDAY, seed="1")
    with turn(MONDAY, "1"):
        case = CaseExecution(drawn)
        opened = play(case, START)
    for number in range(2, LONGEST):
        if not stored.finished:
            assert list(stored.open) == opened
        assert (stored.variables, stored.finished, stored.ends, stored.inner_end) == (
            case.variables,
            case.completed,
            tuple(case.ends),
            case.inner,
        )
        yield drawn, stored.state
        everywhere = [id_ for id_, one in drawn.elements.items() if one.kind == "userTask"]
        stimulus = None if stored.finished else player.choose(stored.open, whole.starts, everywhere)
        if stimulus is None:
            return
        try:
            following = advance(drawn, stored.state, stimulus, now=player.now, seed=str(number))
        except (DueFirst, NotWaiting, SeveralWait) as refused:
            with pytest.raises(type(refused)):
                in_memory(case, stimulus, player.now, str(number))
            continue
        except EngineStopped as stopped:
            with pytest.raises(EngineStopped) as also:
                in_memory(case, stimulus, player.now, str(number))
            stops = {(stop.kind, stop.element) for stop in (stopped, also.value)}
            assert len(stops) == 1
            return
        opened = in_memory(case, stimulus, player.now, str(number))
        stored = following
        assert stored.steps == tuple(case.steps)


@pytest.mark.parametrize("group", range(GROUPS))
def test_stored_after_every_step_is_the_same_as_never_stored(group: int) -> None:
    for seed in range(group, RUNS, GROUPS):
        with seeded(seed):
            for drawn, state in walk(seed):
                with turn(MONDAY, "0"):
                    assert encode(decode(drawn, unpack(state))) == state


def test_most_random_cases_run_to_an_end_and_none_breaks() -> None:
    finished, kinds = 0, dict[str, int]()
    for seed in range(60):
        states = [state for _, state in walk(seed)]
        finished += unpack(states[-1]).completed
        try:
            drawn = definition(draw(Blocks(seed).whole()), types=TYPES)
            advance(drawn, b"", START, now=MONDAY, seed="1")
        except EngineStopped as stop:
            kinds[stop.kind] = kinds.get(stop.kind, 0) + 1
    assert finished > 15
    assert "broke" not in kinds
