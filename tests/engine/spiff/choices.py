"""SpiffWorkflow alone, in a process that does not know us: what it chooses otherwise than we do.

None of this is a fault: it is documented, is what BPMN allows, or has a place where an application
puts its own. Run as a program it prints one JSON object, choice to what happened;
`test_choices.py` says what that has been, and what guards us. Faults: `upstream/`.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from tests.engine.spiff.upstream import run as lib
from tests.support.diagrams import (
    both,
    catch,
    document,
    end,
    flows,
    node,
    nodes,
    start,
    timer,
    xor,
)

Outcome = Any
"""What a choice shows: any JSON."""


def drawn(inside: str, flow: str, ends: str = "e") -> bytes:
    """A process with a start s and some ends; conditions are Python here."""
    body = start() + inside + nodes("endEvent", ends) + flows(flow, sign="")
    return document(node("process", "p", body, isExecutable="true"))


def case(data: bytes, **values: object) -> Any:
    return lib.started(*lib.parsed_text(data), **values)


def implicit_end() -> Outcome:
    """A token that comes to an element without a way out ends there."""
    run = lib.do(case(drawn(both("f") + nodes("userTask", "a b"), "s>f f>a f>b a>e")), "a", "b")
    return [run.is_completed(), lib.ended(run)]


def timer_text() -> Outcome:
    """The time of a timer is an expression, read when the timer begins."""

    def at(text: str) -> bytes:
        return drawn(catch("w", timer("Duration", text)), "s>w w>e")

    def reads(text: str) -> str:
        return lib.fails(lambda: lib.parsed_text(at(text)))

    return [reads("P1D"), lib.fails(lambda: case(at("P1D"))), lib.fails(lambda: case(at('"P1D"')))]


def python() -> Outcome:
    """Conditions are Python unless an application brings a script engine of its own."""
    touched: list[str] = []
    work = xor("g", default="g_e") + nodes("userTask", "a")
    case(drawn(work, "s>g g>a[mark()] g>e a>e"), mark=lambda: touched.append("ran"))
    return touched


def state_holds_the_diagram() -> Outcome:
    """A stored case holds its spec, unless an application keeps specs by themselves."""
    run = case(drawn(xor("g", default="g_k"), "s>g g>e[40 + 2 == 41] g>k", "e k"))
    return "40 + 2 == 41" in BpmnWorkflowSerializer().serialize_json(run)


def state_after_a_fault() -> Outcome:
    """A task that failed is in ERROR; what was done before it stays done."""
    run = case(drawn(xor("g") + nodes("userTask", "a"), "s>a a>g g>e[unknown] g>k[unknown]", "e k"))
    lib.fails(lambda: lib.do(run, "a"))
    return sorted(
        {TaskState.get_name(t.state) for t in run.get_tasks() if t.task_spec.name in {"a", "g"}}
    )


def kinds() -> Outcome:
    """Which kinds of elements a plain parser runs, and as what; others are an application's."""

    def left(inside: str) -> Outcome:
        how = lib.fails(lambda: case(drawn(inside, "s>a a>e")))
        return lib.ready(case(drawn(inside, "s>a a>e"))) if how == "passes" else how

    loop = node("userTask", "a", node("standardLoopCharacteristics", loopMaximum="2"))
    box = start("is") + nodes("userTask", "u") + end("ie") + flows("is>u u>ie")
    return [
        left(nodes("task", "a")),
        left(nodes("receiveTask", "a")),
        left(loop),
        left(node("transaction", "a", box)),
        left(nodes("businessRuleTask", "a")),
    ]


def debug_records() -> Outcome:
    """At the level DEBUG each log record has the data of its task."""

    class Everything(logging.Handler):
        """Keeps the fields of each record."""

        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def emit(self, record: logging.LogRecord) -> None:
            self.seen.append(repr(vars(record)))

    ear, logger = Everything(), logging.getLogger("spiff")
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    lib.do(case(drawn(nodes("userTask", "a"), "s>a a>e"), secret="canary"), "a")
    logger.removeHandler(ear)
    logger.setLevel(logging.WARNING)
    return any("canary" in seen for seen in ear.seen)


CHOICES = (
    implicit_end,
    timer_text,
    python,
    state_holds_the_diagram,
    state_after_a_fault,
    kinds,
    debug_records,
)


if __name__ == "__main__":
    json.dump({choice.__name__: choice() for choice in CHOICES}, sys.stdout)
