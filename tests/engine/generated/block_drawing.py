"""Diagrams of random block trees (`blocks`)."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from tests.engine.generated.blocks import RACE, Pairs, Part, Whole
from tests.engine.generated.event_subs import EventSub
from tests.support.diagrams import (
    border,
    call,
    catch,
    document,
    each,
    end,
    event,
    ext,
    job,
    mapping,
    message,
    node,
    process,
    start,
    sub,
    throw,
    timer,
    xor,
)

LEAVES = frozenset({"user", "job", "wait", "each", "receive"})
SPLITS = {
    "xor": ("exclusiveGateway", ("[yes]", "")),
    "some": ("inclusiveGateway", ("[yes]", "[n > 2]", "")),
}


def draw(whole: Whole) -> bytes:
    """The diagram of a process."""
    return Drawing().file(whole)


class Drawn(NamedTuple):
    """A part in a file."""

    xml: str
    flow: str
    first: str
    last: str


class Drawing:
    """Draws one tree."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def file(self, whole: Whole) -> bytes:
        """The whole diagram: process `p` and what it calls."""
        xml, flow, first, last = self.part(whole.part)
        body = start("st", mapped(whole.begins)) + xml + end("en") + event_subs(whole.subs)
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
        return drawn.get(part.kind, self.step if part.kind in LEAVES else self.scope)(part)

    def step(self, part: Part) -> Drawn:
        """One element."""
        id_ = part.id
        if part.kind == "wait":
            way, _, text = part.how.partition(" ")
            return Drawn(
                catch(
                    id_,
                    mapped(part.outputs)
                    + happening(way, text or ("O" if way == "message" else "")),
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
            return self.guarded(part, node("userTask", id_, mapped(part.outputs) + marker))
        if part.kind == "receive":
            receives = mapped(part.outputs)
            return self.guarded(part, node("receiveTask", id_, receives, messageRef="Msg_O"))
        if part.kind == "job":
            return self.guarded(part, job(id_, extra=settings(part.outputs)))
        return self.guarded(part, node("userTask", id_, mapped(part.outputs)))

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
            catch(f"{part.id}_{n}", mapped(part.outputs) + happening(way, text))
            for n, (way, text) in enumerate(RACE)
        )
        gates = node("eventBasedGateway", part.id) + xor(f"{part.id}m")
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
        gates = xor(m) + xor(g, default=f"{g}_{m}") + xor(x)
        return Drawn(
            gates + inner.xml,
            f"{inner.flow} {m}>{inner.first} {inner.last}>{g} {g}>{m} {g}>{x}[yes]",
            m,
            x,
        )

    def scope(self, part: Part) -> Drawn:
        """A scope of its own."""
        s, inner = part.id, self.part(part.parts[0])
        inside = start(f"{s}s") + inner.xml + end(f"{s}e") + event_subs(part.subs)
        flow = f"{inner.flow} {s}s>{inner.first}"
        if part.kind == "call":
            if part.how == "message start":
                inside += start(f"{s}n", message("N")) + node("userTask", f"{s}w")
                flow += f" {s}n>{s}w {s}w>{s}e"
            self.called.append(process(f"{s}p", inside, f"{flow} {inner.last}>{s}e"))
            called = call(s, f"{s}p", settings(part.outputs, part.inputs))
            return Drawn(called, "", s, s)
        if part.kind in {"fault", "stop"}:
            thrown = (
                throw(f"{s}t", event("escalation", "X")) if part.kind == "fault" else throw(f"{s}t")
            )
            last = event("error", "E") if part.kind == "fault" else event("terminate")
            inside += xor(f"{s}g", default=f"{s}g_{s}t") + end(f"{s}x", last) + thrown
            flow += f" {inner.last}>{s}g {s}g>{s}x[yes] {s}g>{s}t {s}t>{s}e"
        else:
            flow += f" {inner.last}>{s}e"
        marker = (
            each("list", f"{s}x", "out", f"{s}x", sequential=part.how == "sequential")
            if part.kind == "list"
            else ""
        )
        head = mapped(part.outputs, part.inputs) + marker
        return self.guarded(part, sub(s, inside, flow, head=head))

    def guarded(self, part: Part, xml: str) -> Drawn:
        """An activity with its border events."""
        host, merge = part.id, f"{part.id}m"
        flow = [f"{host}>{merge}"]
        xml += xor(merge)
        for guard in part.guards:
            b = guard.id
            caught = mapped(guard.outputs) + happening(guard.way, guard.text)
            xml += border(b, host, caught, interrupting=guard.interrupting)
            xml += node("userTask", f"{b}u")
            xml += "" if guard.interrupting else end(f"{b}e")
            flow.append(f"{b}>{b}u {b}u>{merge if guard.interrupting else f'{b}e'}")
        return Drawn(xml, " ".join(flow), host, merge)


def settings(outputs: Pairs, inputs: Pairs = ()) -> str:
    """An `ioMapping`; nothing when it is empty."""
    feel = [{target: f"= {source}" for target, source in pairs} for pairs in (outputs, inputs)]
    return mapping(*feel) if outputs or inputs else ""


def mapped(outputs: Pairs, inputs: Pairs = ()) -> str:
    """The settings of an element that has no others."""
    given = settings(outputs, inputs)
    return ext(given) if given else ""


def event_subs(subs: tuple[EventSub, ...]) -> str:
    """The event sub-processes of a scope."""
    xml = ""
    for drawn in subs:
        id_ = drawn.id
        last = event("terminate") if drawn.last == "terminate" else ""
        last = event("escalation", "X") if drawn.last == "X" else last
        begins = mapped(drawn.outputs) + happening(drawn.way, drawn.text)
        inside = (
            start(f"{id_}s", begins, isInterrupting=str(drawn.interrupting).lower())
            + node("userTask", f"{id_}u")
            + end(f"{id_}e", last)
        )
        xml += sub(id_, inside, f"{id_}s>{id_}u {id_}u>{id_}e", triggeredByEvent="true")
    return xml


def happening(way: str, text: str) -> str:
    """The definition of an event that waits."""
    if way == "Computed":
        return timer("Duration", '= if n > 2 then duration("PT6H") else duration("PT0S")')
    if way == "Duration" and not text:
        return timer("Duration", '= duration("-P1D")')
    return timer(way, text or "= day") if way in {"Duration", "Date", "Cycle"} else event(way, text)
