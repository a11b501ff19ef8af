"""Scopes of the oracle: variables, what waits, and the parts that run in a scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.engine.generated.blocks import Part

if TYPE_CHECKING:
    from tests.engine.generated.event_subs import EventSub
    from tests.engine.generated.oracle import Oracle
    from tests.engine.generated.oracle_event_subs import EventSubs


ZONE = ZoneInfo("Europe/Stockholm")


Values = dict[str, Any]


def civil(start: datetime, days: int) -> datetime:
    """So many days later at the same time by the clock on the wall."""
    local = start.astimezone(ZONE)
    return (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=ZONE).astimezone(UTC)


@dataclass(eq=False)
class Waiting:
    """One thing that waits."""

    kind: str
    element: str
    nth: int
    values: list[Values]
    """The scopes of variables around it, innermost first."""
    go: Callable[[Any], None]
    what: str = ""
    due: datetime | None = None
    dated: bool = False
    least: datetime | None = None
    """A passed date that opens again without a person's act waits until then."""

    def when(self) -> datetime | None:
        """A date follows its variable."""
        when = self.date()
        return when if when is None or self.least is None else max(when, self.least)

    def date(self) -> datetime | None:
        if not self.dated:
            return self.due
        day = read(self.values, "day")
        if not day:
            return None
        return datetime.combine(date.fromisoformat(day), time(), ZONE).astimezone(UTC)


def read(scopes: list[Values], name: str) -> Any:
    """The innermost value."""
    return next((scope[name] for scope in scopes if name in scope), None)


@dataclass(eq=False)
class Scope:
    """A process, sub-process or instance: its part, and side paths that may outlive it; it is over
    when all of them are.
    """

    case: Oracle
    values: list[Values]
    part: Part
    over: Callable[[], None]
    outer: Run | None
    """The activity whose scope it is."""
    end: str
    decide: Callable[[Scope], None] | None = None
    """What happens behind the part, if not the end."""
    main: Run | None = None
    sides: list[Run] = field(default_factory=list)
    dead: bool = False
    attached: tuple[EventSub, ...] = ()
    subs: EventSubs | None = None
    times: int = 0
    """How often it was interrupted: what began before does not go on."""

    def begin(self) -> None:
        self.subs = self.case.event_subs(self)
        self.main = self.case.run(self, self.part, self.behind)
        self.main.begin()

    def behind(self) -> None:
        self.main = None
        if self.decide is not None:
            self.decide(self)
        else:
            self.finish()

    def finish(self) -> None:
        """The end of the main way."""
        self.reach(self.end)
        self.close()

    def reach(self, end: str) -> None:
        if self.outer is None:
            self.case.ends = [*(e for e in self.case.ends if e != end), end]

    def close(self) -> None:
        if self.main is None and not self.sides and self.alive():
            self.dead = True
            self.over()

    def alive(self) -> bool:
        """Not over, nor anything around it."""
        return not self.dead and (self.outer is None or self.outer.alive())

    def drop(self) -> None:
        """End all that runs in it."""
        self.main, self.sides = None, []
        self.times += 1

    def within(self, other: Scope) -> bool:
        """Is it that scope, or inside it?"""
        return self is other or (self.outer is not None and self.outer.scope.within(other))

    def side(self, task: str, end: str) -> None:
        """Begin a path outside the main one: a task, and an end."""

        def done() -> None:
            self.sides.remove(path)
            self.reach(end)
            self.close()

        path = self.case.run(self, Part("user", task), done)
        self.sides.append(path)
        path.begin()

    def waits(self) -> Iterator[Waiting]:
        for path in ([self.main] if self.main is not None else []) + self.sides:
            yield from path.waits()
        if self.subs is not None:
            yield from self.subs.waits()


class Run:
    """A part that runs."""

    def __init__(self, scope: Scope, part: Part, done: Callable[[], None]) -> None:
        self.scope = scope
        self.part = part
        self.done: Callable[[], None] = lambda: done() if self.alive() else None
        self.case = scope.case
        self.times = scope.times

    def alive(self) -> bool:
        """Was it not taken away?"""
        return self.scope.alive() and self.times == self.scope.times

    def begin(self) -> None:
        """Start."""

    def waits(self) -> Iterator[Waiting]:
        """What waits inside."""
        yield from ()

    def read(self, name: str) -> Any:
        return read(self.scope.values, name)

    def wait(self, kind: str, element: str, go: Callable[[Any], None], what: str = "") -> Waiting:
        return Waiting(kind, element, self.case.number(element), self.scope.values, go, what)

    def happening(self, element: str, way: str, text: str, go: Callable[[Any], None]) -> Waiting:
        """A timer or message that waits."""
        if way == "message":
            return self.wait("message", element, go, text)
        waiting = self.wait("timer", element, go)
        waiting.dated = way == "Date"
        if way == "Duration" and not text:
            waiting.due = self.case.now + timedelta(minutes=1)
        elif way == "Duration":
            hours = timedelta(hours=int(text[2:-1])) if text.startswith("PT") else None
            waiting.due = self.case.now + hours if hours else civil(self.case.now, int(text[1:-1]))
        if way == "Computed":
            longer = (read(self.scope.values, "n") or 0) > 2
            waiting.due = self.case.now + (timedelta(hours=6) if longer else timedelta(minutes=1))
        if way == "Cycle":
            waiting.due = civil(self.case.now, 1)
        day, soon = waiting.date(), self.case.now + timedelta(minutes=1)
        if waiting.dated and waiting.nth > 1 and self.case.unattended and day and day < soon:
            waiting.least = soon
        return waiting
