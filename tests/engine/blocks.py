"""Random block-structured diagrams of our dialect: sequence, XOR, AND, OR, loop, border events, lists, sub-process, call, fault, race, event sub-process."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import NamedTuple

from tests.engine.drawing import border, document, each, extension, flows, job, node, process, ref, sub, timer


class Block(NamedTuple):
    """A piece of a diagram with one way in and one way out."""

    xml: str
    flow: str
    first: str
    last: str


class Blocks:
    """Draws one random process; equal seeds draw equal diagrams."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a test wants the same diagram again
        self.drawn = 0
        self.called: list[str] = []

    def name(self, letter: str) -> str:
        self.drawn += 1
        return f"{letter}{self.drawn}"

    def block(self, depth: int) -> Block:
        kinds = ["user", "job", "sequence", "xor", "both", "some", "loop", "each", "list", "sub", "race", "call", "fault", "wait"]
        kind = self.random.choice(kinds if depth > 0 else ["user", "user", "job"])
        return {
            "user": self.user,
            "job": self.job,
            "sequence": self.sequence,
            "xor": lambda d: self.split(d, "exclusiveGateway", ["[yes]", ""]),
            "both": lambda d: self.split(d, "parallelGateway", [""] * self.random.randint(2, 3)),
            "some": lambda d: self.split(d, "inclusiveGateway", ["[yes]", "[n~>~2]", ""]),
            "loop": self.loop,
            "each": self.each,
            "list": self.each_sub,
            "sub": self.sub,
            "race": self.race,
            "call": self.call,
            "fault": self.fault,
            "wait": self.wait,
        }[kind](depth - 1)

    def guarded(self, host: str, xml: str, events: list[tuple[str, bool]]) -> Block:
        """Border events; one that interrupts leads back behind its host, else a join further on would wait for ever."""
        merge = self.name("m")
        flow = [f"{host}>{merge}"]
        xml += node("exclusiveGateway", merge)
        for event, interrupting in events:
            b = self.name("b")
            xml += border(b, host, event, interrupting=interrupting) + node("userTask", f"{b}u") + ("" if interrupting else node("endEvent", f"{b}e"))
            flow.append(f"{b}>{b}u {b}u>{merge if interrupting else f'{b}e'}")
        return Block(xml, " ".join(flow), host, merge)

    def user(self, _depth: int) -> Block:
        kinds = [
            *((timer("Duration", "P2D"), False), (timer("Cycle", "R3/P1D"), False), (timer("Duration", "P3D"), True), (timer("Date", "= day"), False)),
            *((ref("message", "M"), False), (ref("message", "N"), True)),
        ]
        u = self.name("u")
        return self.guarded(u, node("userTask", u), [e for e in self.random.sample(kinds, 2) if self.random.random() < 0.3])

    def job(self, _depth: int) -> Block:
        j = self.name("j")
        return self.guarded(j, job(j), [(ref("error", "E"), True)])

    def wait(self, _depth: int) -> Block:
        w = self.name("w")
        event = self.random.choice([timer("Duration", "PT6H"), timer("Date", "= day"), ref("message", "O")])
        return Block(node("intermediateCatchEvent", w, event), "", w, w)

    def sequence(self, depth: int) -> Block:
        parts = [self.block(depth) for _ in range(self.random.randint(2, 3))]
        links = [f"{a.last}>{b.first}" for a, b in pairwise(parts)]
        return Block("".join(p.xml for p in parts), " ".join([*(p.flow for p in parts), *links]), parts[0].first, parts[-1].last)

    def split(self, depth: int, kind: str, conditions: list[str]) -> Block:
        g, m, parts = self.name("g"), self.name("m"), [self.block(depth) for _ in conditions]
        flow = " ".join(f"{p.flow} {g}>{p.first}{c} {p.last}>{m}" for p, c in zip(parts, conditions, strict=True))
        gate = node(kind, g, default=f"{g}_{parts[-1].first}") if conditions[0] else node(kind, g)
        return Block(gate + node(kind, m) + "".join(p.xml for p in parts), flow, g, m)

    def loop(self, depth: int) -> Block:
        m, g, x, part = self.name("m"), self.name("g"), self.name("m"), self.block(depth)
        gates = node("exclusiveGateway", m) + node("exclusiveGateway", g, default=f"{g}_{m}") + node("exclusiveGateway", x)
        return Block(gates + part.xml, f"{part.flow} {m}>{part.first} {part.last}>{g} {g}>{m} {g}>{x}[yes]", m, x)

    def each(self, _depth: int) -> Block:
        u = self.name("i")
        marker = each("list", f"{u}x", "out", f"{u}x", sequential=self.random.random() < 0.5, until=self.random.choice(["", "yes"]))
        return Block(node("userTask", u, marker), "", u, u)

    def each_sub(self, depth: int) -> Block:
        s, part = self.name("l"), self.block(min(depth, 1))
        inside = part.xml + node("startEvent", f"{s}s") + node("endEvent", f"{s}e")
        marker = each("list", f"{s}x", "out", f"{s}x", sequential=self.random.random() < 0.5)
        return self.guarded(s, sub(s, marker + inside, f"{part.flow} {s}s>{part.first} {part.last}>{s}e"), self.perhaps(ref("message", "N")))

    def sub(self, depth: int) -> Block:
        s, part = self.name("s"), self.block(depth)
        inside = node("startEvent", f"{s}s") + part.xml + node("endEvent", f"{s}e")
        return self.guarded(s, sub(s, inside, f"{part.flow} {s}s>{part.first} {part.last}>{s}e"), self.perhaps(ref("message", "N")))

    def perhaps(self, event: str) -> list[tuple[str, bool]]:
        return [(event, True)] if self.random.random() < 0.5 else []

    def call(self, depth: int) -> Block:
        c, part = self.name("c"), self.block(depth)
        inside = node("startEvent", f"{c}s") + part.xml + node("endEvent", f"{c}e")
        self.called.append(process(f"{c}p", inside, f"{part.flow} {c}s>{part.first} {part.last}>{c}e"))
        return Block(node("callActivity", c, extension(f'<zeebe:calledElement processId="{c}p"/>')), "", c, c)

    def fault(self, depth: int) -> Block:
        """A sub-process that may end in an error or throw an escalation, which its border catches."""
        s, part = self.name("f"), self.block(depth)
        inside = node("startEvent", f"{s}s") + part.xml + node("exclusiveGateway", f"{s}g", default=f"{s}g_{s}t") + node("endEvent", f"{s}e")
        inside += node("endEvent", f"{s}x", ref("error", "E")) + node("intermediateThrowEvent", f"{s}t", ref("escalation", "X"))
        flow = f"{part.flow} {s}s>{part.first} {part.last}>{s}g {s}g>{s}x[yes] {s}g>{s}t {s}t>{s}e"
        return self.guarded(s, sub(s, inside, flow), [(ref("error"), True), *([(ref("escalation", "X"), False)] if self.random.random() < 0.5 else [])])

    def race(self, _depth: int) -> Block:
        g, m = self.name("g"), self.name("m")
        events = [timer("Duration", "P2D"), timer("Duration", "P1D"), ref("message", "M")]
        inside = "".join(node("intermediateCatchEvent", f"{g}_{i}", e) for i, e in enumerate(events))
        gates = node("eventBasedGateway", g) + node("exclusiveGateway", m)
        return Block(gates + inside, " ".join(f"{g}>{g}_{i} {g}_{i}>{m}" for i in range(3)), g, m)

    def file(self, depth: int = 3) -> bytes:
        """The whole diagram: process `p` and what it calls."""
        xml, flow, first, last = self.sequence(depth)
        if self.random.random() < 0.3:
            inside = node("startEvent", "ess", ref("message", "M"), isInterrupting="false") + node("userTask", "esu") + node("endEvent", "ese")
            xml += node("subProcess", "es", inside + flows("ess>esu esu>ese"), triggeredByEvent="true")
        whole = node("startEvent", "st") + xml + node("endEvent", "en")
        return document(process("p", whole, f"{flow} st>{first} {last}>en"), *self.called)
