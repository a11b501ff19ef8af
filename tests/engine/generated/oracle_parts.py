"""Parts of the oracle: how each kind of block runs, by its meaning alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.engine.generated.blocks import RACE, Guard, Part
from tests.engine.generated.oracle_event_subs import throw
from tests.engine.generated.oracle_scopes import Run, Scope, Values, Waiting, civil, read

ENDLESS = 60
"""Rounds of a loop in one turn after which the engine must have stopped, too."""


class Endless(Exception):
    """A loop that never waits."""


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
        self.now = self.case.run(self.scope, self.part.parts[self.place], self.following)
        self.now.begin()

    def waits(self) -> Iterator[Waiting]:
        if self.now is not None:
            yield from self.now.waits()


class Choice(Sequence):
    def begin(self) -> None:
        self.place = 1
        self.now = self.case.run(
            self.scope, self.part.parts[0 if self.read("yes") is True else 1], self.following
        )
        self.now.begin()


class Loop(Run):
    def begin(self) -> None:
        self.now = self.case.run(self.scope, self.part.parts[0], self.asked)
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
            self.branches.append(self.case.run(self.scope, part, partial(self.arrived, place)))
        with self.case.begins(self.scope):
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

    def scopes(self) -> list[Scope]:
        """The scopes that run in it."""
        return []

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
        for scope in self.scopes():
            self.case.interrupts(scope)
            scope.dead = True
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
        if values is not None:
            self.over()
        elif self.part.guards:
            self.interrupt(self.part.guards[0].id)
        else:
            throw(self.scope, "error", "E")


class SubProcess(Activity):
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
            attached=self.part.subs,
        )
        self.scope_inside.begin()

    def scopes(self) -> list[Scope]:
        return [self.scope_inside]

    def fault(self, scope: Scope) -> None:
        if self.read("yes") is True:
            throw(scope, "error", "E")
            return
        times = scope.times
        throw(scope, "escalation", "X")
        if scope.alive() and scope.times == times:
            scope.finish()

    def stop(self, scope: Scope) -> None:
        if self.read("yes") is True:
            scope.drop()
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
        with self.case.begins(self.scope):
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
                attached=self.part.subs,
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

    def scopes(self) -> list[Scope]:
        return [instance for instance in self.live.values() if isinstance(instance, Scope)]

    def end(self) -> None:
        self.scope.values[0]["out"] = [self.results[place] for place in sorted(self.results)]
        self.over()

    def inside(self) -> Iterator[Waiting]:
        for instance in self.live.values():
            yield from instance.waits()
