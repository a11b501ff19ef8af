"""The priority of a step: said by itself, or that of the tasks for persons it leads to."""

from __future__ import annotations

import pytest

from service.engine.bpmn.parser import read_trees
from service.engine.bpmn.priorities import priorities
from service.engine.types import Files
from tests.support import diagrams as d

HOUR = d.timer("Duration", "PT1H")


def said(number: int) -> str:
    return f'<zeebe:priorityDefinition priority="{number}"/>'


def of(body: str, way: str) -> dict[str, int]:
    """The priority of every step of a small process."""
    reading = read_trees(Files(diagrams={"a.bpmn": d.diagram(d.start() + body + d.end(), way)}))
    return dict(priorities(next(iter(reading.model.processes.values()))))


INSIDE = (
    d.start("q")
    + d.task("a", extra=said(60))
    + d.end("r")
    + d.node("sequenceFlow", "f1", sourceRef="q", targetRef="a")
    + d.node("sequenceFlow", "f2", sourceRef="a", targetRef="r")
)
URGENT = d.task("a", extra=said(70))
CASES: dict[str, tuple[str, str, int]] = {
    "task that says nothing": (d.task("x"), "s>x x>e", 50),
    "task that says it": (d.task("x", extra=said(70)), "s>x x>e", 70),
    "call that leads to none": (d.job("x"), "s>x x>e", 50),
    "call that says it": (d.job("x", extra=d.props(priority="90")), "s>x x>e", 90),
    "what it says wins": (d.job("x", extra=d.props(priority="10")) + URGENT, "s>x x>a a>e", 10),
    "behind a gateway": (
        d.job("x") + d.xor("g") + URGENT + d.task("b"),
        "s>x x>g g>a[answer] g>b* a>e b>e",
        70,
    ),
    "not behind another task": (d.job("x") + d.task("b") + URGENT, "s>x x>b b>a a>e", 50),
    "less urgent": (d.job("x") + d.task("a", extra=said(20)), "s>x x>a a>e", 20),
    "border of an urgent task": (
        URGENT + d.border("x", "a", HOUR) + d.task("b"),
        "s>a a>e x>b b>e",
        70,
    ),
    "in a loop": (
        d.catch("x", HOUR) + d.xor("m") + d.job("j") + d.xor("g"),
        "s>m m>x x>j j>g g>m* g>e[answer]",
        50,
    ),
    "in a sub-process": (d.job("x") + d.node("subProcess", "p", INSIDE), "s>x x>p p>e", 60),
}


@pytest.mark.parametrize(("body", "way", "wanted"), CASES.values(), ids=CASES.keys())
def test_a_step_is_as_urgent_as_it_says_or_leads_to(body: str, way: str, wanted: int) -> None:
    assert of(body, way)["x"] == wanted
