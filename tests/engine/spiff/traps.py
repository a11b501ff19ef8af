"""Support of the tests of traps: what SpiffWorkflow does when it is alone, and what is asked of us.

A trap is a proven fault of the library; `upstream/` holds a file of each, with what was expected
and what was seen. Each test says first what the library does (`alone`, run in a process that does
not know us), so that another release of it shows what has changed, and then what we do. Numbers are
kept for ever; one that is missing was no fault, and is a choice (`choices`) or nothing at all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from service.engine.definition import Definition
from service.engine.dmn.evaluator import decide
from service.engine.dmn.rule_files import read_rules
from service.engine.feel.types import STRING
from service.engine.lint import lint
from service.engine.types import Files
from service.errors import EngineStopped
from tests.engine.walks import MONDAY, TYPES, Walk, small
from tests.support.diagrams import catch, diagram, message, node, nodes, start, timer, xor
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).parents[3]


UPSTREAM = Path(__file__).parent / "upstream"


def printed(*command: str, library: Path | None = None) -> dict[str, Any]:
    """What a program of ours prints that runs the library alone.

    Args:
        library: a folder with a copy of the library, in place of the installed one.
    """
    run = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **({"PYTHONPATH": str(library)} if library else {})},
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
    )
    outcomes: dict[str, Any] = json.loads(run.stdout)
    return outcomes


@cache
def alone() -> dict[str, Any]:
    """What is seen of each fault in the library alone, by its name in `upstream`."""
    return printed(str(UPSTREAM / "run.py"))


@cache
def chosen() -> dict[str, Any]:
    """What the library alone chooses otherwise than we do, by its name in `choices`."""
    return printed("-m", "tests.engine.spiff.choices")


def codes(data: bytes) -> set[str]:
    """What the linter says about a file, errors only."""
    return {f.code for f in lint(Files({"p.bpmn": data}, types=TYPES)) if f.severity == "E"}


def refused(inside: str, flow: str, ends: str = "e") -> set[str]:
    """The same for a process with a start and some ends."""
    return codes(diagram(start() + inside + nodes("endEvent", ends), flow))


LOOP = xor("m") + xor("g", default="g_m")


def dump(drawn: Definition) -> list[object]:
    """Everything in the specs that a case could change."""
    return [
        [
            (
                name,
                {
                    k: repr(v)
                    for k, v in vars(spec).items()
                    if k != "_wf_spec" and not k.endswith("_event")
                },
            )
            for name, spec in scope.task_specs.items()
        ]
        for scope in drawn.scopes.values()
    ]


def race() -> Walk:
    events = (timer("Duration", "P2D"), timer("Duration", "P1D"), message("M"))
    waits = "".join(catch(f"w{n}", event) for n, event in enumerate(events))
    return Walk(
        small(
            node("eventBasedGateway", "g") + waits + nodes("userTask", "a b c"),
            "s>g g>w0 g>w1 g>w2 w0>a w1>b w2>c a>e b>e c>e",
        )
    )


def decided(policy: str, cells: list[str], allowed: str = "") -> object:
    """What a table of one column gives for the text b, or the kind of the stop."""
    rules = "".join(
        f'<rule id="u{n}"><inputEntry id="i{n}"><text>{cell}</text></inputEntry>'
        f'<outputEntry id="o{n}"><text>"r{n}"</text></outputEntry></rule>'
        for n, cell in enumerate(cells)
    )
    table = (
        '<decision id="rule" name="r">'
        f'<decisionTable id="t" hitPolicy="{policy}">'
        '<input id="i"><inputExpression id="x" typeRef="string"><text>text</text></inputExpression>'
        f'</input><output id="o" name="y" typeRef="string">{allowed}</output>{rules}'
        "</decisionTable></decision>"
    )
    name = 'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" namespace="t" name="d"'
    decisions, findings = read_rules(
        {"rule.dmn": f"<definitions {name}>{table}</definitions>".encode()}, {"text": STRING}
    )
    assert not [f for f in findings if f.severity == "E" and f.code != "R203"]
    try:
        return decide(decisions, "rule", {"text": "b"}, now=MONDAY, zone=ZoneInfo("UTC")).value
    except EngineStopped as stop:
        return stop.kind
