"""Oracle: an interpreter of block trees that knows nothing of the engine or the library.

It says what must be open after each stimulus.

Each part that runs is an object (`oracle_parts`) in a scope (`oracle_scopes`). It begins, says what
waits in it, and calls the part around it when it is done. There are no tokens, gateways or joins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from tests.engine.generated.blocks import Part, Whole
from tests.engine.generated.oracle_event_subs import EventSubs
from tests.engine.generated.oracle_parts import (
    Choice,
    Items,
    Loop,
    Race,
    Sequence,
    SubProcess,
    Task,
    Together,
    Wait,
    Work,
)
from tests.engine.generated.oracle_scopes import Run, Scope, Values, Waiting


class Unordered(Exception):
    """Something is interrupted while its branches begin: which of them have opened by then is a
    matter of the order in which tokens run, and no matter of the blocks.
    """


class Oracle:
    """One case of a tree."""

    def __init__(self, whole: Whole, values: Values, now: datetime) -> None:
        self.whole = whole
        self.now = now
        self.variables = dict(values)
        self.opened: Counter[str] = Counter()
        self.rounds = 0
        self.unattended = False
        """A timer or a handler brought the turn."""
        self.beginning: list[Scope] = []
        """Scopes in which branches or instances begin just now."""
        self.ends: list[str] = []
        self.finished = False
        self.top = Scope(
            self, [self.variables], whole.part, self.over, None, "en", attached=whole.subs
        )
        self.top.begin()

    def over(self) -> None:
        self.finished = True

    def run(self, scope: Scope, part: Part, done: Callable[[], None]) -> Run:
        """A part, ready to begin."""
        return RUNS[part.kind](scope, part, done)

    def event_subs(self, scope: Scope) -> EventSubs:
        """The event sub-processes of a scope, armed."""
        return EventSubs(scope, scope.attached)

    @contextmanager
    def begins(self, scope: Scope) -> Iterator[None]:
        """Branches or instances begin in a scope."""
        self.beginning.append(scope)
        yield
        self.beginning.pop()

    def interrupts(self, scope: Scope) -> None:
        """All in a scope is about to end."""
        if any(begins.within(scope) for begins in self.beginning):
            raise Unordered

    def number(self, element: str) -> int:
        self.opened[element] += 1
        return self.opened[element]

    def waits(self) -> list[Waiting]:
        """Everything that waits."""
        return [] if self.finished else list(self.top.waits())

    def open(self) -> Counter[tuple[str, str, int, datetime | None]]:
        """The same, to be compared; tokens at a join are alike."""
        return Counter(
            (w.kind, w.element, 0 if w.kind == "join" else w.nth, w.when())
            for w in self.waits()
            if w.kind != "start"
        )

    def takers(self, name: str, element: str | None) -> list[str]:
        """Who would take a message."""
        kinds = {"message", "start"}
        takers = [w.element for w in self.waits() if w.kind in kinds and w.what == name]
        return [taker for taker in takers if element in {None, taker}]

    def act(self, kind: str, element: str, nth: int, values: Values | None, now: datetime) -> None:
        """Let something happen; None for `values`: the job fails."""
        self.now, self.rounds, self.unattended = now, 0, kind in {"timer", "job"}
        wanted = {(kind, element, nth), ("start", element, nth)}
        waiting = next(w for w in self.waits() if (w.kind, w.element, w.nth) in wanted)
        if values is not None and kind in {"task", "job"}:
            waiting.values[0].update(values)
        waiting.go(values)


RUNS: dict[str, type[Run]] = {
    "sequence": Sequence,
    "xor": Choice,
    "loop": Loop,
    "both": Together,
    "some": Together,
    "wait": Wait,
    "race": Race,
    "user": Task,
    "job": Work,
    "sub": SubProcess,
    "call": SubProcess,
    "fault": SubProcess,
    "stop": SubProcess,
    "each": Items,
    "list": Items,
}
