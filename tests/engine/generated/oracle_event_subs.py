"""Event sub-processes of the oracle: what waits next to the work of a scope, and what it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.engine.generated.blocks import Guard, Part
from tests.engine.generated.event_subs import EventSub
from tests.engine.generated.oracle_scopes import Run, Scope, Waiting, civil

if TYPE_CHECKING:
    from tests.engine.generated.oracle_parts import Activity

FAULTS = {"error", "escalation"}


class Uncaught(Exception):
    """An error that nothing catches."""


class EventSubs:
    """The event sub-processes of one scope while it lives."""

    def __init__(self, scope: Scope, subs: tuple[EventSub, ...]) -> None:
        self.scope = scope
        self.subs = subs
        self.interrupted = False
        self.run = Run(scope, scope.part, lambda: None)
        self.timers = [self._timer(sub) for sub in subs if sub.way not in {"message", *FAULTS}]

    def waits(self) -> Iterator[Waiting]:
        """Timers, and messages, which the engine does not list as open."""
        if self.interrupted:
            return
        yield from self.timers
        for sub in self.subs:
            if sub.way == "message":
                go = self._begins(sub)
                yield Waiting("start", f"{sub.id}s", 0, self.scope.values, go, sub.text)

    def catch(self, kind: str, code: str) -> bool:
        """Let the one that catches a fault begin, an exact code before any."""
        for wanted in (code, ""):
            for sub in self.subs:
                if not self.interrupted and (sub.way, sub.text) == (kind, wanted):
                    self.begin(sub)
                    return True
        return False

    def begin(self, sub: EventSub) -> None:
        """A run of one; one that interrupts ends all else in the scope."""
        scope = self.scope
        if sub.interrupting:
            scope.case.interrupts(scope)
            self.interrupted = True
            scope.drop()

        def done() -> None:
            scope.sides.remove(path)
            if sub.interrupting:
                scope.reach(f"{sub.id}e")
            if sub.last == "X":
                throw(scope, "escalation", "X")
            scope.close()

        path = scope.case.run(scope, Part("user", f"{sub.id}u"), done)
        scope.sides.append(path)
        path.begin()

    def _begins(self, sub: EventSub) -> Any:
        return lambda _: self.begin(sub)

    def _timer(self, sub: EventSub) -> Waiting:
        left, anchor, used = 3, self.run.case.now, 0

        def fired(_: Any) -> None:
            nonlocal left, used
            now = self.run.case.now
            self.timers.remove(waiting)
            self.begin(sub)
            while sub.way == "Cycle" and left and waiting.due is not None and waiting.due <= now:
                left, used = left - 1, used + 1
                waiting.due = civil(anchor, used + 1)
            if sub.way == "Cycle" and left:
                waiting.nth = self.run.case.number(f"{sub.id}s")
                self.timers.append(waiting)

        waiting = self.run.happening(f"{sub.id}s", sub.way, sub.text, fired)
        return waiting


def throw(scope: Scope | None, kind: str, code: str) -> None:
    """A fault goes outwards: to the event sub-processes of the scope, to the border of its owner,
    and so on.
    """
    while scope is not None:
        if scope.subs is not None and scope.subs.catch(kind, code):
            return
        owner = scope.outer
        if owner is not None and (guard := _guard(owner.part, kind, code)) is not None:
            _border(owner, guard)
            return
        scope = owner.scope if owner is not None else None
    if kind == "error":
        raise Uncaught


def _guard(part: Part, kind: str, code: str) -> Guard | None:
    found = {guard.text: guard for guard in part.guards if guard.way == kind}
    return found.get(code) or found.get("")


def _border(owner: Run, guard: Guard) -> None:
    if not guard.interrupting:
        owner.scope.side(f"{guard.id}u", f"{guard.id}e")
        return
    activity: Activity = owner  # type: ignore[assignment] # only an activity has guards
    activity.interrupt(guard.id)
