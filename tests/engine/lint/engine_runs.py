"""All ways that a small case can go on the engine, for what the linter claims of a diagram."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.types import (
    Advance,
    Answer,
    Complete,
    Due,
    Json,
    Message,
    Open,
    Start,
    Stimulus,
)
from service.errors import DueFirst, EngineStopped
from tests.engine.walks import MONDAY

_MOST = 600


@dataclass
class Runs:
    """What happened on any way."""

    finished: bool = False
    """A way led to the end of the case."""
    stuck: set[str] = field(default_factory=set)
    """Joins that waited with nothing else left to do."""
    twice: set[str] = field(default_factory=set)
    """Steps that were open twice at once."""
    reached: set[str] = field(default_factory=set)
    """Elements that were passed."""
    stopped: set[str] = field(default_factory=set)
    """Kinds of stop."""
    open_at_end: dict[str, set[str]] = field(default_factory=dict)
    """End event to the steps that were still open after a turn that passed it."""


def explore(drawn: Definition) -> Runs:
    """Try every order of what waits, yes and no for each answer, and each message once."""
    runs, seen = Runs(), set[tuple[object, ...]]()
    todo: list[tuple[bytes, Stimulus, datetime, frozenset[str]]] = [
        (b"", Start({"yes": yes}), MONDAY, frozenset()) for yes in (True, False)
    ]
    while todo:
        state, stimulus, now, sent = todo.pop()
        if isinstance(stimulus, Message):
            sent |= {stimulus.name}
        try:
            turn = advance(drawn, state, stimulus, now=now, seed=str(len(seen)))
        except DueFirst:
            continue  # the timer that is due is fired on another way
        except EngineStopped as stop:
            runs.stopped.add(stop.kind)
            continue
        _note(runs, turn)
        key = (
            *sorted((o.kind, o.element, o.item) for o in turn.open),
            turn.variables.get("yes"),
            sent,
        )
        if key in seen or turn.finished:
            continue
        seen.add(key)
        assert len(seen) < _MOST, "this diagram is not small"
        steps = (step for o in turn.open if o.what not in sent for step in _stimuli(o, now))
        todo += [(turn.state, *step, sent) for step in steps]
    return runs


def _note(runs: Runs, turn: Advance) -> None:
    runs.reached |= {step.element for step in turn.steps}
    runs.finished |= turn.finished
    steps = Counter(o.element for o in turn.open if o.kind in {"task", "job"})
    runs.twice |= {element for element, n in steps.items() if n > 1}
    if not turn.finished and all(o.kind == "join" for o in turn.open):
        runs.stuck |= {o.element for o in turn.open}
    for step in turn.steps:
        runs.open_at_end.setdefault(step.element, set()).update(steps)


def _stimuli(opened: Open, now: datetime) -> Iterator[tuple[Stimulus, datetime]]:
    answers: list[dict[str, Json]] = [{"yes": True}, {"yes": False}]
    match opened.kind:
        case "task":
            yield from ((Complete(opened.id, answer), now) for answer in answers)
        case "job":
            yield Answer(opened.id, {}), now
        case "timer":
            assert opened.due is not None
            yield Due(opened.id), max(now, opened.due)
        case "message":
            yield Message(opened.what, {}, opened.element), now
