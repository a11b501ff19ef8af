"""Random block-structured processes of our dialect, as trees: each part has one way in and one way
out.

`oracle` runs a tree, `Drawing` draws it.

Sequence, choice, parallel and inclusive block, loop, tasks and jobs with border events, waits,
lists, sub-process, called process, faults, terminate, event gateway, event sub-process.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from tests.engine.shapes import (
    border,
    document,
    each,
    extension,
    flows,
    job,
    node,
    process,
    ref,
    sub,
    timer,
)


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


@dataclass(frozen=True)
class Part:
    """A piece of a process.

    `how`: of a wait its event (`Duration PT6H`, `Date`, `message`), of a list `sequential` or
    `until`, or both.
    """

    kind: str
    id: str
    parts: tuple[Part, ...] = ()
    guards: tuple[Guard, ...] = ()
    how: str = ""

    def walk(self) -> Iterator[Part]:
        """This part and all inside."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Whole:
    """A process, and whether message M starts an event sub-process beside it."""

    part: Part
    named_fields: bool

    def file(self) -> bytes:
        """As a diagram."""
        return Drawing().file(self)


SPLITS = {
    "xor": ("exclusiveGateway", ("[yes]", "")),
    "some": ("inclusiveGateway", ("[yes]", "[n~>~2]", "")),
}
LEAVES, INNER = (
    ("user", "user", "job"),
    (
        "sequence",
        "xor",
        "both",
        "some",
        "loop",
        "each",
        "list",
        "sub",
        "race",
        "call",
        "fault",
        "stop",
        "wait",
    ),
)
RACE = (("Duration", "P2D"), ("Duration", "P1D"), ("message", "M"))


class Blocks:
    """Thinks of one random process; equal seeds think of the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.drawn = 0

    def whole(self, depth: int = 3) -> Whole:
        """A process."""
        return Whole(self.sequence(depth), self.random.random() < 0.3)

    def file(self, depth: int = 3) -> bytes:
        """A process as a diagram."""
        return self.whole(depth).file()

    def name(self, letter: str) -> str:
        self.drawn += 1
        return f"{letter}{self.drawn}"

    def part(self, depth: int) -> Part:
        """Any part."""
        kind = self.random.choice((*LEAVES[1:], *INNER) if depth > 0 else LEAVES)
        match kind:
            case "sequence":
                return self.sequence(depth - 1)
            case "user":
                return self.user()
            case "job":
                return Part(
                    "job",
                    self.name("j"),
                    guards=(Guard(self.name("b"), "error", "E", interrupting=True),),
                )
            case "wait":
                return Part(
                    "wait",
                    self.name("w"),
                    how=self.random.choice(("Duration PT6H", "Date", "message")),
                )
            case "race":
                return Part("race", self.name("g"))
            case "each":
                return Part(
                    "each",
                    self.name("i"),
                    how=self.random.choice(("", "sequential", "until", "sequential until")),
                )
        count = {"xor": 2, "both": self.random.randint(2, 3), "some": 3}.get(kind, 1)
        inside = tuple(
            self.part(min(depth - 1, 1) if kind == "list" else depth - 1) for _ in range(count)
        )
        return Part(
            kind,
            self.name(kind[0]),
            inside,
            self.around(kind),
            self.random.choice(("", "sequential")) if kind == "list" else "",
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
                return replace(whole, part=_swapped(whole.part, part, new))

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
        guards = (
            () if kind in {"job", "call"} else tuple(g for g in part.guards if g.way != "error")
        )
        return replace(
            part,
            kind=kind,
            guards=(Guard(self.name("b"), "error", "E", interrupting=True),)
            if kind == "job"
            else guards,
        )

    def guarded(self, part: Part) -> Part:
        if part.kind not in {"user", "sub", "list"}:
            return part
        way = self.random.choice(
            [("Duration", "P5D", False), ("message", "O", False), ("Duration", "P6D", True)]
        )
        return replace(part, guards=(*part.guards, *self.guards([way])))

    def unguarded(self, part: Part) -> Part:
        return replace(part, guards=()) if part.kind in {"user", "sub", "list"} else part


def _swapped(here: Part, old: Part, new: Part) -> Part:
    if here is old:
        return new
    return replace(here, parts=tuple(_swapped(part, old, new) for part in here.parts))


class Drawn(NamedTuple):
    """A part in a file."""

    xml: str
    flow: str
    first: str
    last: str


class Drawing:
    """Draws a tree."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def file(self, whole: Whole) -> bytes:
        """The whole diagram: process `p` and what it calls."""
        xml, flow, first, last = self.part(whole.part)
        if whole.named_fields:
            inside = (
                node("startEvent", "ess", ref("message", "M"), isInterrupting="false")
                + node("userTask", "esu")
                + node("endEvent", "ese")
            )
            xml += node(
                "subProcess", "es", inside + flows("ess>esu esu>ese"), triggeredByEvent="true"
            )
        body = node("startEvent", "st") + xml + node("endEvent", "en")
        return document(process("p", body, f"{flow} st>{first} {last}>en"), *self.called)

    def part(self, part: Part) -> Drawn:
        """One part."""
        drawn = {
            "sequence": self.row,
            "race": self.race,
            "loop": self.loop,
            "both": self.split,
            "xor": self.split,
            "some": self.split,
        }
        return drawn.get(
            part.kind, self.step if part.kind in {"user", "job", "wait", "each"} else self.box
        )(part)

    def step(self, part: Part) -> Drawn:
        """One element."""
        id_ = part.id
        if part.kind == "wait":
            way, _, text = part.how.partition(" ")
            return Drawn(
                node(
                    "intermediateCatchEvent",
                    id_,
                    happening(way, text or ("O" if way == "message" else "")),
                ),
                "",
                id_,
                id_,
            )
        if part.kind == "each":
            marker = each(
                "list",
                f"{id_}x",
                "out",
                f"{id_}x",
                sequential="sequential" in part.how,
                until="yes" if "until" in part.how else "",
            )
            return self.guarded(part, node("userTask", id_, marker))
        return self.guarded(part, job(id_) if part.kind == "job" else node("userTask", id_))

    def row(self, part: Part) -> Drawn:
        """One after the other."""
        parts = [self.part(p) for p in part.parts]
        links = [f"{a.last}>{b.first}" for a, b in pairwise(parts)]
        return Drawn(
            "".join(p.xml for p in parts),
            " ".join([*(p.flow for p in parts), *links]),
            parts[0].first,
            parts[-1].last,
        )

    def race(self, part: Part) -> Drawn:
        """An event gateway."""
        inside = "".join(
            node("intermediateCatchEvent", f"{part.id}_{n}", happening(way, text))
            for n, (way, text) in enumerate(RACE)
        )
        gates = node("eventBasedGateway", part.id) + node("exclusiveGateway", f"{part.id}m")
        return Drawn(
            gates + inside,
            " ".join(f"{part.id}>{part.id}_{n} {part.id}_{n}>{part.id}m" for n in range(3)),
            part.id,
            f"{part.id}m",
        )

    def split(self, part: Part) -> Drawn:
        """Branches between two gateways."""
        kind, conditions = SPLITS.get(part.kind, ("parallelGateway", ("",) * len(part.parts)))
        g, m, parts = part.id, f"{part.id}m", [self.part(p) for p in part.parts]
        flow = " ".join(
            f"{p.flow} {g}>{p.first}{c} {p.last}>{m}"
            for p, c in zip(parts, conditions, strict=True)
        )
        gate = node(kind, g, default=f"{g}_{parts[-1].first}") if conditions[0] else node(kind, g)
        return Drawn(gate + node(kind, m) + "".join(p.xml for p in parts), flow, g, m)

    def loop(self, part: Part) -> Drawn:
        """Again until yes."""
        m, g, x, inner = f"{part.id}m", part.id, f"{part.id}x", self.part(part.parts[0])
        gates = (
            node("exclusiveGateway", m)
            + node("exclusiveGateway", g, default=f"{g}_{m}")
            + node("exclusiveGateway", x)
        )
        return Drawn(
            gates + inner.xml,
            f"{inner.flow} {m}>{inner.first} {inner.last}>{g} {g}>{m} {g}>{x}[yes]",
            m,
            x,
        )

    def box(self, part: Part) -> Drawn:
        """A scope of its own."""
        s, inner = part.id, self.part(part.parts[0])
        inside = node("startEvent", f"{s}s") + inner.xml + node("endEvent", f"{s}e")
        flow = f"{inner.flow} {s}s>{inner.first}"
        if part.kind == "call":
            self.called.append(process(f"{s}p", inside, f"{flow} {inner.last}>{s}e"))
            return Drawn(
                node("callActivity", s, extension(f'<zeebe:calledElement processId="{s}p"/>')),
                "",
                s,
                s,
            )
        if part.kind in {"fault", "stop"}:
            thrown = (
                node("intermediateThrowEvent", f"{s}t", ref("escalation", "X"))
                if part.kind == "fault"
                else node("intermediateThrowEvent", f"{s}t")
            )
            last = ref("error", "E") if part.kind == "fault" else "<terminateEventDefinition/>"
            inside += (
                node("exclusiveGateway", f"{s}g", default=f"{s}g_{s}t")
                + node("endEvent", f"{s}x", last)
                + thrown
            )
            flow += f" {inner.last}>{s}g {s}g>{s}x[yes] {s}g>{s}t {s}t>{s}e"
        else:
            flow += f" {inner.last}>{s}e"
        marker = (
            each("list", f"{s}x", "out", f"{s}x", sequential=part.how == "sequential")
            if part.kind == "list"
            else ""
        )
        return self.guarded(part, sub(s, marker + inside, flow))

    def guarded(self, part: Part, xml: str) -> Drawn:
        """An activity with its border events."""
        host, merge = part.id, f"{part.id}m"
        flow = [f"{host}>{merge}"]
        xml += node("exclusiveGateway", merge)
        for guard in part.guards:
            b = guard.id
            xml += border(
                b, host, happening(guard.way, guard.text), interrupting=guard.interrupting
            ) + node("userTask", f"{b}u")
            xml += "" if guard.interrupting else node("endEvent", f"{b}e")
            flow.append(f"{b}>{b}u {b}u>{merge if guard.interrupting else f'{b}e'}")
        return Drawn(xml, " ".join(flow), host, merge)


def happening(way: str, text: str) -> str:
    """A border event's definition."""
    return timer(way, text or "= day") if way in {"Duration", "Date", "Cycle"} else ref(way, text)
