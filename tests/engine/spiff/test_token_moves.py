"""No token moves but by the library: a trace of each step of turns, over the shipped process and
generated diagrams.

The trace is of the interpreter (`sys.setprofile`), so nothing is wrapped and nothing replaced. What
writes a task's state past the library's own function is found by comparing the trees.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import CodeType, FrameType

import SpiffWorkflow

from service.engine.advance import play, result
from service.engine.definition import Definition
from service.engine.spiff.api import COMPLETED, SpiffTask, TaskSpec
from service.engine.spiff.codec import decode, encode, unpack
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.patches import turn
from service.engine.types import Advance, Start, Stimulus
from service.errors import DueFirst, EngineStopped, NotWaiting, SeveralWait
from tests.engine.generated.block_drawing import draw
from tests.engine.generated.blocks import Blocks
from tests.engine.generated.test_random import START, TYPES, Player
from tests.engine.test_shipped import Everybody, shipped
from tests.engine.walks import MONDAY, definition, straight

LIBRARY = str(Path(SpiffWorkflow.__file__).parent)
RUN, COMPLETE, UPDATE = (
    method.__code__ for method in (SpiffTask.run, SpiffTask.complete, TaskSpec._update)
)
SET_STATE = SpiffTask._set_state.__code__
ENTER, LEAVE = CaseExecution.enter.__code__, CaseExecution.leave.__code__


@dataclass
class Trace:
    """What happened, and which functions of the library were running then."""

    completed: dict[int, SpiffTask] = field(default_factory=dict)
    """Tasks that `Task.complete` completed, by identity."""
    ran: int = 0
    """How many of them inside `Task.run`; the others wait for a handler's answer."""
    entered: int = 0
    outside: list[str] = field(default_factory=list)
    """Moves for which no function of the library was running."""

    def note(self, frame: FrameType, event: str, _arg: object) -> None:
        """A call, as the interpreter tells it."""
        if event != "call" or frame.f_code not in {SET_STATE, ENTER, LEAVE}:
            return
        around = set(codes(frame.f_back))
        if frame.f_code is SET_STATE:
            if frame.f_locals["value"] == COMPLETED:
                task = frame.f_locals["self"]
                if COMPLETE in around:
                    self.completed[id(task)] = task
                    self.ran += RUN in around
                else:
                    self.outside.append(f"completed {task.task_spec.name}")
            return
        element = frame.f_locals["task"].task_spec.name
        if frame.f_code is ENTER:
            self.entered += 1
            if not around & {RUN, COMPLETE, UPDATE}:
                self.outside.append(f"entered {element}")
        elif COMPLETE not in around:
            self.outside.append(f"left {element}")


def codes(frame: FrameType | None) -> Iterator[CodeType]:
    """The library's functions that are running."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(LIBRARY):
            yield frame.f_code
        frame = frame.f_back


@contextmanager
def traced() -> Iterator[Trace]:
    """Trace what happens in the block."""
    trace = Trace()
    before = sys.getprofile()
    sys.setprofile(trace.note)
    try:
        yield trace
    finally:
        sys.setprofile(before)


def completed_tasks(case: CaseExecution) -> dict[int, SpiffTask]:
    """The completed tasks of a case in all its scopes, by identity."""
    return {
        id(task): task
        for scope in (case, *case.subprocesses.values())
        for task in scope.tasks.values()
        if task._state == COMPLETED
    }


def traced_turn(
    drawn: Definition, state: bytes, stimulus: Stimulus, now: datetime, seed: str
) -> tuple[Advance, Trace]:
    """One turn; every task that it completed is found in the tree, and in the trace.

    Raises:
        as `advance`.
    """
    with turn(now, seed):
        loaded = decode(drawn, unpack(state)) if state else None
        before = completed_tasks(loaded) if loaded else {}
        with traced() as trace:
            case = loaded or CaseExecution(drawn)
            opened = play(case, stimulus)
        fresh = completed_tasks(case).keys() - before.keys() - trace.completed.keys()
        trace.outside += [completed_tasks(case)[id_].task_spec.name for id_ in fresh]
        return result(case, opened, encode(case)), trace


def check(trace: Trace) -> None:
    """Every move had the library around it."""
    assert trace.outside == []
    assert trace.ran <= len(trace.completed)


def test_the_trace_sees_a_task_that_is_completed_past_the_library() -> None:
    drawn = straight("a b")
    with turn(MONDAY, "1"):
        case = CaseExecution(drawn)
        opened = play(case, Start())
        task = case.task(opened[0].id)
        assert task is not None
        with traced() as trace:
            task._set_state(COMPLETED)
            case.enter(task)
            case.leave(task)
    assert trace.outside == ["completed a", "entered a", "left a"]


def test_no_token_of_the_shipped_process_moves_but_by_the_library() -> None:
    _, drawn = shipped()
    moves = 0
    for seed in range(6):
        everybody = Everybody(seed)
        at, trace = traced_turn(drawn, b"", Start(), MONDAY, "1")
        check(trace)
        for number in range(2, 60):
            if at.finished:
                break
            try:
                at, trace = traced_turn(
                    drawn, at.state, everybody.act(at), everybody.now, str(number)
                )
            except DueFirst:
                continue
            check(trace)
            assert trace.ran > 0
            moves += trace.entered
    assert moves > 200


def test_no_token_of_generated_diagrams_moves_but_by_the_library() -> None:
    moves = 0
    for seed in range(40):
        whole, player = Blocks(seed).whole(), Player(seed)
        drawn = definition(draw(whole), types=TYPES)
        at, trace = traced_turn(drawn, b"", START, MONDAY, "1")
        everywhere = [id_ for id_, one in drawn.elements.items() if one.kind == "userTask"]
        for number in range(2, 40):
            check(trace)
            moves += trace.entered
            stimulus = None if at.finished else player.choose(at.open, whole.starts, everywhere)
            if stimulus is None:
                break
            try:
                at, trace = traced_turn(drawn, at.state, stimulus, player.now, str(number))
            except (DueFirst, NotWaiting, SeveralWait):
                continue
            except EngineStopped:
                break
    assert moves > 1_000
