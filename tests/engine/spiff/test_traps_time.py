"""The traps of SpiffWorkflow 3.2.0 in timers, data, expressions and files."""

from __future__ import annotations

import pytest
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

from service.engine.lint import lint
from service.engine.spiff.script_engine import FeelScriptEngine
from service.engine.types import Files
from service.errors import EngineStopped
from tests.engine.spiff.traps import ROOT, alone, decided, race, refused
from tests.engine.walks import MONDAY, Walk, definition, small, straight
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    end,
    event,
    link,
    node,
    nodes,
    start,
    throw,
    timer,
)

pytestmark = pytest.mark.slow  # the stock library runs alone in a process of its own


def test_trap_16_race() -> None:
    assert alone()["race"] == [[], ["a"]], (
        "after 25 hours nothing, after 49 the timer that lost: both share one due time"
    )
    walk = race()
    assert [o.due and (o.due - MONDAY).days for o in walk.turn.open if o.kind == "timer"] == [2, 1]
    walk.do("w1")
    assert walk.open() == ["b"]


def test_trap_18_months() -> None:
    end_of_january = MONDAY.replace(day=31)
    assert alone()["months"] == ["2026-03-03", 31], (
        "a month from 31 January, and each month of a cycle that begins there"
    )
    walk = Walk(
        small(catch("w", timer("Duration", "P1M")), "s>w w>e"),
        now=end_of_january,
    )
    assert walk.one("w").due == MONDAY.replace(month=2, day=28)


def test_trap_19_due_now() -> None:
    assert alone()["due_now"] is False
    walk = Walk(small(catch("w", timer("Duration", "PT1H")), "s>w w>e"))
    assert walk.do("w").finished


def test_trap_20_missed() -> None:
    assert alone()["missed"] == [1, 2, 3], "one more reminder at each look at the clock"
    walk = Walk(
        small(
            nodes("userTask", "a r")
            + border("t", "a", timer("Cycle", "R/P1D"), interrupting=False),
            "s>a a>e t>r r>f",
            "e f",
        )
    )
    walk.later(days=30)
    walk.do("t")
    assert (walk.open("task"), walk.steps_of("missed")) == (["a", "r"], [("t", (29,))])


def test_trap_22_variables() -> None:
    assert alone()["shared_data"] == ["a", "b"], "a completed task's data changed later"
    assert alone()["deep_merge"] == [1], "[1, 2] merged with [3]"
    walk = Walk(
        small(
            nodes("parallelGateway", "f j") + nodes("userTask", "a b c"),
            "s>f f>a f>b a>j b>j j>c c>e",
        )
    )
    walk.do("a", list=[1, 2])
    walk.do("b", list=[3])
    assert walk.turn.variables["list"] == [3]


def test_trap_24_service_error() -> None:
    assert alone()["service_error"] == ["NameError", "TypeError"], (
        "two slips hide what went wrong in a service"
    )
    for asked in ("evaluate", "execute", "call_service"):
        assert hasattr(PythonScriptEngine, asked)
        with pytest.raises(EngineStopped):
            getattr(FeelScriptEngine(), asked)(None, "1 + 1")


def test_trap_26_old_state_runs() -> None:
    assert alone()["old_state_runs"] is True, "reading an old state runs Python that stands in it"
    assert not [
        p
        for p in (ROOT / "service").rglob("*.py")
        if "SpiffWorkflow" in p.read_text() and "serializer" in p.read_text()
    ]


def test_trap_28_nothing_ignored() -> None:
    assert alone()["nothing_ignored"] == ["passes"] * 4
    assert "D211" in refused(
        nodes("manualTask", "a") + throw("t", event("compensate")),
        "s>a a>t t>e",
    )
    assert "D222" in refused(throw("t", link()), "s>t t>e")
    assert "D460" in refused(nodes("manualTask", "a"), "s>a a>e[yes]")
    assert "D801" in refused(nodes("intermediateThrowEvent", "a b"), "s>a a>e b>e")


def test_trap_30_long_chain() -> None:
    assert alone()["long_chain"] == "ValidationException", "the parser is recursive over flows"
    drawn = straight(" ".join(f"t{n}" for n in range(500)))
    walk = Walk(drawn)
    for n in range(500):
        walk.do(f"t{n}")
    assert walk.turn.finished


def test_trap_31_all_findings_at_once() -> None:
    assert alone()["one_error"] == [True, False], (
        "the parser fails while it reports the first of two faults, and names no line"
    )
    lost = [catch(name, event("message", "nowhere")) for name in "wv"]
    found = [
        f
        for f in lint(
            Files(
                {
                    "p.bpmn": diagram(
                        start() + "".join(lost) + end(),
                        "s>w w>v v>e",
                    )
                }
            )
        )
        if f.code == "D240"
    ]
    assert [f.element for f in found] == ["w", "v"]


def test_trap_33_artefacts() -> None:
    assert alone()["artefacts"] == "ValidationException", "a data store that nobody uses"
    extra = (
        node("dataObject", "o")
        + node("dataStoreReference", "r")
        + node("textAnnotation", "n", node("text", inner="note"))
    )
    walk = Walk(
        definition(
            diagram(
                start() + extra + nodes("userTask", "a") + end(),
                "s>a a>e",
            )
        )
    )
    assert walk.do("a").finished


CELLS = {
    "unique": ("UNIQUE", ['"b"', '"b"']),
    "alternatives": ("FIRST", ['"a", "b"']),
    "not": ("FIRST", ['not("a")']),
    "range": ("FIRST", ['["a".."c"]']),
}


def test_trap_34_dmn() -> None:
    assert alone()["dmn"] == {
        "unique": {"y": "first"},
        "alternatives": {},
        "not": {},
        "range": "fails",
        "priority": {"y": "low"},
    }
    outcomes = {name: decided(policy, cells) for name, (policy, cells) in CELLS.items()}
    assert outcomes == {"unique": "rule_unique", "alternatives": "r0", "not": "r0", "range": "r0"}
    assert (
        decided(
            "PRIORITY",
            ['"b"', '"b"'],
            '<outputValues id="v"><text>"r1", "r0"</text></outputValues>',
        )
        == "r1"
    )
