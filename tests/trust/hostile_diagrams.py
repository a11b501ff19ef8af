"""Diagrams that are too large to walk through, and what makes them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tests.support.diagrams import (
    border,
    both,
    call,
    document,
    end,
    ext,
    flows,
    nodes,
    process,
    start,
    sub,
    timer,
    xor,
)


def diagrams() -> Iterator[tuple[str, str, bytes]]:
    """Diagrams that are too large to walk through."""
    many = [f"n{n}" for n in range(4_000)]
    way = " ".join(f"{one}>{other}" for one, other in pairwise(many))
    yield (
        "a chain of 4,000 steps",
        "a.bpmn",
        document(process("p", nodes("intermediateThrowEvent", " ".join(many)), way))[:1_000_000],
    )
    yield "a chain of 3,500 steps that ends", "a.bpmn", _chain(3_500)
    yield "a chain of 240 steps", "a.bpmn", _chain(240)
    wide = [f"w{n}" for n in range(28)]
    split = (
        both("g") + both("h") + nodes("intermediateThrowEvent", " ".join(wide)) + start() + end()
    )
    yield (
        "2^28 markings",
        "a.bpmn",
        document(process("p", split, "s>g h>e " + " ".join(f"g>{w} {w}>h" for w in wide))),
    )
    yield "inclusive gateways in each other", "a.bpmn", _inclusive(60)
    yield "sub-processes 200 deep", "a.bpmn", _nested(200)
    yield (
        "processes that call each other",
        "a.bpmn",
        document(*(process(f"p{n}", _call(n), f"s{n}>c{n} c{n}>e{n}") for n in range(1_200))),
    )
    yield "a flow between all", "a.bpmn", _net(100)
    yield "a timer that never stops", "a.bpmn", _timer("R/PT0S")
    yield "a timer of many rounds", "a.bpmn", _timer("R999999999/PT1S")
    yield "a timer of many digits", "a.bpmn", _timer("P" + "9" * 5_000 + "D")
    yield "FEEL in many brackets", "a.bpmn", _condition("(" * 5_000 + "1" + ")" * 5_000)
    yield "FEEL of many words", "a.bpmn", _condition("1" + "+1" * 200_000)
    yield "FEEL of many minus signs", "a.bpmn", _condition("-" * 450 + "1")
    yield "FEEL with a power", "a.bpmn", _condition("9**9**9**9")
    yield "FEEL with lists in lists", "a.bpmn", _condition("[" * 200 + "]" * 200 + " = 1")
    yield "FEEL that is Python", "a.bpmn", _condition('__import__("os").system("id")')
    yield "promises without end", "a.bpmn", _promises(3_000)


def _chain(length: int) -> bytes:
    ids = [f"n{n}" for n in range(length)]
    way = " ".join(f"{one}>{other}" for one, other in pairwise(["s", *ids, "e"]))
    return document(
        process(
            "p",
            start() + nodes("intermediateThrowEvent", " ".join(ids)) + end(),
            way,
        )
    )


def _inclusive(deep: int) -> bytes:
    body = start() + end() + nodes("inclusiveGateway", " ".join(f"g{n}" for n in range(deep)))
    return document(
        process(
            "p",
            body,
            "s>g0 "
            + " ".join(f"g{a}>g{b}" for a in range(deep) for b in range(a + 1, min(a + 6, deep)))
            + f" g{deep - 1}>e",
        )
    )


def _nested(deep: int) -> bytes:
    inner, way = start("s0") + end("e0"), "s0>e0"
    for n in range(1, deep):
        inner, way = (
            start(f"s{n}") + sub(f"u{n}", inner, way) + end(f"e{n}"),
            f"s{n}>u{n} u{n}>e{n}",
        )
    return document(process("p", inner, way))


def _call(n: int) -> str:
    called = call(f"c{n}", f"p{(n * 7 + 1) % 1_200}")
    return start(f"s{n}") + called + end(f"e{n}")


def _net(size: int) -> bytes:
    ids = [f"x{n}" for n in range(size)]
    body = start() + nodes("exclusiveGateway", " ".join(ids)) + end()
    way = (
        "s>x0 "
        + " ".join(f"{a}>{b}" for a in ids for b in ids if a != b)[:600_000].rpartition(" ")[0]
        + f" {ids[-1]}>e"
    )
    return document(process("p", body, way))


def _timer(text: str) -> bytes:
    kind = "Cycle" if text.startswith("R") else "Duration"
    wait = border("t", "a", timer(kind, text), interrupting=False)
    return document(
        process(
            "p",
            start() + nodes("manualTask", "a") + wait + nodes("endEvent", "e f"),
            "s>a a>e t>f",
        )
    )


def _condition(text: str) -> bytes:
    body = start() + xor("x", default="x_f") + nodes("endEvent", "e f")
    return document(
        process("p", body, "s>x x>f").replace(
            "</bpmn:process>", f"{flows('x>e[@]').replace('@', text)}</bpmn:process>"
        )
    )


def _promises(many: int) -> bytes:
    properties = "".join(
        f'<zeebe:property name="promise.{n}" value="a{n % 40} always followed by'
        f' a{(n + 1) % 40} within 5 days"/>'
        for n in range(many)
    )
    ids = [f"a{n}" for n in range(40)]
    way = " ".join(f"{one}>{other}" for one, other in pairwise(["s", *ids, "e"]))
    settings = ext(f"<zeebe:properties>{properties}</zeebe:properties>")
    return document(
        process(
            "p",
            settings + start() + nodes("intermediateThrowEvent", " ".join(ids)) + end(),
            way,
        )
    )
