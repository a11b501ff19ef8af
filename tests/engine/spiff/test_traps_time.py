"""The traps of SpiffWorkflow 3.2.0, 16 to 34: timers, data, expressions and files."""

from __future__ import annotations

import pytest
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

from service.engine.lint import lint
from service.engine.spiff.codec import decode, unpack
from service.engine.spiff.patches import turn
from service.engine.spiff.script_engine import FeelScriptEngine
from service.engine.types import Files
from service.errors import DueFirst, EngineStopped
from tests.engine.spiff.traps import ROOT, alone, codes, decided, race, refused
from tests.engine.walks import MONDAY, Walk, definition, small, straight
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    document,
    end,
    event,
    link,
    node,
    nodes,
    process,
    start,
    sub,
    throw,
    timer,
    xor,
)

pytestmark = pytest.mark.slow  # the stock library runs alone in a process of its own


def test_trap_16_race() -> None:
    assert alone()["race"] == [True, True], (
        "two timers of one name are equal, and share one due time"
    )
    walk = race()
    assert [o.due and (o.due - MONDAY).days for o in walk.turn.open if o.kind == "timer"] == [2, 1]
    walk.do("w1")
    assert walk.open() == ["b"]


def test_trap_17_timer_text() -> None:
    assert alone()["timer_text"] == ["passes", "WorkflowTaskException", "passes", "passes"], (
        "timer text is Python, and the parser does not read it"
    )
    for text in ("1 week", "P0.5M", "timedelta(days=1)"):
        assert "D909" in refused(catch("w", timer("Duration", text)), "s>w w>e")


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


def test_trap_21_late() -> None:
    assert alone()["late"] == ["e"], "the deadline passed an hour before"
    walk = Walk(
        small(
            nodes("userTask", "a r") + border("t", "a", timer("Duration", "P1D")), "s>a a>e t>r r>e"
        )
    )
    walk.later(days=2)
    with pytest.raises(DueFirst):
        walk.do("a")


def test_trap_22_variables() -> None:
    assert alone()["variables"] == [["a", "b"], [1]], (
        "a completed task's data changed later; [1, 2] merged with [3] is [1]"
    )
    walk = Walk(
        small(
            nodes("parallelGateway", "f j") + nodes("userTask", "a b c"),
            "s>f f>a f>b a>j b>j j>c c>e",
        )
    )
    walk.do("a", list=[1, 2])
    walk.do("b", list=[3])
    assert walk.turn.variables["list"] == [3]


def test_trap_23_and_24_no_eval() -> None:
    assert alone()["no_eval"] == [["ran"], "NameError", "TypeError"], (
        "a condition ran Python; two slips hide what went wrong"
    )
    for asked in ("evaluate", "execute", "call_service"):
        assert hasattr(PythonScriptEngine, asked)
        with pytest.raises(EngineStopped):
            getattr(FeelScriptEngine(), asked)(None, "1 + 1")
    with turn(MONDAY, "1"):
        case = decode(straight("a"), unpack(Walk(straight("a")).state))
        assert isinstance(case.script_engine, FeelScriptEngine)  # type: ignore[attr-defined]  # private to the library, which is the point


def test_trap_25_thrown_away() -> None:
    assert alone()["thrown_away"] == ["COMPLETED", "ERROR"]
    walk = Walk(
        small(
            xor("g") + nodes("userTask", "a"),
            "s>a a>g g>e[yes] g>f[n > 1]",
            "e f",
        )
    )
    state = walk.state
    with pytest.raises(EngineStopped):
        walk.do("a", yes=False)
    assert walk.state == state
    walk.do("a", yes=True)
    assert walk.turn.finished


def test_trap_26_codec_no_code() -> None:
    assert alone()["codec_no_code"] == [True, True], (
        "the diagram's Python is in the state, and an old state runs it"
    )
    walk = Walk(
        small(
            xor("g", default="g_f") + nodes("userTask", "a"),
            "s>a a>g g>e[n > 12345] g>f",
            "e f",
        )
    )
    assert b"12345" not in walk.state
    assert not [
        p
        for p in (ROOT / "service").rglob("*.py")
        if "SpiffWorkflow" in p.read_text() and "serializer" in p.read_text()
    ]


def test_trap_27_race_clean() -> None:
    assert alone()["race_clean"] == ["BpmnEvent"]
    walk = race()
    walk.do("w2")
    assert b"seen_events" not in walk.state
    assert walk.open() == ["c"]


def test_trap_28_nothing_ignored() -> None:
    assert alone()["nothing_ignored"] == ["passes"] * 4
    assert "D211" in refused(
        nodes("manualTask", "a") + throw("t", event("compensate")),
        "s>a a>t t>e",
    )
    assert "D222" in refused(throw("t", link()), "s>t t>e")
    assert "D460" in refused(nodes("manualTask", "a"), "s>a a>e[yes]")
    assert "D801" in refused(nodes("intermediateThrowEvent", "a b"), "s>a a>e b>e")


def test_trap_29_and_43_kinds() -> None:
    assert alone()["kinds"] == [["a"], [], ["a"], ["u"], "ValidationException"], (
        "a plain task waits, a receive task without message passes"
    )
    assert "D301" in refused(nodes("task", "a"), "s>a a>e")
    assert "D330" in refused(nodes("businessRuleTask", "a"), "s>a a>e")
    assert "D320" in refused(nodes("scriptTask", "a"), "s>a a>e")
    assert "D360" in refused(
        node("manualTask", "a", node("standardLoopCharacteristics")), "s>a a>e"
    )
    assert "D343" in refused(node("transaction", "a", start("is") + end("ie")), "s>a a>e")
    assert "D221" in refused(catch("w", event("conditional")), "s>w w>e")


def test_trap_30_long_chain() -> None:
    assert alone()["long_chain"] == ["passes", "ValidationException"], (
        "the parser is recursive over flows"
    )
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


def test_trap_32_ids() -> None:
    assert alone()["ids"] == "ValidationException"
    inside = start("is") + nodes("manualTask", "a") + end("ie")
    assert "D102" in refused(
        nodes("manualTask", "a") + sub("box", inside, "is>a a>ie"), "s>a a>box box>e"
    )
    other = process("q", start() + end("x"), "s>x")
    twice = document(process("p", start() + end(), "s>e"), other)
    assert "D102" in codes(twice)


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
        "range": "WorkflowTaskException",
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
