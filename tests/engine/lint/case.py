"""What a smallest bad and a smallest good release is made of."""

from __future__ import annotations

from dataclasses import dataclass

from service.engine.types import Files
from tests.support.diagram_files import RULE, release
from tests.support.diagrams import (
    both,
    catch,
    diagram,
    end,
    ext,
    line,
    message,
    node,
    props,
    start,
    sub,
    task,
    timer,
    xor,
)

GOOD = release(line(task()))


@dataclass(frozen=True)
class Case:
    """`bad` raises the sentence of that key and no other code; `good` does not."""

    key: str
    bad: Files
    good: Files = GOOD


def lined(*bodies: str, way: str = "s>a a>e") -> list[Files]:
    return [release(line(body, way)) for body in bodies]


def case(key: str, bad: bytes, good: bytes | None = None, **more: object) -> Case:
    return Case(key, release(bad, **more), GOOD if good is None else release(good, **more))


THREE = RULE.replace(b'"pick"', b'"three"').replace(b'"A","B"', b'"A","B","C","D"')
INNER = start("s1") + task("b") + end("e1")
IN = "s1>b b>e1"
ESP_START = start("s2", message("k"), isInterrupting="false")


def event_sub(
    begin: str = ESP_START, finish: str = end("e2"), id_: str = "esp", body: str | None = None
) -> str:
    inside = task("c") if body is None else body
    return sub(id_, begin + inside + finish, "s2>c c>e2", triggeredByEvent="true")


def lanes(name: str = "Utförare", holds: str = "a") -> str:
    reference = f"<bpmn:flowNodeRef>{holds}</bpmn:flowNodeRef>"
    lane = f'<bpmn:lane id="l1" name="{name}">{reference}</bpmn:lane>'
    return f'<bpmn:laneSet id="ls">{lane}</bpmn:laneSet>'


def forked(ways: str, body: str = "", form: str = "ask") -> bytes:
    return diagram(start() + task("a", form) + xor() + body + end() + end("e2"), f"s>a a>x {ways}")


def declared(kind: str) -> bytes:
    return diagram(
        start() + task() + task("b", "reader") + end(),
        "s>a a>b b>e",
        head=ext(props(var__extra=kind)),
    )


def nested(count: int) -> str:
    """Sub-processes inside each other."""
    inner = start(f"s{count}") + task(f"t{count}") + end(f"e{count}")
    way = f"s{count}>t{count} t{count}>e{count}"
    for n in range(count - 1, 0, -1):
        inner, way = (
            start(f"s{n}") + sub(f"u{n + 1}", inner, way) + end(f"e{n}"),
            f"s{n}>u{n + 1} u{n + 1}>e{n}",
        )
    return sub("u1", inner, way)


def parallel(one: str, other: str, way: str, extra: str = "") -> bytes:
    return diagram(start() + both("g") + one + other + both("h") + end() + extra, way)


BLOCK = "s>g g>a g>b a>h b>h h>e"
RACE = node("eventBasedGateway", "g")
CATCHES = catch("c", message("m")) + catch("d", timer("Duration", "P1D"))
RACE_WAY = "s>g g>c g>d c>e d>e2"
