"""Random block-structured processes of our dialect, as trees: each part has one way in and one way
out.

`oracle` runs a tree, `block_drawing` draws it.

Sequence, choice, parallel and inclusive block, loop, tasks and jobs with border events, waits,
lists, sub-process, called process, faults, terminate, event gateway, event sub-process.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from tests.engine.generated.block_mappings import with_mappings
from tests.engine.generated.event_subs import EventSub, attach

Pairs: TypeAlias = "tuple[tuple[str, str], ...]"
"""A mapping: target and FEEL, which is a name or a name and one more."""


@dataclass(frozen=True)
class Guard:
    """A border event; its path is one task.

    One that interrupts leads back behind its host, else a join further on would wait for ever.
    """

    id: str
    way: str
    """message, error, escalation, Duration, Date or Cycle."""
    text: str
    """Name, code or time."""
    interrupting: bool
    outputs: Pairs = ()


@dataclass(frozen=True)
class Part:
    """A piece of a process.

    `how`: of a wait its event (`Duration PT6H`, `Date`, `message`), of a list `sequential` or
    `until`, or both, of a call `message start` when the called process has one beside the plain
    one.
    """

    kind: str
    id: str
    parts: tuple[Part, ...] = ()
    guards: tuple[Guard, ...] = ()
    how: str = ""
    outputs: Pairs = ()
    inputs: Pairs = ()
    subs: tuple[EventSub, ...] = ()
    """Event sub-processes, of a part that has a scope."""

    def walk(self) -> Iterator[Part]:
        """This part and all inside."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Whole:
    """A process with its event sub-processes, and the mapping of its start."""

    part: Part
    subs: tuple[EventSub, ...] = ()
    begins: Pairs = ()

    @property
    def starts(self) -> list[tuple[str, str]]:
        """Message and start event of each event sub-process that a message starts."""
        subs = (*self.subs, *(sub for part in self.part.walk() for sub in part.subs))
        return [(sub.text, f"{sub.id}s") for sub in subs if sub.way == "message"]


LEAVES = ("user", "user", "job")
INNER = (
    *("sequence", "xor", "both", "some", "loop", "each", "list"),
    *("sub", "race", "call", "fault", "stop", "wait"),
)
RACE = (("Duration", "P2D"), ("Duration", "P1D"), ("message", "M"))


class Blocks:
    """A random process, and changes of it; equal seeds give the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a test wants the same diagram again
        self.seed = seed
        self.drawn = 0

    def whole(self, depth: int = 3) -> Whole:
        """A process."""
        part = self.sequence(depth)
        subs = (EventSub("es", "message", "M", interrupting=False),)
        whole = attach(Whole(part, subs if self.random.random() < 0.3 else ()), self.seed)
        return with_mappings(whole, random.Random(f"mappings {self.seed}"))  # noqa: S311 - as above

    def name(self, letter: str) -> str:
        self.drawn += 1
        return f"{letter}{self.drawn}"

    def part(self, depth: int) -> Part:
        """Any part."""
        kind = self.random.choice((*LEAVES[1:], *INNER) if depth > 0 else LEAVES)
        if kind == "sequence":
            return self.sequence(depth - 1)
        if kind == "user":
            return self.user()
        if kind in {"job", "wait", "race", "each"}:
            return self.leaf(kind)
        count = {"xor": 2, "both": self.random.randint(2, 3), "some": 3}.get(kind, 1)
        inside = tuple(
            self.part(min(depth - 1, 1) if kind == "list" else depth - 1) for _ in range(count)
        )
        name, guards = self.name(kind[0]), self.around(kind)
        how = self.random.choice(("", "sequential")) if kind == "list" else ""
        return Part(kind, name, inside, guards, how)

    def leaf(self, kind: str) -> Part:
        """A part of one element, or an event gateway."""
        if kind == "job":
            name, guard = self.name("j"), Guard(self.name("b"), "error", "E", interrupting=True)
            return Part("job", name, guards=(guard,))
        if kind == "race":
            return Part("race", self.name("g"))
        ways = {
            "wait": ("Duration PT6H", "Date", "message"),
            "each": ("", "sequential", "until", "sequential until"),
        }
        return Part(
            kind, self.name("w" if kind == "wait" else "i"), how=self.random.choice(ways[kind])
        )

    def sequence(self, depth: int) -> Part:
        """Two or three parts after each other."""
        return Part(
            "sequence", "", tuple(self.part(depth) for _ in range(self.random.randint(2, 3)))
        )

    def user(self) -> Part:
        """A task with some border events."""
        ways = [
            ("Duration", "P2D", False),
            ("Cycle", "R3/P1D", False),
            ("Duration", "P3D", True),
            ("Date", "", False),
            ("message", "M", False),
            ("message", "N", True),
        ]
        chosen = [way for way in self.random.sample(ways, 2) if self.random.random() < 0.3]
        return Part("user", self.name("u"), guards=self.guards(chosen))

    def around(self, kind: str) -> tuple[Guard, ...]:
        """The border events of a sub-process."""
        ways = [
            ("message", "N", True),
            ("message", "M", False),
            ("Duration", "P9D", True),
            ("Cycle", "R3/P1D", False),
        ]
        some = [self.random.choice(ways)] if self.random.random() < 0.5 else []
        if kind == "fault":
            return self.guards(
                [
                    ("error", "", True),
                    *([("escalation", "X", False)] if self.random.random() < 0.5 else []),
                ]
            )
        return self.guards(some) if kind in {"sub", "list", "stop"} else ()

    def guards(self, ways: list[tuple[str, str, bool]]) -> tuple[Guard, ...]:
        return tuple(
            Guard(self.name("b"), way, text, interrupting=interrupting)
            for way, text, interrupting in ways
        )

    # ---- another version of a process

    def edited(self, whole: Whole) -> Whole:
        """The same with one change: a task inserted, a step removed, renamed or of another kind, a
        gateway changed, a border event added or removed.
        """
        edits = (
            self.inserted,
            self.removed,
            self.renamed,
            self.changed,
            self.guarded,
            self.unguarded,
        )
        while True:
            edit, part = self.random.choice(edits), self.random.choice(list(whole.part.walk()))
            if (new := edit(part)) != part:
                return replace(whole, part=swapped(whole.part, part, new))

    def inserted(self, part: Part) -> Part:
        new = Part("user", self.name("new"))
        return Part("sequence", "", (part, new) if self.random.random() < 0.5 else (new, part))

    def removed(self, part: Part) -> Part:
        if part.kind == "sequence" and len(part.parts) > 1:
            gone = self.random.randrange(len(part.parts))
            return replace(part, parts=part.parts[:gone] + part.parts[gone + 1 :])
        return part

    def renamed(self, part: Part) -> Part:
        return replace(part, id=f"{part.id}x") if part.id else part

    def changed(self, part: Part) -> Part:
        swap = {
            "both": "some",
            "xor": "both",
            "some": "both",
            "user": "job",
            "job": "user",
            "sub": "call",
            "call": "sub",
            "each": "user",
        }
        kind = swap.get(part.kind, part.kind)
        if kind == part.kind or (kind == "some" and len(part.parts) != 3):
            return part
        guards = tuple(guard for guard in part.guards if guard.way != "error")
        if kind == "call":
            guards = ()
        elif kind == "job":
            guards = (Guard(self.name("b"), "error", "E", interrupting=True),)
        return replace(part, kind=kind, guards=guards)

    def guarded(self, part: Part) -> Part:
        if part.kind not in {"user", "sub", "list"}:
            return part
        way = self.random.choice(
            [("Duration", "P5D", False), ("message", "O", False), ("Duration", "P6D", True)]
        )
        return replace(part, guards=(*part.guards, *self.guards([way])))

    def unguarded(self, part: Part) -> Part:
        return replace(part, guards=()) if part.kind in {"user", "sub", "list"} else part


def swapped(here: Part, old: Part, new: Part) -> Part:
    """The tree with one part replaced."""
    if here is old:
        return new
    return replace(here, parts=tuple(swapped(part, old, new) for part in here.parts))
