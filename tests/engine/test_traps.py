"""The traps of SpiffWorkflow 3.2.0: one test each, named by its number and guard. Where it is cheap the library's own behaviour is shown first,
so that another release of it tells us what has changed.
"""

from __future__ import annotations

import inspect
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import pytest
import SpiffWorkflow
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.defaults import EndEvent, ExclusiveGateway, ManualTask, ParallelGateway, StartEvent
from SpiffWorkflow.bpmn.specs.event_definitions import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import DurationTimerEventDefinition
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskIterator, TaskState
from SpiffWorkflow.workflow import Workflow

from service.engine.advance import advance
from service.engine.clockwork import turn
from service.engine.codec import decode, unpack
from service.engine.definition import Definition
from service.engine.lint import lint
from service.engine.scopes import NoScripts
from service.engine.values import Complete, Files, Message, Move, Start
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


def codes(data: bytes) -> set[str]:
    """What the linter says about a file, errors only."""
    return {f.code for f in lint(Files({"p.bpmn": data}, types=TYPES)) if f.severity == "E"}


def refused(inside: str, flow: str, ends: str = "e") -> set[str]:
    """The same for a process with a start and some ends."""
    return codes(diagram(node("startEvent", "s") + inside + nodes("endEvent", ends), flow))


def unpatched(program: str) -> str:
    """What the library says in a process that does not know us."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def stock(kinds: dict[str, type], flow: str) -> BpmnWorkflow:
    """A case of the library's own classes, inside a turn of ours."""
    spec = BpmnProcessSpec("p")
    made = {name: kind(spec, name, NoneEventDefinition()) if kind in {StartEvent, EndEvent} else kind(spec, name) for name, kind in kinds.items()}
    spec.start.connect(made["s"])
    for link in flow.split():
        source, _, rest = link.partition(">")
        target, _, condition = rest.partition("?")
        made[source].connect_outgoing_if(condition or None, made[target])
    for name, kind in kinds.items():
        if kind is EndEvent:
            made[name].connect(spec.end)
    case = BpmnWorkflow(spec)
    case.do_engine_steps()
    return case


def ready(case: BpmnWorkflow, name: str) -> Task:
    return next(t for t in case.get_tasks(state=TaskState.READY) if t.task_spec.name == name)


def test_trap_1_depth() -> None:
    assert unpatched("from SpiffWorkflow.util.task import TaskIterator; print(1000 in TaskIterator.__init__.__defaults__)") == "True"
    assert 1000 not in TaskIterator.__init__.__defaults__


def test_trap_2_dead_end() -> None:
    with turn(MONDAY, "1"):
        case = stock({"s": StartEvent, "a": ManualTask, "b": ManualTask, "e": EndEvent}, "s>a s>b b>e")
        ready(case, "a").run()
        ready(case, "b").run()
        case.do_engine_steps()
        assert case.is_completed()
    with pytest.raises(EngineStopped) as stopped:
        Walk(definition(diagram(nodes("startEvent", "s") + nodes("intermediateThrowEvent", "t"), "s>t")))
    assert stopped.value.kind == "lost_token"
    assert "D392" in refused(nodes("intermediateThrowEvent", "a b") + nodes("parallelGateway", "f"), "s>f f>a f>b a>e")


def test_trap_3_reserved() -> None:
    assert {"Start", "End", "p.EndJoin"} <= set(BpmnProcessSpec("p").task_specs)
    assert "D101" in refused(nodes("manualTask", "End"), "s>End End>e")
    with pytest.raises(KeyError):
        straight("End")


LOOP = {"s": StartEvent, "m": ExclusiveGateway, "f": ParallelGateway, "a": ManualTask, "b": ManualTask, "j": ParallelGateway, "w": ManualTask, "e": EndEvent}


def test_trap_4_loop_join() -> None:
    with turn(MONDAY, "1"):
        case = stock(LOOP, "s>m m>f f>a f>b a>j b>j j>w w>m")
        for name in ("a", "b", "w", "b"):
            ready(case, name).run()
            case.do_engine_steps()
        assert [t.task_spec.name for t in case.get_tasks(state=TaskState.READY)] == ["a", "w"], "the library joins although a is open"
    gates = nodes("exclusiveGateway", "m") + nodes("parallelGateway", "f j") + node("exclusiveGateway", "g", default="g_m")
    walk = Walk(small(gates + nodes("userTask", "a b w"), "s>m m>f f>a f>b a>j b>j j>w w>g g>m g>e[yes]"))
    for name in ("a", "b", "w", "b"):
        walk.do(name)
    assert walk.open("task") == ["a"]


def test_trap_5_loop_drop() -> None:
    gates = nodes("exclusiveGateway", "m") + nodes("parallelGateway", "f j h") + node("exclusiveGateway", "g", default="g_m")
    walk = Walk(small(gates + nodes("userTask", "a b c w"), "s>m m>f f>a f>b a>j b>j j>h h>c c>k h>w w>g g>m g>e[yes]", "e k"))
    for name in ("a", "b", "w", "a", "b", "w"):
        walk.do(name)
    assert walk.open("task").count("c") == 2


def test_trap_6_or_join() -> None:
    gates = nodes("inclusiveGateway", "o") + node("inclusiveGateway", "f", default="f_o") + node("exclusiveGateway", "x", default="x_o")
    walk = Walk(small(gates + nodes("userTask", "a c") + job("j"), "s>f f>a[n~>~0] f>j[yes] f>o j>x x>o x>c[n~>~5] a>o c>o o>e"), Start({"yes": True, "n": 1}))
    walk.do("a")
    assert walk.open() == ["j", "o"]
    walk.do("j")
    assert walk.turn.finished


def test_trap_7_layout() -> None:
    def drawn(first: int, second: int) -> bytes:
        shapes = "".join(f'<Shape bpmnElement="{name}" y="{y}"/>' for name, y in (("a", first), ("b", second)))
        plain = diagram(
            nodes("startEvent", "s") + node("exclusiveGateway", "g", default="g_b") + nodes("userTask", "a b") + nodes("endEvent", "e"),
            "s>g g>a[yes] g>b a>e b>e",
        )
        return plain.replace(b"</definitions>", f'<Diagram xmlns="http://www.omg.org/spec/BPMN/20100524/DI">{shapes}</Diagram></definitions>'.encode())

    assert definition(drawn(10, 90)).digest == definition(drawn(90, 10)).digest


def test_trap_8_scoped_error() -> None:
    both = border("x", "a", ref("error", "E")) + border("y", "b", ref("error", "E"))
    walk = Walk(small(nodes("parallelGateway", "f") + job("a") + job("b") + both + nodes("userTask", "p q"), "s>f f>a f>b a>e b>e x>p p>e y>q q>e"))
    walk.fail("a", "E")
    assert walk.open() == ["b", "p"]


def test_trap_9_event_sub_process() -> None:
    def started(where: str, attributes: str = 'isInterrupting="false"') -> set[str]:
        start = f'<startEvent id="m" {attributes}>{ref("message", "M")}</startEvent>'
        inside = sub("es", start + nodes("manualTask", "b") + nodes("endEvent", "ie"), "m>b b>ie", triggeredByEvent="true")
        if where == "top":
            return refused(nodes("manualTask", "a") + inside, "s>a a>e")
        return refused(sub("box", nodes("startEvent", "is") + nodes("manualTask", "a") + nodes("endEvent", "oe") + inside, "is>a a>oe"), "s>box box>e")

    assert "D203" in started("top", "")
    assert "D204" in started("nested")
    assert not {"D203", "D204"} & started("top")


def test_trap_10_event_sub_process_start() -> None:
    start = node("startEvent", "m", timer("Duration", "P1D"), isInterrupting="false")
    inside = sub("es", start + nodes("manualTask", "b") + nodes("endEvent", "ie"), "m>b b>ie", triggeredByEvent="true")
    assert "D206" in refused(nodes("manualTask", "a") + inside, "s>a a>e")


def dump(drawn: Definition) -> list[object]:
    """Everything in the specs that a case could change."""
    return [
        [(name, {k: repr(v) for k, v in vars(spec).items() if k != "_wf_spec" and not k.endswith("_event")}) for name, spec in scope.task_specs.items()]
        for scope in drawn.scopes.values()
    ]


def test_trap_11_specs_are_unchanged() -> None:
    inside = node("startEvent", "m", ref("message", "M"), isInterrupting="false") + nodes("userTask", "b") + nodes("endEvent", "ie")
    drawn = small(nodes("userTask", "a") + sub("es", inside, "m>b b>ie", triggeredByEvent="true"), "s>a a>e")
    before = dump(drawn)
    for _ in range(100):
        walk = Walk(drawn)
        walk.act(Message("M"))
        walk.do("b")
        walk.do("a")
        assert walk.turn.finished
    assert dump(drawn) == before


def test_trap_12_again() -> None:
    walk = Walk(small(nodes("userTask", "a r") + border("m", "a", ref("message", "M"), interrupting=False), "s>a a>e m>r r>f", "e f"))
    walk.act(Message("M"))
    walk.act(Message("M"))
    assert walk.open("task") == ["a", "r", "r"]


def test_trap_13_instances_of_a_stored_case_are_heard_of() -> None:
    walk = Walk(small(node("userTask", "a", each("list", "x", "out", "x")), "s>a a>e"), Start({"list": [1, 2]}))
    walk.do("a")
    walk.do("a")
    assert walk.turn.finished


@pytest.mark.parametrize("sequential", [True, False])
def test_trap_14_instances_have_their_own_data(sequential: bool) -> None:  # noqa: FBT001 - a parameter of the test
    drawn = small(node("userTask", "a", each("list", "x", "out", "x + n", sequential=sequential)), "s>a a>e")
    walk = Walk(drawn, Start({"list": [3, 1, 2], "n": 0}))
    while not walk.turn.finished:
        walk.do("a", len(walk.open()) - 1, n=10)
    assert walk.turn.variables == {"list": [3, 1, 2], "n": 0, "out": [13, 11, 12]}
    with pytest.raises(EngineStopped) as stopped:
        Walk(drawn, Start({"list": [1, None]}))
    assert stopped.value.kind == "list"


def test_trap_15_the_list_is_frozen_when_the_activity_begins() -> None:
    gates = nodes("parallelGateway", "f j")
    drawn = small(gates + nodes("userTask", "b") + node("userTask", "a", each("list", "x", "out", "x", sequential=True)), "s>f f>a f>b a>j b>j j>e")
    walk = Walk(drawn, Start({"list": [1, 2, 3]}))
    walk.do("b", list=[])
    for _ in range(3):
        walk.do("a")
    assert walk.turn.variables["out"] == [1, 2, 3]


def race() -> Walk:
    events = (timer("Duration", "P2D"), timer("Duration", "P1D"), ref("message", "M"))
    waits = "".join(node("intermediateCatchEvent", f"w{n}", event) for n, event in enumerate(events))
    return Walk(small(node("eventBasedGateway", "g") + waits + nodes("userTask", "a b c"), "s>g g>w0 g>w1 g>w2 w0>a w1>b w2>c a>e b>e c>e"))


def test_trap_16_two_timers_behind_an_event_gateway_are_two() -> None:
    assert DurationTimerEventDefinition("t", "x") == DurationTimerEventDefinition("t", "y")
    walk = race()
    assert [o.due and (o.due - MONDAY).days for o in walk.turn.open if o.kind == "timer"] == [2, 1]
    walk.do("w1")
    assert walk.open() == ["b"]


def test_trap_17_timer_text() -> None:
    for text in ("1 week", "P0.5M", "timedelta(days=1)"):
        assert "D909" in refused(node("intermediateCatchEvent", "w", timer("Duration", text)), "s>w w>e")


def test_trap_18_months() -> None:
    end_of_january = MONDAY.replace(day=31)
    stock_month = DurationTimerEventDefinition.get_timedelta_from_start({"months": 1}, end_of_january)
    assert end_of_january + stock_month == MONDAY.replace(month=3, day=3)
    walk = Walk(small(node("intermediateCatchEvent", "w", timer("Duration", "P1M")), "s>w w>e"), now=end_of_january)
    assert walk.one("w").due == MONDAY.replace(month=2, day=28)


def test_trap_19_a_timer_that_is_due_now_fires() -> None:
    walk = Walk(small(node("intermediateCatchEvent", "w", timer("Duration", "PT1H")), "s>w w>e"))
    assert walk.do("w").finished


def test_trap_20_missed_rounds_are_one_firing() -> None:
    walk = Walk(small(nodes("userTask", "a r") + border("t", "a", timer("Cycle", "R/P1D"), interrupting=False), "s>a a>e t>r r>f", "e f"))
    walk.later(days=30)
    walk.do("t")
    assert (walk.open("task"), walk.told("missed")) == (["a", "r"], [("t", (29,))])


def test_trap_21_late() -> None:
    walk = Walk(small(nodes("userTask", "a r") + border("t", "a", timer("Duration", "P1D")), "s>a a>e t>r r>e"))
    walk.later(days=2)
    with pytest.raises(DueFirst):
        walk.do("a")


def test_trap_22_variables_live_once() -> None:
    assert DeepMerge.merge({"a": [1, 2]}, {"a": [3]}) == {"a": [1]} or DeepMerge.merge({"a": [1, 2]}, {"a": [3]})["a"] != [3]
    walk = Walk(small(nodes("parallelGateway", "f j") + nodes("userTask", "a b c"), "s>f f>a f>b a>j b>j j>c c>e"))
    walk.do("a", list=[1, 2])
    walk.do("b", list=[3])
    assert walk.turn.variables["list"] == [3]


def test_trap_23_and_24_no_eval() -> None:
    for asked in ("evaluate", "execute", "call_service"):
        assert hasattr(PythonScriptEngine, asked)
        with pytest.raises(EngineStopped):
            getattr(NoScripts(), asked)(None, "1 + 1")
    with turn(MONDAY, "1"):
        case = decode(straight("a"), unpack(Walk(straight("a")).state))
        assert isinstance(case.script_engine, NoScripts)  # type: ignore[attr-defined]


def test_trap_25_what_broke_is_thrown_away() -> None:
    walk = Walk(small(node("exclusiveGateway", "g") + nodes("userTask", "a"), "s>a a>g g>e[yes] g>f[n~>~1]", "e f"))
    state = walk.state
    with pytest.raises(EngineStopped):
        walk.do("a", yes=False)
    assert walk.state == state
    walk.do("a", yes=True)
    assert walk.turn.finished


def test_trap_26_no_code_in_the_state() -> None:
    walk = Walk(small(node("exclusiveGateway", "g", default="g_f") + nodes("userTask", "a"), "s>a a>g g>e[n~>~12345] g>f", "e f"))
    assert b"12345" not in walk.state
    assert not [p for p in Path("service").rglob("*.py") if "SpiffWorkflow" in p.read_text() and "serializer" in p.read_text()]


def test_trap_27_nothing_live_is_left_in_an_event_gateway() -> None:
    walk = race()
    walk.do("w2")
    assert b"seen_events" not in walk.state
    assert walk.open() == ["c"]


def test_trap_28_nothing_is_ignored() -> None:
    assert "D211" in refused(nodes("manualTask", "a") + node("intermediateThrowEvent", "t", "<compensateEventDefinition/>"), "s>a a>t t>e")
    assert "D222" in refused(node("intermediateThrowEvent", "t", '<linkEventDefinition name="L"/>'), "s>t t>e")
    assert "D460" in refused(nodes("manualTask", "a"), "s>a a>e[yes]")
    assert "D801" in refused(nodes("intermediateThrowEvent", "a b"), "s>a a>e b>e")


def test_trap_29_and_43_kinds() -> None:
    assert "D301" in refused(nodes("task", "a"), "s>a a>e")
    assert "D330" in refused(nodes("businessRuleTask", "a"), "s>a a>e")
    assert "D320" in refused(nodes("scriptTask", "a"), "s>a a>e")
    assert "D360" in refused(node("manualTask", "a", "<standardLoopCharacteristics/>"), "s>a a>e")
    assert "D343" in refused(node("transaction", "a", nodes("startEvent", "is") + nodes("endEvent", "ie")), "s>a a>e")
    assert "D221" in refused(node("intermediateCatchEvent", "w", "<conditionalEventDefinition/>"), "s>w w>e")


def test_trap_30_long_chain() -> None:
    drawn = straight(" ".join(f"t{n}" for n in range(500)))
    walk = Walk(drawn)
    for n in range(500):
        walk.do(f"t{n}")
    assert walk.turn.finished


def test_trap_32_ids() -> None:
    inside = nodes("startEvent", "is") + nodes("manualTask", "a") + nodes("endEvent", "ie")
    assert "D102" in refused(nodes("manualTask", "a") + sub("box", inside, "is>a a>ie"), "s>a a>box box>e")
    other = process("q", nodes("startEvent", "s") + nodes("endEvent", "x"), "s>x")
    twice = document(process("p", nodes("startEvent", "s") + nodes("endEvent", "e"), "s>e"), other)
    assert "D102" in codes(twice)


def test_trap_33_artefacts() -> None:
    extra = '<dataObject id="o"/><dataStoreReference id="r"/><textAnnotation id="n"><text>note</text></textAnnotation>'
    walk = Walk(definition(diagram(nodes("startEvent", "s") + extra + nodes("userTask", "a") + nodes("endEvent", "e"), "s>a a>e")))
    assert walk.do("a").finished


def test_trap_35_message_one() -> None:
    both = border("x", "a", ref("message", "M")) + border("y", "b", ref("message", "M"))
    walk = Walk(small(nodes("parallelGateway", "f") + nodes("userTask", "a b c d") + both, "s>f f>a f>b a>e b>e x>c c>e y>d d>e"))
    with pytest.raises(SeveralWait):
        walk.act(Message("M"))
    walk.act(Message("M", element="x"))
    assert walk.open("task") == ["b", "c"]
    with pytest.raises(NotWaiting):
        walk.act(Message("O"))


def test_trap_36_started() -> None:
    assert TaskState.STARTED == 32
    assert "None" in (inspect.getdoc(Task.run) or "")
    walk = Walk(small(job("j") + border("t", "j", timer("Duration", "P1D")) + nodes("userTask", "a"), "s>j j>e t>a a>e"))
    assert walk.open() == ["j", "t"]
    walk.do("t")
    assert walk.open() == ["a"]


def test_trap_37_to_39_a_move_keeps_what_is_open() -> None:
    walk = Walk(straight("a b"))
    walk.definition = small(nodes("userTask", "a b r") + border("t", "a", timer("Duration", "P1D")), "s>a a>b b>e t>r r>e")
    walk.act(Move())
    assert walk.open() == ["a", "t"]
    walk.do("a")
    walk.do("b")
    assert walk.turn.finished


def test_trap_40_a_scope_is_looked_through_flatly() -> None:
    walk, rows = Walk(straight(" ".join(f"t{n}" for n in range(40)))), []
    for n in range(39):
        walk.do(f"t{n}")
        rows.append(sum(len(scope[2]) for scope in unpack(walk.state).scopes))
    assert set(rows) == {1}


def test_trap_41_fault_end() -> None:
    inside = nodes("startEvent", "is") + nodes("userTask", "a") + node("endEvent", "bad", ref("error", "E"))
    walk = Walk(small(sub("box", inside, "is>a a>bad") + border("x", "box", ref("error", "E")) + nodes("userTask", "b c"), "s>box box>b b>e x>c c>e"))
    walk.do("a")
    assert walk.open() == ["c"]
    assert "b" not in {s.element for s in walk.turn.steps}


def test_trap_42_ad_hoc() -> None:
    assert "D343" in refused(node("adHocSubProcess", "a", nodes("manualTask", "b")), "s>a a>e")


def test_trap_44_quiet(caplog: pytest.LogCaptureFixture) -> None:
    walk = Walk(straight("a b"), Start({"text": "canary"}))
    walk.do("a", text="canary")
    assert "canary" not in caplog.text
    assert logging.getLogger("spiff.task").level >= logging.WARNING
    assert logging.getLogger("spiff.workflow").level >= logging.WARNING


def test_trap_45_threads() -> None:
    drawn = small(nodes("parallelGateway", "f j") + node("userTask", "a", each("list", "x", "out", "x")) + nodes("userTask", "b"), "s>f f>a f>b a>j b>j j>e")
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


def test_trap_46_any_value_survives_the_state() -> None:
    walk = Walk(straight("a b"), Start({"text": "typename", "list": ["typename", 1, "1.50", True, None], "yes": None}))
    before = dict(walk.turn.variables)
    walk.do("a")
    assert walk.turn.variables == before


def test_trap_47_bombs_are_bounded() -> None:
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


PRIVATE = {
    Task: "_set_state _add_child _sync_children _ready run cancel complete",
    TaskSpec: "_update _predict _update_hook _run_hook _on_complete_hook _on_ready_hook _on_cancel test",
    BpmnTaskSpec: "_update_hook _on_complete_hook",
    Workflow: "_remove_task _task_removed_notify _mark_complete update_waiting_tasks cancel",
    BpmnWorkflow: "create_subprocess",
}


def test_trap_48_pinned() -> None:
    assert version("SpiffWorkflow") == "3.2.0"
    missing = [f"{kind.__name__}.{name}" for kind, names in PRIVATE.items() for name in names.split() if not hasattr(kind, name)]
    assert missing == []
    with turn(MONDAY, "1"):
        case = stock({"s": StartEvent, "a": ManualTask, "e": EndEvent}, "s>a a>e")
        assert {"_parent", "_children", "_state", "internal_data", "triggered", "last_state_change"} <= set(vars(ready(case, "a")))


def test_only_known_modules_of_the_library_ask_for_time_chance_or_ids() -> None:
    root = Path(inspect.getfile(SpiffWorkflow)).parent
    asks = ("import uuid", "from uuid", "import time", "from time", "import random", "from random", "datetime.now", "utcnow")
    found = {str(p.relative_to(root)) for p in root.rglob("*.py") if any(word in p.read_text() for word in asks)}
    running = {name for name in found if not name.startswith(("serializer", "bpmn/serializer", "bpmn/parser", "spiff", "camunda", "dmn"))}
    assert running <= {
        *("task.py", "workflow.py", "util/event.py", "util/compat.py", "specs/Celery.py", "specs/Execute.py", "util/task.py"),
        *("bpmn/specs/event_definitions/timer.py", "bpmn/script_engine/python_environment.py", "bpmn/util/diff.py", "exceptions.py"),
    }


def test_a_stock_timer_that_asks_for_the_time_fails_at_once() -> None:
    with pytest.raises(AttributeError):
        DurationTimerEventDefinition.get_timedelta_from_start({"days": 1})


def test_completing_twice_from_one_state_gives_one_future_each() -> None:
    walk = Walk(straight("a b"))
    a = walk.one("a").id
    one, two = (advance(walk.definition, walk.state, Complete(a), now=MONDAY, seed="2") for _ in range(2))
    assert one == two
