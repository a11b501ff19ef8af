"""How tests of the engine read small diagrams, and walk cases through them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from service.engine.advance import advance
from service.engine.bpmn.parser import read_trees
from service.engine.definition import Definition, define
from service.engine.feel.types import BOOLEAN, LIST, NUMBER, STRING, Type
from service.engine.stored_state import LastState
from service.engine.types import (
    Advance,
    Answer,
    Complete,
    Due,
    Fail,
    Files,
    Json,
    Message,
    Open,
    Start,
    Stimulus,
)
from tests.support.diagrams import diagram, end, nodes, start

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
TYPES: Mapping[str, Type] = {"yes": BOOLEAN, "n": NUMBER, "list": LIST, "out": LIST, "text": STRING}


def definition(
    data: bytes,
    *,
    types: Mapping[str, Type] = TYPES,
    calendars: Mapping[str, bytes] | None = None,
    rules: Mapping[str, bytes] | None = None,
) -> Definition:
    """Read and build a small diagram.

    It is not linted: guard tests draw what the linter would refuse.
    """
    files = Files({"p.bpmn": data}, rules=rules or {}, types=types, calendars=calendars or {})
    reading = read_trees(files)
    assert not reading.findings
    return define(files, reading.model)["p"]


def small(inside: str, flow: str, ends: str = "e") -> Definition:
    """A process with a start s, some ends, and what is between."""
    return definition(diagram(start() + inside + nodes("endEvent", ends), flow))


def straight(ids: str, more: str = "", flow: str = "") -> Definition:
    """Start s, tasks for people in a row, end e."""
    chain = ["s", *ids.split(), "e"]
    links = " ".join(f"{a}>{b}" for a, b in pairwise(chain))
    return definition(diagram(start() + nodes("userTask", ids) + more + end(), f"{links} {flow}"))


class Walk:
    """A case under test: what waits in it, and a clock with hands."""

    made_with: Definition | None = None
    """The definition that the case was on in its last turn."""

    def __init__(
        self, drawn: Definition, begin: Start | None = None, now: datetime = MONDAY
    ) -> None:
        self.definition = drawn
        self.now = now
        self.seed = 0
        self.state = b""
        self.last = LastState()
        self.log: list[tuple[Stimulus, datetime, str]] = []
        self.turn: Advance = self.act(begin or Start())

    def act(self, stimulus: Stimulus, now: datetime | None = None) -> Advance:
        """Let something happen."""
        self.now = now or self.now
        definition, state, seed = self.definition, self.state, str(self.seed + 1)
        turn = advance(definition, state, stimulus, now=self.now, seed=seed, old=self.made_with)
        # a turn does the same when it is handed what the one before has left in memory
        again = advance(
            definition,
            state,
            stimulus,
            now=self.now,
            seed=seed,
            old=self.made_with,
            last=self.last,
        )
        assert again == turn
        self.state = again.state
        self.made_with = self.definition
        self.seed += 1
        self.turn = turn
        self.log.append((stimulus, self.now, str(self.seed)))
        return turn

    def open(self, *kinds: str) -> list[str]:
        """Elements that are open, of those kinds or of all."""
        return [o.element for o in self.turn.open if not kinds or o.kind in kinds]

    def one(self, element: str, place: int = 0) -> Open:
        """What is open at an element."""
        return [o for o in self.turn.open if o.element == element][place]

    def do(self, element: str, place: int = 0, **variables: Json) -> Advance:
        """Complete a task, answer a job, fire a timer in its time, send a message: whatever waits
        there.
        """
        opened = self.one(element, place)
        match opened.kind:
            case "task":
                return self.act(Complete(opened.id, variables))
            case "job":
                return self.act(Answer(opened.id, variables))
            case "timer":
                assert opened.due is not None
                return self.act(Due(opened.id), max(self.now, opened.due))
            case "message":
                return self.act(Message(opened.what, variables, element))
        raise AssertionError(opened)

    def fail(self, element: str, code: str) -> Advance:
        """A handler reports an error."""
        return self.act(Fail(self.one(element).id, code))

    def later(self, **time: float) -> None:
        """Let time go by."""
        self.now += timedelta(**time)

    def steps_of(self, what: str) -> list[tuple[str, tuple[str | int, ...]]]:
        """Element and detail of the last turn's steps of a kind."""
        return [(s.element, s.detail) for s in self.turn.steps if s.what == what]
