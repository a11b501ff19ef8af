"""An interpreter of block trees that knows nothing of the engine or the library: what must be open
after each stimulus, by the meaning of the blocks alone.

Each part that runs is an object. It begins, says what waits in it, and tells the part around it
when it is done. There are no tokens, gateways or joins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from tests.engine.blocks import RACE, Guard, Part, Whole

ZONE = ZoneInfo("Europe/Stockholm")
ENDLESS = 60
"""Rounds of a loop in one turn after which the engine must have stopped, too."""
Values = dict[str, Any]


class Endless(Exception):
    """A loop that never waits."""


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

    def when(self) -> datetime | None:
        """A date follows its variable."""
        if not self.dated:
            return self.due
        given = read(self.values, "day")
        return (
            datetime.combine(date.fromisoformat(given), time(), ZONE).astimezone(UTC)
            if given
            else None
        )


def read(scopes: list[Values], name: str) -> Any:
    """The innermost value."""
    return next((scope[name] for scope in scopes if name in scope), None)


class Oracle:
    """One case of a tree."""

    def __init__(self, whole: Whole, values: Values, now: datetime) -> None:
        self.whole = whole
        self.now = now
        self.variables = dict(values)
        self.opened: Counter[str] = Counter()
        self.rounds = 0
        self.ends: list[str] = []
        self.finished = False
        self.top = Scope(self, [self.variables], whole.part, self.over, None, "en")
        self.top.begin()

    def over(self) -> None:
        self.finished = True

    def number(self, element: str) -> int:
        self.opened[element] += 1
        return self.opened[element]

    def waits(self) -> list[Waiting]:
        """Everything that waits."""
        return [] if self.finished else list(self.top.waits())

    def open(self) -> Counter[tuple[str, str, int, datetime | None]]:
        """The same, to be compared; tokens at a join are alike."""
        return Counter(
            (w.kind, w.element, 0 if w.kind == "join" else w.nth, w.when()) for w in self.waits()
        )

    def takers(self, name: str, element: str | None) -> list[str]:
        """Who would take a message."""
        found = [w.element for w in self.waits() if w.kind == "message" and w.what == name]
        found += ["ess"] if self.whole.named_fields and name == "M" and not self.finished else []
        return [taker for taker in found if element in {None, taker}]

    def act(self, kind: str, element: str, nth: int, values: Values | None, now: datetime) -> None:
        """Let something happen; None for `values`: the job fails."""
        self.now, self.rounds = now, 0
        if element == "ess":
            self.top.side("esu", "ese", event=True)
        else:
            waiting = next(
                w for w in self.waits() if (w.kind, w.element, w.nth) == (kind, element, nth)
            )
            if values is not None and kind in {"task", "job"}:
                waiting.values[0].update(values)
            waiting.go(values)


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
    """The activity that holds it."""
    end: str
    decide: Callable[[Scope], None] | None = None
    """What happens behind the part, if not the end."""
    main: Run | None = None
    sides: list[Run] = field(default_factory=list)
    dead: bool = False

    def begin(self) -> None:
        self.main = run(self, self.part, self.behind)
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
        if self.main is None and not self.sides and not self.dead:
            self.dead = True
            self.over()

    def side(self, task: str, end: str, *, event: bool = False) -> None:
        """A path beside the main one: a task, and an end."""

        def done() -> None:
            self.sides.remove(path)
            if not event:
                self.reach(end)
            self.close()

        path = Task(self, Part("user", task), done)
        self.sides.append(path)
        path.begin()

    def waits(self) -> Iterator[Waiting]:
        for path in ([self.main] if self.main is not None else []) + self.sides:
            yield from path.waits()

    def escalate(self) -> None:
        """From here outwards, to the first border that takes it."""
        run_ = self.outer
        while run_ is not None:
            for guard in run_.part.guards if isinstance(run_, Activity) else ():
                if guard.way == "escalation":
                    run_.scope.side(f"{guard.id}u", f"{guard.id}e")
                    return
            run_ = run_.scope.outer


class Run:
    """A part that runs."""

    def __init__(self, scope: Scope, part: Part, done: Callable[[], None]) -> None:
        self.scope = scope
        self.part = part
        self.done = done
        self.case = scope.case

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
        if way == "Duration":
            hours = timedelta(hours=int(text[2:-1])) if text.startswith("PT") else None
            waiting.due = self.case.now + hours if hours else civil(self.case.now, int(text[1:-1]))
        if way == "Cycle":
            waiting.due = civil(self.case.now, 1)
        return waiting


class Sequence(Run):
    def begin(self) -> None:
        self.place = -1
        self.following()

    def following(self) -> None:
        self.place += 1
        self.now: Run | None = None
        if self.place == len(self.part.parts):
            self.done()
            return
        self.now = run(self.scope, self.part.parts[self.place], self.following)
        self.now.begin()

    def waits(self) -> Iterator[Waiting]:
        if self.now is not None:
            yield from self.now.waits()


class Choice(Sequence):
    def begin(self) -> None:
        self.place = 1
        self.now = run(
            self.scope, self.part.parts[0 if self.read("yes") is True else 1], self.following
        )
        self.now.begin()


class Loop(Run):
    def begin(self) -> None:
        self.now = run(self.scope, self.part.parts[0], self.asked)
        self.now.begin()

    def asked(self) -> None:
        self.case.rounds += 1
        if self.case.rounds > ENDLESS:
            raise Endless
        if self.read("yes") is True:
            self.done()
        else:
            self.begin()

    def waits(self) -> Iterator[Waiting]:
        yield from self.now.waits()


class Together(Run):
    """Branches side by side; the block is done when all that began are."""

    def begin(self) -> None:
        parts = list(self.part.parts)
        if self.part.kind == "some":
            chosen = [
                part
                for part, true in zip(
                    parts, (self.read("yes") is True, (self.read("n") or 0) > 2), strict=False
                )
                if true
            ]
            parts = chosen or parts[-1:]
        self.branches: list[Run | None] = []
        for place, part in enumerate(parts):
            self.branches.append(run(self.scope, part, partial(self.arrived, place)))
        for branch in [b for b in self.branches if b is not None]:
            branch.begin()

    def arrived(self, place: int) -> None:
        self.branches[place] = None
        if not any(self.branches):
            self.done()

    def waits(self) -> Iterator[Waiting]:
        for branch in self.branches:
            if branch is None:
                yield Waiting("join", f"{self.part.id}m", 0, [], print)
            else:
                yield from branch.waits()


class Wait(Run):
    def begin(self) -> None:
        way, _, text = self.part.how.partition(" ")
        self.waiting = self.happening(self.part.id, way, text or "O", lambda _: self.done())

    def waits(self) -> Iterator[Waiting]:
        yield self.waiting


class Race(Run):
    def begin(self) -> None:
        self.all = [
            self.happening(f"{self.part.id}_{n}", way, text, lambda _: self.done())
            for n, (way, text) in enumerate(RACE)
        ]

    def waits(self) -> Iterator[Waiting]:
        yield from self.all


class Activity(Run):
    """Something with border events around it."""

    after: Run | None = None
    """The task behind a border event that has interrupted."""

    def begin(self) -> None:
        self.guards = [
            self.guard(g) for g in self.part.guards if g.way not in {"error", "escalation"}
        ]
        self.work()

    def work(self) -> None:
        """What it does."""

    def inside(self) -> Iterator[Waiting]:
        """What waits in it."""
        yield from ()

    def guard(self, guard: Guard) -> Waiting:
        left, anchor, used = 3, self.case.now, 0

        def fired(_: Any) -> None:
            nonlocal left, used
            if guard.interrupting:
                self.interrupt(guard.id)
                return
            self.scope.side(f"{guard.id}u", f"{guard.id}e")
            self.guards.remove(waiting)
            if guard.way == "message":
                self.guards.append(self.guard(guard))
            while (
                guard.way == "Cycle"
                and left
                and waiting.due is not None
                and waiting.due <= self.case.now
            ):
                left, used = left - 1, used + 1
                waiting.due = civil(anchor, used + 1)
            if guard.way == "Cycle" and left:
                waiting.nth = self.case.number(guard.id)
                self.guards.append(waiting)

        waiting = self.happening(guard.id, guard.way, guard.text, fired)
        return waiting

    def interrupt(self, id_: str) -> None:
        """The work is dropped, and another task begins in its place."""
        self.guards = []
        self.after = Task(self.scope, Part("user", f"{id_}u"), self.done)
        self.after.begin()

    def over(self) -> None:
        """The work is done."""
        self.guards = []
        self.done()

    def waits(self) -> Iterator[Waiting]:
        if self.after is not None:
            yield from self.after.waits()
            return
        yield from self.inside()
        yield from self.guards


class Task(Activity):
    kind = "task"

    def work(self) -> None:
        self.waiting = self.wait(self.kind, self.part.id, self.finished)

    def finished(self, _: Any) -> None:
        self.over()

    def inside(self) -> Iterator[Waiting]:
        yield self.waiting


class Work(Task):
    kind = "job"

    def finished(self, values: Any) -> None:
        if values is None:
            self.interrupt(self.part.guards[0].id)
        else:
            self.over()


class Box(Activity):
    """A sub-process or called process."""

    def work(self) -> None:
        decide = {"fault": self.fault, "stop": self.stop}.get(self.part.kind)
        self.scope_inside = Scope(
            self.case,
            self.scope.values,
            self.part.parts[0],
            self.over,
            self,
            f"{self.part.id}e",
            decide,
        )
        self.scope_inside.begin()

    def fault(self, scope: Scope) -> None:
        if self.read("yes") is True:
            scope.dead = True
            self.interrupt(next(g.id for g in self.part.guards if g.way == "error"))
        else:
            scope.escalate()
            scope.finish()

    def stop(self, scope: Scope) -> None:
        if self.read("yes") is True:
            scope.sides = []
        scope.finish()

    def inside(self) -> Iterator[Waiting]:
        yield from self.scope_inside.waits()


class Items(Activity):
    """The same for each item of a list, together or in turn, each with variables of its own."""

    def work(self) -> None:
        self.items = list(self.read("list") or [])
        self.results: dict[int, Any] = {}
        self.live: dict[int, Run | Scope] = {}
        self.begun = 0
        if not self.items:
            self.end()
        for _ in range(1 if "sequential" in self.part.how else len(self.items)):
            self.following()

    def following(self) -> None:
        if self.begun == len(self.items) or (
            self.begun and not self.live and len(self.results) == len(self.items)
        ):
            return
        place, own = self.begun, {f"{self.part.id}x": self.items[self.begun]}
        self.begun += 1
        values = [own, *self.scope.values]
        if self.part.kind == "each":
            around = Scope(self.case, values, self.part, lambda: None, self, "")
            instance: Run | Scope = Task(
                around, Part("user", self.part.id), lambda: self.one_done(place, values)
            )
        else:
            instance = Scope(
                self.case,
                values,
                self.part.parts[0],
                lambda: self.one_done(place, values),
                self,
                f"{self.part.id}e",
            )
        self.live[place] = instance
        instance.begin()

    def one_done(self, place: int, values: list[Values]) -> None:
        del self.live[place]
        self.results[place] = values[0][f"{self.part.id}x"]
        if ("until" in self.part.how and read(values, "yes") is True) or len(self.results) == len(
            self.items
        ):
            self.live = {}
            self.end()
        elif "sequential" in self.part.how:
            self.following()

    def end(self) -> None:
        self.scope.values[0]["out"] = [self.results[place] for place in sorted(self.results)]
        self.over()

    def inside(self) -> Iterator[Waiting]:
        for instance in self.live.values():
            yield from instance.waits()


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
    "sub": Box,
    "call": Box,
    "fault": Box,
    "stop": Box,
    "each": Items,
    "list": Items,
}


def run(scope: Scope, part: Part, done: Callable[[], None]) -> Run:
    """A part, ready to begin."""
    return RUNS[part.kind](scope, part, done)
