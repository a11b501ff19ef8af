"""Other versions of random processes: what people redraw while cases are under way."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.engine.generated.blocks import Blocks, Guard, Part, Whole, swapped
from tests.engine.generated.event_subs import EventSub

HOSTS = frozenset({"user", "receive", "sub", "list"})
"""Parts to which boundary events are dragged, and on which they come and go."""
SCOPES = frozenset({"sub", "call", "fault", "stop", "list"})
"""Parts that have a scope of their own."""
TIMES = (
    ("Duration", "P2D"),
    ("Duration", "P5D"),
    ("Cycle", "R3/P1D"),
    ("Cycle", "R/P2D"),
    ("Date", ""),
)
EVENTS = (
    ("Duration", "P5D", False),
    ("message", "O", False),
    ("Duration", "P6D", True),
    ("Cycle", "R2/P1D", False),
)


class VersionedBlocks(Blocks):
    """A random process with receive tasks, and its versions; equal seeds give the same."""

    def whole(self, depth: int = 3) -> Whole:
        """A process; some have a sub-process at the top that is drawn like an event sub-process."""
        whole, chance = super().whole(depth), random.Random(f"plain {self.seed}")  # noqa: S311 - a test wants the same again
        if chance.random() < 0.7:
            return whole
        place, parts = chance.randint(0, 2), whole.part.parts
        plain = _plain("pl")
        return replace(
            whole, part=replace(whole.part, parts=(*parts[:place], plain, *parts[place:]))
        )

    def user(self) -> Part:
        """A task for a person, or one that receives a message; half of them with another timer."""
        task = super().user()
        if self.random.random() < 0.5:
            task = self.guarded(task)
        return replace(task, kind="receive") if self.random.random() < 0.25 else task

    def edited(self, whole: Whole) -> Whole:
        """The same with one change."""
        edits = (
            *(self.inserted, self.removed, self.renamed, self.changed),
            *(self.guarded, self.unguarded, self.framed),
        )
        while True:
            chance = self.random.random()
            if chance < 0.15:
                return self.triggered(whole)
            if chance < 0.3:
                new = self.dragged(whole.part)
                if new != whole.part:
                    return replace(whole, part=new)
            parts = list(whole.part.walk())
            if chance < 0.7:
                parts = [part for part in parts if part.guards or part.kind == "wait"] or parts
            times = (self.redrawn, self.retimed)
            edit = self.random.choice(times if chance < 0.7 else edits)
            part = self.random.choice(parts)
            if (changed := edit(part)) != part:
                return replace(whole, part=swapped(whole.part, part, changed))

    def triggered(self, whole: Whole) -> Whole:
        """An event sub-process comes, goes, gets another time or id, or becomes another kind, in
        the process or in a sub-process.
        """
        if self.random.random() < 0.4 and (new := self._turned(whole)) != whole:
            return new
        scopes = [part for part in whole.part.walk() if part.kind in SCOPES]
        if not scopes or self.random.random() < 0.5:
            return replace(whole, subs=self._other(whole.subs))
        scope = self.random.choice(scopes)
        other = replace(scope, subs=self._other(scope.subs))
        return replace(whole, part=swapped(whole.part, scope, other))

    def _turned(self, whole: Whole) -> Whole:
        """An event sub-process of the process becomes one that interrupts, or that does not; or a
        sub-process in its flow, or such a one becomes it.
        """
        parts = whole.part.parts
        kinds = [sub for sub in whole.subs if sub.way not in {"Cycle", "error"}]
        plain = [part for part in parts if part == _plain(part.id)]
        if plain and len(parts) > 1 and self.random.random() < 0.7:
            gone = self.random.choice(plain)
            rest = tuple(part for part in parts if part is not gone)
            new = EventSub(gone.id, "message", "O", self.random.random() < 0.3)
            return Whole(replace(whole.part, parts=rest), (*whole.subs, new), whole.begins)
        if not kinds:
            return whole
        turned = self.random.choice(kinds)
        rest_of = tuple(sub for sub in whole.subs if sub is not turned)
        if self.random.random() < 0.3:
            part = replace(whole.part, parts=(*parts, _plain(turned.id)))
            return replace(whole, part=part, subs=rest_of)
        other = replace(turned, interrupting=not turned.interrupting)
        return replace(whole, subs=(*rest_of, other))

    def _other(self, subs: tuple[EventSub, ...]) -> tuple[EventSub, ...]:
        id_, (way, text) = self.name("k"), self.random.choice(TIMES)
        event, interrupting = self.random.choice((("message", "O"), (way, text))), False
        kinds = [EventSub(id_, *event, interrupting), EventSub(id_, "Duration", "P6D", True)]
        new = self.random.choice(kinds)
        if not subs or self.random.random() < 0.4:
            return (*subs, new)
        changed = self.random.choice(subs)
        rest = tuple(drawn for drawn in subs if drawn is not changed)
        if changed.way in {"Duration", "Date", "Cycle"} and not changed.interrupting:
            retimed = replace(changed, way=way, text=text)
            return (*rest, self.random.choice((retimed, replace(changed, id=id_))))
        return rest

    def guarded(self, part: Part) -> Part:
        if part.kind not in HOSTS:
            return part
        return replace(part, guards=(*part.guards, *self.guards([self.random.choice(EVENTS)])))

    def unguarded(self, part: Part) -> Part:
        return replace(part, guards=()) if part.kind in HOSTS else part

    def dragged(self, whole: Part) -> Part:
        """A boundary event is dragged to another activity."""
        hosts = [part for part in whole.walk() if part.kind in HOSTS]
        guarded = [part for part in hosts if part.guards]
        if not guarded:
            return whole
        here, there = self.random.choice(guarded), self.random.choice(hosts)
        if there is here:
            return whole
        guard = self.random.choice(here.guards)
        return _with_guard(_without_guard(whole, guard), there.id, guard)

    def redrawn(self, part: Part) -> Part:
        """A boundary event is drawn anew: the same, with another id."""
        if part.kind not in HOSTS or not part.guards:
            return part
        gone = self.random.choice(part.guards)
        return self._replaced(part, gone, replace(gone, id=self.name("b")))

    def retimed(self, part: Part) -> Part:
        """A timer gets another time: a duration becomes a cycle or a date, and back."""
        way, text = self.random.choice(TIMES)
        if part.kind == "wait" and way != "Cycle":
            return replace(part, how=f"{way} {text}".strip())
        timers = [guard for guard in part.guards if guard.way in {"Duration", "Cycle", "Date"}]
        if not timers:
            return part
        changed = self.random.choice(timers)
        if way == "Cycle" and changed.interrupting:
            return part
        return self._replaced(part, changed, replace(changed, way=way, text=text))

    def framed(self, part: Part) -> Part:
        """A sub-process is drawn around a part."""
        return Part("sub", self.name("s"), (part,), self.around("sub"))

    def _replaced(self, part: Part, old: Guard, new: Guard) -> Part:
        guards = tuple(new if guard is old else guard for guard in part.guards)
        return replace(part, guards=guards)


def _plain(id_: str) -> Part:
    """A sub-process with the elements of an event sub-process of that id."""
    return Part("sub", id_, (Part("user", f"{id_}u"),))


def _without_guard(here: Part, gone: Guard) -> Part:
    guards = tuple(guard for guard in here.guards if guard is not gone)
    parts = tuple(_without_guard(part, gone) for part in here.parts)
    return replace(here, parts=parts, guards=guards)


def _with_guard(here: Part, host: str, guard: Guard) -> Part:
    guards = (*here.guards, guard) if here.id == host and here.kind in HOSTS else here.guards
    parts = tuple(_with_guard(part, host, guard) for part in here.parts)
    return replace(here, parts=parts, guards=guards)
