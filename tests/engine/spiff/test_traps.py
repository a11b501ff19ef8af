"""The traps of SpiffWorkflow 3.2.0 (engine.md 2): one test each, named by its number and its guard.

Each says first what the library does when it is alone (`stock.py`, run in a process that does not
know us), so that another release of it tells us what has changed, and then what we do. A number
that is missing here stands beside another with the same guard.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.util.task import TaskIterator, TaskState

from service.engine.definition import Definition
from service.engine.dmn.evaluator import decide, read_rules
from service.engine.feel.types import STRING
from service.engine.lint import lint
from service.engine.spiff.codec import decode, unpack
from service.engine.spiff.patches import turn
from service.engine.spiff.workflow import NoScripts
from service.engine.types import Files, Message, Move, Restore, Start
from service.errors import BadVariables, DueFirst, EngineStopped, NotWaiting, SeveralWait
from tests.engine.drawing import (
    MONDAY,
    TYPES,
    Walk,
    border,
    definition,
    diagram,
    document,
    each,
    extension,
    job,
    node,
    nodes,
    process,
    ref,
    small,
    straight,
    sub,
    timer,
)

ROOT = Path(__file__).parents[3]


@cache
def alone() -> dict[str, Any]:
    """What the library does by itself, trap by trap."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.engine.spiff.stock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(run.stdout)
    return told


def codes(data: bytes) -> set[str]:
    """What the linter says about a file, errors only."""
    return {f.code for f in lint(Files({"p.bpmn": data}, types=TYPES)) if f.severity == "E"}


def refused(inside: str, flow: str, ends: str = "e") -> set[str]:
    """The same for a process with a start and some ends."""
    return codes(diagram(node("startEvent", "s") + inside + nodes("endEvent", ends), flow))


LOOP = nodes("exclusiveGateway", "m") + node("exclusiveGateway", "g", default="g_m")


def test_trap_1_depth() -> None:
    assert alone()["depth"] == [True, []], (
        "the library closes the case at turn 250, without an end event"
    )
    assert 1000 not in TaskIterator.__init__.__defaults__
    walk = Walk(small(LOOP + nodes("userTask", "a"), "s>m m>a a>g g>m g>e[yes]"))
    for _ in range(400):
        walk.do("a", yes=False)
    assert walk.do("a", yes=True).ends == ("e",)


def test_trap_2_dead_end() -> None:
    assert alone()["dead_end"] == [True, ["e"]], (
        "one of two tokens ran into an element without a way out"
    )
    with pytest.raises(EngineStopped) as stopped:
        Walk(
            definition(
                diagram(nodes("startEvent", "s") + nodes("intermediateThrowEvent", "t"), "s>t")
            )
        )
    assert stopped.value.kind == "lost_token"
    assert "D392" in refused(
        nodes("intermediateThrowEvent", "a b") + nodes("parallelGateway", "f"), "s>f f>a f>b a>e"
    )


def test_trap_3_reserved() -> None:
    assert alone()["reserved"] == [[], True], "both tasks of the process are swallowed"
    assert "D101" in refused(nodes("manualTask", "End"), "s>End End>e")
    with pytest.raises(KeyError):
        straight("End")


def test_trap_4_loop_join() -> None:
    assert alone()["loop_join"] == ["a", "w"], "the library joins although a is open"
    walk = Walk(
        small(
            LOOP + nodes("parallelGateway", "f j") + nodes("userTask", "a b w"),
            "s>m m>f f>a f>b a>j b>j j>w w>g g>m g>e[yes]",
        )
    )
    for name in ("a", "b", "w", "b"):
        walk.do(name)
    assert walk.open("task") == ["a"]


def test_trap_5_loop_drop() -> None:
    assert alone()["loop_drop"] == [["c", "d", "y"], ["c", "d"]], (
        "the second token through g takes away what the first one opened"
    )
    gates = nodes("parallelGateway", "f g") + nodes("exclusiveGateway", "m")
    walk = Walk(
        small(gates + nodes("userTask", "x y c d"), "s>f f>x f>y x>m y>m m>g g>c g>d c>e d>e")
    )
    walk.do("x")
    walk.do("y")
    assert walk.open() == ["c", "c", "d", "d"]


def test_trap_6_or_join() -> None:
    assert alone()["or_join"] == ["b"], "the join lets a go on alone, and d is lost"
    gates = (
        nodes("inclusiveGateway", "o")
        + node("inclusiveGateway", "f", default="f_o")
        + node("exclusiveGateway", "x", default="x_o")
    )
    walk = Walk(
        small(
            gates + nodes("userTask", "a c") + job("j"),
            "s>f f>a[n~>~0] f>j[yes] f>o j>x x>o x>c[n~>~5] a>o c>o o>e",
        ),
        Start({"yes": True, "n": 1}),
    )
    walk.do("a")
    assert walk.open() == ["j", "o"]
    walk.do("j")
    assert walk.turn.finished


def test_trap_7_layout() -> None:
    assert alone()["layout"] == [["a"], ["b"]], "what is drawn higher is asked first"

    def drawn(first: int, second: int) -> bytes:
        shapes = "".join(
            f'<Shape bpmnElement="{name}" y="{y}"/>' for name, y in (("a", first), ("b", second))
        )
        plain = diagram(
            nodes("startEvent", "s")
            + node("exclusiveGateway", "g", default="g_b")
            + nodes("userTask", "a b")
            + nodes("endEvent", "e"),
            "s>g g>a[yes] g>b a>e b>e",
        )
        return plain.replace(
            b"</definitions>",
            f'<Diagram xmlns="http://www.omg.org/spec/BPMN/20100524/DI">{shapes}</Diagram></definitions>'.encode(),
        )

    assert definition(drawn(10, 90)).digest == definition(drawn(90, 10)).digest


def test_trap_8_scoped_error() -> None:
    assert alone()["scoped_error"] == ["p", "q"], "the error of one sub-process is caught at both"
    both = border("x", "a", ref("error", "E")) + border("y", "b", ref("error", "E"))
    walk = Walk(
        small(
            nodes("parallelGateway", "f") + job("a") + job("b") + both + nodes("userTask", "p q"),
            "s>f f>a f>b a>e b>e x>p p>e y>q q>e",
        )
    )
    walk.fail("a", "E")
    assert walk.open() == ["b", "p"]


def test_trap_9_event_sub() -> None:
    assert alone()["event_sub"] == [["a", "b"], "WorkflowException", ["a"]], (
        "it interrupts nothing, and a nested one never starts"
    )

    def started(where: str, attributes: str = 'isInterrupting="false"') -> set[str]:
        start = f'<startEvent id="m" {attributes}>{ref("message", "M")}</startEvent>'
        inside = sub(
            "es",
            start + nodes("manualTask", "b") + nodes("endEvent", "ie"),
            "m>b b>ie",
            triggeredByEvent="true",
        )
        if where == "top":
            return refused(nodes("manualTask", "a") + inside, "s>a a>e")
        return refused(
            sub(
                "box",
                nodes("startEvent", "is")
                + nodes("manualTask", "a")
                + nodes("endEvent", "oe")
                + inside,
                "is>a a>oe",
            ),
            "s>box box>e",
        )

    assert "D203" in started("top", "")
    assert "D204" in started("nested")
    assert not {"D203", "D204"} & started("top")


def test_trap_10_event_sub_start() -> None:
    assert alone()["event_sub_start"] == ["es"], "it has begun with the case"
    start = node("startEvent", "m", timer("Duration", "P1D"), isInterrupting="false")
    inside = sub(
        "es",
        start + nodes("manualTask", "b") + nodes("endEvent", "ie"),
        "m>b b>ie",
        triggeredByEvent="true",
    )
    assert "D206" in refused(nodes("manualTask", "a") + inside, "s>a a>e")


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


def test_trap_11_spec_unchanged() -> None:
    assert alone()["spec_unchanged"] == [True, 1], (
        "a later case of the same spec begins with the event sub-process running"
    )
    inside = (
        node("startEvent", "m", ref("message", "M"), isInterrupting="false")
        + nodes("userTask", "b")
        + nodes("endEvent", "ie")
    )
    drawn = small(
        nodes("userTask", "a") + sub("es", inside, "m>b b>ie", triggeredByEvent="true"), "s>a a>e"
    )
    before = dump(drawn)
    for _ in range(100):
        walk = Walk(drawn)
        walk.act(Message("M"))
        walk.do("b")
        walk.do("a")
        assert walk.turn.finished
    assert dump(drawn) == before


def test_trap_12_again() -> None:
    assert alone()["again"] == ["taken", "WorkflowException"]
    walk = Walk(
        small(
            nodes("userTask", "a r") + border("m", "a", ref("message", "M"), interrupting=False),
            "s>a a>e m>r r>f",
            "e f",
        )
    )
    walk.act(Message("M"))
    walk.act(Message("M"))
    assert walk.open("task") == ["a", "r", "r"]


def test_trap_13_mi_restored() -> None:
    assert alone()["mi_restored"] == [False, []], (
        "all instances are done, and the activity never ends"
    )
    walk = Walk(
        small(node("userTask", "a", each("list", "x", "out", "x")), "s>a a>e"),
        Start({"list": [1, 2]}),
    )
    walk.do("a")
    walk.do("a")
    assert walk.turn.finished


@pytest.mark.parametrize("sequential", [True, False])
def test_trap_14_mi_data(sequential: bool) -> None:
    assert alone()["mi_data"] == ["WorkflowDataException", "stalls", "WorkflowDataException"]
    drawn = small(
        node("userTask", "a", each("list", "x", "out", "x + n", sequential=sequential)), "s>a a>e"
    )
    walk = Walk(drawn, Start({"list": [3, 1, 2], "n": 0}))
    while not walk.turn.finished:
        walk.do("a", len(walk.open()) - 1, n=10)
    assert walk.turn.variables == {"list": [3, 1, 2], "n": 0, "out": [13, 11, 12]}
    with pytest.raises(EngineStopped) as stopped:
        Walk(drawn, Start({"list": [1, None]}))
    assert stopped.value.kind == "list"


def test_trap_15_mi_frozen() -> None:
    assert alone()["mi_frozen"] == ["IndexError", 300]
    gates = nodes("parallelGateway", "f j")
    drawn = small(
        gates
        + nodes("userTask", "b")
        + node("userTask", "a", each("list", "x", "out", "x", sequential=True)),
        "s>f f>a f>b a>j b>j j>e",
    )
    walk = Walk(drawn, Start({"list": [1, 2, 3]}))
    walk.do("b", list=[])
    for _ in range(3):
        walk.do("a")
    assert walk.turn.variables["out"] == [1, 2, 3]


def race() -> Walk:
    events = (timer("Duration", "P2D"), timer("Duration", "P1D"), ref("message", "M"))
    waits = "".join(
        node("intermediateCatchEvent", f"w{n}", event) for n, event in enumerate(events)
    )
    return Walk(
        small(
            node("eventBasedGateway", "g") + waits + nodes("userTask", "a b c"),
            "s>g g>w0 g>w1 g>w2 w0>a w1>b w2>c a>e b>e c>e",
        )
    )


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
        assert "D909" in refused(
            node("intermediateCatchEvent", "w", timer("Duration", text)), "s>w w>e"
        )


def test_trap_18_months() -> None:
    end_of_january = MONDAY.replace(day=31)
    assert alone()["months"] == ["2026-03-03", 31], (
        "a month from 31 January, and each month of a cycle that begins there"
    )
    walk = Walk(
        small(node("intermediateCatchEvent", "w", timer("Duration", "P1M")), "s>w w>e"),
        now=end_of_january,
    )
    assert walk.one("w").due == MONDAY.replace(month=2, day=28)


def test_trap_19_due_now() -> None:
    assert alone()["due_now"] is False
    walk = Walk(small(node("intermediateCatchEvent", "w", timer("Duration", "PT1H")), "s>w w>e"))
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
    assert (walk.open("task"), walk.told("missed")) == (["a", "r"], [("t", (29,))])


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
            getattr(NoScripts(), asked)(None, "1 + 1")
    with turn(MONDAY, "1"):
        case = decode(straight("a"), unpack(Walk(straight("a")).state))
        assert isinstance(case.script_engine, NoScripts)  # type: ignore[attr-defined]  # private to the library, which is the point


def test_trap_25_thrown_away() -> None:
    assert alone()["thrown_away"] == ["COMPLETED", "ERROR"]
    walk = Walk(
        small(
            node("exclusiveGateway", "g") + nodes("userTask", "a"),
            "s>a a>g g>e[yes] g>f[n~>~1]",
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
            node("exclusiveGateway", "g", default="g_f") + nodes("userTask", "a"),
            "s>a a>g g>e[n~>~12345] g>f",
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
        nodes("manualTask", "a")
        + node("intermediateThrowEvent", "t", "<compensateEventDefinition/>"),
        "s>a a>t t>e",
    )
    assert "D222" in refused(
        node("intermediateThrowEvent", "t", '<linkEventDefinition name="L"/>'), "s>t t>e"
    )
    assert "D460" in refused(nodes("manualTask", "a"), "s>a a>e[yes]")
    assert "D801" in refused(nodes("intermediateThrowEvent", "a b"), "s>a a>e b>e")


def test_trap_29_and_43_kinds() -> None:
    assert alone()["kinds"] == [["a"], [], ["a"], ["u"], "ValidationException"], (
        "a plain task waits, a receive task without message passes"
    )
    assert "D301" in refused(nodes("task", "a"), "s>a a>e")
    assert "D330" in refused(nodes("businessRuleTask", "a"), "s>a a>e")
    assert "D320" in refused(nodes("scriptTask", "a"), "s>a a>e")
    assert "D360" in refused(node("manualTask", "a", "<standardLoopCharacteristics/>"), "s>a a>e")
    assert "D343" in refused(
        node("transaction", "a", nodes("startEvent", "is") + nodes("endEvent", "ie")), "s>a a>e"
    )
    assert "D221" in refused(
        node("intermediateCatchEvent", "w", "<conditionalEventDefinition/>"), "s>w w>e"
    )


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
    lost = [node("intermediateCatchEvent", name, ref("message", "nowhere")) for name in "wv"]
    found = [
        f
        for f in lint(
            Files(
                {
                    "p.bpmn": diagram(
                        node("startEvent", "s") + "".join(lost) + node("endEvent", "e"),
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
    inside = nodes("startEvent", "is") + nodes("manualTask", "a") + nodes("endEvent", "ie")
    assert "D102" in refused(
        nodes("manualTask", "a") + sub("box", inside, "is>a a>ie"), "s>a a>box box>e"
    )
    other = process("q", nodes("startEvent", "s") + nodes("endEvent", "x"), "s>x")
    twice = document(process("p", nodes("startEvent", "s") + nodes("endEvent", "e"), "s>e"), other)
    assert "D102" in codes(twice)


def test_trap_33_artefacts() -> None:
    assert alone()["artefacts"] == "ValidationException", "a data store that nobody uses"
    extra = '<dataObject id="o"/><dataStoreReference id="r"/><textAnnotation id="n"><text>note</text></textAnnotation>'
    walk = Walk(
        definition(
            diagram(
                nodes("startEvent", "s") + extra + nodes("userTask", "a") + nodes("endEvent", "e"),
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
    told = {name: decided(policy, cells) for name, (policy, cells) in CELLS.items()}
    assert told == {"unique": "rule_unique", "alternatives": "r0", "not": "r0", "range": "r0"}
    assert (
        decided(
            "PRIORITY",
            ['"b"', '"b"'],
            '<outputValues id="v"><text>"r1", "r0"</text></outputValues>',
        )
        == "r1"
    )


def decided(policy: str, cells: list[str], allowed: str = "") -> object:
    """What a table of one column gives for the text b, or the kind of the stop."""
    rules = "".join(
        f'<rule id="u{n}"><inputEntry id="i{n}"><text>{cell}</text></inputEntry><outputEntry id="o{n}"><text>"r{n}"</text></outputEntry></rule>'
        for n, cell in enumerate(cells)
    )
    asks = '<input id="i"><inputExpression id="x" typeRef="string"><text>text</text></inputExpression></input>'
    asks += f'<output id="o" name="y" typeRef="string">{allowed}</output>'
    table = f'<decision id="rule" name="r"><decisionTable id="t" hitPolicy="{policy}">{asks}{rules}</decisionTable></decision>'
    name = 'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" namespace="t" name="d"'
    decisions, findings = read_rules(
        {"rule.dmn": f"<definitions {name}>{table}</definitions>".encode()}, {"text": STRING}
    )
    assert not [f for f in findings if f.severity == "E" and f.code != "R203"]
    try:
        return decide(decisions, "rule", {"text": "b"}, now=MONDAY, zone=ZoneInfo("UTC")).value
    except EngineStopped as stop:
        return stop.kind


def test_trap_35_message_one() -> None:
    assert alone()["message_one"] == ["c", "d"], "one message wakes both"
    both = border("x", "a", ref("message", "M")) + border("y", "b", ref("message", "M"))
    walk = Walk(
        small(
            nodes("parallelGateway", "f") + nodes("userTask", "a b c d") + both,
            "s>f f>a f>b a>e b>e x>c c>e y>d d>e",
        )
    )
    with pytest.raises(SeveralWait):
        walk.act(Message("M"))
    walk.act(Message("M", element="x"))
    assert walk.open("task") == ["b", "c"]
    with pytest.raises(NotWaiting):
        walk.act(Message("O"))


def test_trap_36_started() -> None:
    assert alone()["started"] == ["STARTED", True], "what the library calls unused works"
    assert TaskState.STARTED == 32
    walk = Walk(
        small(
            job("j") + border("t", "j", timer("Duration", "P1D")) + nodes("userTask", "a"),
            "s>j j>e t>a a>e",
        )
    )
    assert walk.open() == ["j", "t"]
    walk.do("t")
    assert walk.open() == ["a"]


def test_trap_37_move() -> None:
    assert alone()["migrate"] == [True, [None]], "the timer was restarted and the draft is gone"
    guard = border("t", "a", timer("Duration", "P7D")) + nodes("userTask", "a r")
    walk = Walk(small(guard, "s>a a>e t>r r>e"))
    before = walk.turn.open
    walk.definition = small(guard + nodes("userTask", "b"), "s>a a>b b>e t>r r>e")
    walk.later(days=2)
    assert walk.act(Move()).open == before


def test_trap_38_restore() -> None:
    assert alone()["reset"] == ["a", "c"], "two tokens in a block that has one"
    walk = Walk(
        small(
            nodes("parallelGateway", "f j") + nodes("userTask", "a b c"),
            "s>f f>a f>b a>j b>j j>c c>e",
        )
    )
    before = walk.state
    walk.do("a")
    walk.do("b")
    walk.act(Restore(before))
    assert walk.open() == ["a", "b"]


def test_trap_39_move_boundary() -> None:
    assert alone()["move_boundary"] == "WorkflowException", "Split was not reached"
    walk = Walk(straight("a b"))
    walk.definition = small(
        nodes("userTask", "a b r") + border("t", "a", timer("Duration", "P1D")),
        "s>a a>b b>e t>r r>e",
    )
    walk.act(Move())
    assert walk.open() == ["a", "t"]
    walk.do("a")
    walk.do("b")
    assert walk.turn.finished


def test_trap_40_loop_2000() -> None:
    assert alone()["quadratic"] is True, (
        "turn 60 of a loop costs more than four times turn 6; ours: test_codec, 2,000 turns"
    )
    walk, rows = Walk(straight(" ".join(f"t{n}" for n in range(40)))), []
    for n in range(39):
        walk.do(f"t{n}")
        rows.append(sum(len(scope[2]) for scope in unpack(walk.state).scopes))
    assert set(rows) == {1}


def test_trap_41_fault_end() -> None:
    assert alone()["fault_end"] == {"box": "COMPLETED", "b": "CANCELLED", "c": "READY"}, (
        "b was opened, and taken away again"
    )
    inside = (
        nodes("startEvent", "is")
        + nodes("userTask", "a")
        + node("endEvent", "bad", ref("error", "E"))
    )
    walk = Walk(
        small(
            sub("box", inside, "is>a a>bad")
            + border("x", "box", ref("error", "E"))
            + nodes("userTask", "b c"),
            "s>box box>b b>e x>c c>e",
        )
    )
    walk.do("a")
    assert walk.open() == ["c"]
    assert "b" not in {s.element for s in walk.turn.steps}


def test_trap_42_ad_hoc() -> None:
    assert alone()["ad_hoc"] == "passes", (
        "ordering=Sequential is what the library refuses, were it seen"
    )
    assert "D343" in refused(node("adHocSubProcess", "a", nodes("manualTask", "b")), "s>a a>e")


def test_trap_44_quiet(caplog: pytest.LogCaptureFixture) -> None:
    assert alone()["quiet"] is True, "a value of the case is in its log records"
    walk = Walk(straight("a b"), Start({"text": "canary"}))
    walk.do("a", text="canary")
    assert "canary" not in caplog.text
    assert logging.getLogger("spiff.task").level >= logging.WARNING
    assert logging.getLogger("spiff.workflow").level >= logging.WARNING


def test_trap_45_threads() -> None:
    assert alone()["threads"] == 1, "a case leaves its callback on the shared spec"
    drawn = small(
        nodes("parallelGateway", "f j")
        + node("userTask", "a", each("list", "x", "out", "x"))
        + nodes("userTask", "b"),
        "s>f f>a f>b a>j b>j j>e",
    )
    before = dump(drawn)

    def run(number: int) -> bytes:
        walk = Walk(drawn, Start({"list": list(range(number % 5))}))
        while not walk.turn.finished:
            walk.do(walk.open("task")[-1])
        return walk.state

    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(run, range(120)))
    assert together == [run(number) for number in range(120)]
    assert dump(drawn) == before


def test_trap_46_codec_round() -> None:
    assert alone()["codec_round"] == ["KeyError", True], (
        "a value made the case unloadable; loading changes what it reads"
    )
    walk = Walk(
        straight("a b"),
        Start({"text": "typename", "list": ["typename", 1, "1.50", True, None], "yes": None}),
    )
    before = dict(walk.turn.variables)
    walk.do("a")
    assert walk.turn.variables == before


def test_trap_47_bombs() -> None:
    assert alone()["bombs"] == [True, []], "a loop that is always true ends as a completed case"
    gates = nodes("exclusiveGateway", "m") + node("exclusiveGateway", "g", default="g_m")
    with pytest.raises(EngineStopped) as stopped:
        Walk(small(gates, "s>m m>g g>m g>e[yes]"))
    assert stopped.value.kind == "steps"
    fork = nodes("exclusiveGateway", "m") + nodes("parallelGateway", "f")
    with pytest.raises(EngineStopped) as stopped:
        Walk(small(fork, "s>m m>f f>m f>e"))
    assert stopped.value.kind in {"steps", "tasks"}
    call = node("callActivity", "c", extension('<zeebe:calledElement processId="p"/>'))
    again = process("p", nodes("startEvent", "s") + call + nodes("endEvent", "e"), "s>c c>e")
    with pytest.raises(EngineStopped) as stopped:
        Walk(definition(document(again)))
    assert stopped.value.kind in {"steps", "broke"}
    with pytest.raises(BadVariables):
        Walk(straight("a"), Start({"list": [0] * 1_000_000}))


def test_trap_48_pinned() -> None:
    assert version("SpiffWorkflow") == "3.2.0"
    importers = {
        p.relative_to(ROOT).parts[:2]
        for folder in ("service", "handlers")
        for p in (ROOT / folder).rglob("*.py")
        if imports_the_library(p.read_text())
    }
    assert importers == {("service", "engine")}


def imports_the_library(text: str) -> bool:
    return any(
        line.lstrip().startswith(("from SpiffWorkflow", "import SpiffWorkflow"))
        for line in text.splitlines()
    )


def test_every_trap_that_the_library_shows_alone_is_asked_here() -> None:
    asked = set(re.findall(r'alone\(\)\["(\w+)"\]', Path(__file__).read_text()))
    assert asked == set(alone())
