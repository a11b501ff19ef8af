"""SpiffWorkflow alone, in a process that does not know us: what it does with the drawings of each
trap (engine.md 2).

Run as a program it prints one JSON object, trap to what happened. `test_traps_*.py` say what that
has been; another release of the library may differ.
"""

from __future__ import annotations

import copy
import json
import logging
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.migration.version_1_2 import convert_timer_expressions
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    DurationTimerEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.util.diff import diff_workflow, migrate_workflow
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser import BpmnDmnParser
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState

from tests.engine.shapes import border, document, flows, node, nodes, process, ref, sub, timer
from tests.engine.spiff.measures import clock, count

Told = Any
"""What a trap tells: any JSON."""


def drawn(inside: str, flow: str, ends: str = "e", more: str = "") -> bytes:
    """A process with a start s and some ends; conditions are Python here."""
    body = node("startEvent", "s") + inside + nodes("endEvent", ends) + flows(flow, begins="")
    return document(node("process", "p", body, isExecutable="true"), more)


def parsed(data: bytes) -> tuple[Any, dict[str, Any]]:
    """The library's specs of a file."""
    parser = BpmnParser()
    parser.add_bpmn_str(data)
    spec = parser.get_spec("p")
    return spec, parser.get_subprocess_specs("p")


class Ours(TaskDataEnvironment):  # type: ignore[misc]  # the library ships no types
    """Python with time, and one service."""

    def __init__(self) -> None:
        super().__init__({"datetime": datetime, "timedelta": timedelta, "UTC": UTC})

    def call_service(self, *_args: object, **_given: object) -> object:
        raise KeyError(404)


def case(data: bytes, **values: object) -> BpmnWorkflow:
    """A case of a file, run until it waits."""
    started = BpmnWorkflow(*parsed(data), script_engine=PythonScriptEngine(Ours()))
    started.task_tree.data.update(values)
    for task in started.get_tasks():
        task.data.update(values)
    started.do_engine_steps()
    return started


def ready(run: BpmnWorkflow) -> list[str]:
    """Tasks for people that are open."""
    return sorted(
        t.task_spec.bpmn_id for t in run.get_tasks(state=TaskState.READY) if t.task_spec.manual
    )


def do(run: BpmnWorkflow, *names: str) -> BpmnWorkflow:
    """Complete the first open task of each name, in turn."""
    for name in names:
        next(t for t in run.get_tasks(state=TaskState.READY) if t.task_spec.bpmn_id == name).run()
        run.do_engine_steps()
    return run


def send(run: BpmnWorkflow, name: str = "M") -> str:
    """Send a message; what the library says."""
    try:
        run.send_event(BpmnEvent(MessageEventDefinition(name)))
    except Exception as refused:
        return type(refused).__name__
    run.do_engine_steps()
    return "taken"


def fails(act: Callable[[], object]) -> str:
    """The kind of the exception, or that there was none."""
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return "passes"


def ended(run: BpmnWorkflow) -> list[str]:
    """End events that were reached."""
    return sorted(
        t.task_spec.bpmn_id
        for t in run.get_tasks(state=TaskState.COMPLETED)
        if type(t.task_spec).__name__ == "EndEvent"
    )


def stored(run: BpmnWorkflow) -> BpmnWorkflow:
    """Written and read again."""
    serializer = BpmnWorkflowSerializer()
    back = serializer.deserialize_json(serializer.serialize_json(run))
    back.script_engine = PythonScriptEngine(Ours())
    return back


LOOP = nodes("exclusiveGateway", "m") + node("exclusiveGateway", "g", default="g_m")
LOOP_FLOW = "s>m m>a a>g g>m g>e[done]"


def depth() -> Told:
    run = case(drawn(LOOP + nodes("userTask", "a"), LOOP_FLOW), done=False)
    for turns in range(400):
        if run.is_completed():
            return [turns < 400, ended(run)]
        do(run, "a")
    return [False, ready(run)]


def dead_end() -> Told:
    run = case(drawn(nodes("parallelGateway", "f") + nodes("userTask", "a b"), "s>f f>a f>b a>e"))
    do(run, "a", "b")
    return [run.is_completed(), ended(run)]


def reserved() -> Told:
    run = case(drawn(nodes("userTask", "End a"), "s>End End>a a>e"))
    return [ready(run), run.is_completed()]


JOIN = (
    nodes("exclusiveGateway", "m")
    + nodes("parallelGateway", "f j")
    + node("exclusiveGateway", "g", default="g_m")
)


def loop_join() -> Told:
    run = case(
        drawn(JOIN + nodes("userTask", "a b w"), "s>m m>f f>a f>b a>j b>j j>w w>g g>m g>e[done]"),
        done=False,
    )
    return ready(do(run, "a", "b", "w", "b"))


def loop_drop() -> Told:
    gates = nodes("parallelGateway", "f g") + nodes("exclusiveGateway", "m")
    run = case(
        drawn(gates + nodes("userTask", "x y c d"), "s>f f>x f>y x>m y>m m>g g>c g>d c>e d>e")
    )
    return [ready(do(run, "x")), ready(do(run, "y"))]


def or_join() -> Told:
    inside = node("startEvent", "is") + nodes("userTask", "b") + node("endEvent", "ie")
    gates = (
        nodes("inclusiveGateway", "o")
        + node("inclusiveGateway", "f", default="f_o")
        + node("exclusiveGateway", "x", default="x_o")
    )
    work = gates + nodes("userTask", "a c d") + sub("box", inside, "is>b b>ie")
    run = case(
        drawn(work, "s>f f>a[yes] f>box[yes] f>o box>x x>o x>c[no] a>o c>o o>d d>e"),
        yes=True,
        no=False,
    )
    return ready(do(run, "a"))


def layout() -> Told:
    def picked(first: int, second: int) -> list[str]:
        shapes = "".join(
            f'<di:BPMNShape bpmnElement="{id_}"><dc:Bounds x="0" y="{y}"/></di:BPMNShape>'
            for id_, y in (("a", first), ("b", second))
        )
        name = 'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
        work = node("exclusiveGateway", "g", default="g_c") + nodes("userTask", "a b c")
        return ready(
            case(
                drawn(
                    work,
                    "s>g g>a[yes] g>b[yes] g>c a>e b>e c>e",
                    more=f"<di:BPMNDiagram {name}>{shapes}</di:BPMNDiagram>",
                ),
                yes=True,
            )
        )

    return [picked(10, 90), picked(90, 10)]


def scoped_error() -> Told:
    def box(name: str, end: str = "") -> str:
        inside = (
            node("startEvent", f"{name}s")
            + nodes("userTask", f"{name}u")
            + node("endEvent", f"{name}e", end)
        )
        return sub(name, inside, f"{name}s>{name}u {name}u>{name}e")

    both = border("x", "one", ref("error", "E")) + border("y", "two", ref("error", "E"))
    work = (
        nodes("parallelGateway", "f")
        + box("one", ref("error", "E"))
        + box("two")
        + both
        + nodes("userTask", "p q")
    )
    run = case(drawn(work, "s>f f>one f>two one>e two>e x>p p>e y>q q>e"))
    do(run, "oneu")
    return ready(run)


def event(kind: str = ref("message", "M"), **attributes: str) -> str:
    start = node("startEvent", "m", kind, **attributes)
    return sub(
        "es",
        start + nodes("userTask", "b") + nodes("endEvent", "ie"),
        "m>b b>ie",
        triggeredByEvent="true",
    )


def event_sub() -> Told:
    run = case(drawn(nodes("userTask", "a") + event(isInterrupting="true"), "s>a a>e"))
    send(run)
    interrupting = ready(run)
    nested = case(
        drawn(
            sub(
                "box",
                nodes("startEvent", "is")
                + nodes("userTask", "a")
                + nodes("endEvent", "oe")
                + event(),
                "is>a a>oe",
            ),
            "s>box box>e",
        )
    )
    return [interrupting, send(nested), ready(nested)]


def event_sub_start() -> Told:
    # the timer waits inside, in a run of the sub-process that has begun with the case
    run = case(drawn(nodes("userTask", "a") + event(timer("Duration", '"PT1H"')), "s>a a>e"))
    return sorted(sp.spec.name for sp in run.get_active_subprocesses() if sp is not run)


def spec_unchanged() -> Told:
    data = drawn(nodes("userTask", "a") + event(), "s>a a>e")
    spec, subs = parsed(data)
    first = BpmnWorkflow(spec, subs)
    first.do_engine_steps()
    before = list(spec.start._outputs)
    send(first)
    later = BpmnWorkflow(spec, subs)
    later.do_engine_steps()
    return [before != list(spec.start._outputs), len(later.subprocesses)]


def again() -> Told:
    guard = border("m", "a", ref("message", "M"), interrupting=False)
    run = case(drawn(nodes("userTask", "a r") + guard, "s>a a>e m>r r>k", "e k"))
    return [send(run), send(run)]


def many(*, sequential: bool, output: bool = True, extra: str = "") -> str:
    out = '<loopDataOutputRef>out</loopDataOutputRef><outputDataItem id="y"/>' if output else ""
    inside = f'<loopDataInputRef>list</loopDataInputRef><inputDataItem id="x"/>{out}{extra}'
    return f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{inside}</multiInstanceLoopCharacteristics>'


def mi_restored() -> Told:
    """Its own serializer mends it; a case put on specs that were read anew ends never."""
    data = drawn(node("userTask", "a", many(sequential=False, output=False)), "s>a a>e")
    run = case(data, list=[1, 2])
    spec, _ = parsed(data)
    for task in run.get_tasks():
        task.task_spec = spec.task_specs[task.task_spec.name]
    run.spec = spec
    for task in run.get_tasks(state=TaskState.READY):
        task.run()
    run.do_engine_steps()
    return [run.is_completed(), ready(run)]


def mi_data() -> Told:
    def walk(items: list[object], *, output: bool = False) -> str:
        run = case(
            drawn(node("userTask", "a", many(sequential=True, output=output)), "s>a a>e"),
            list=items,
        )
        for _ in items:
            if not ready(run):
                return "stalls"
            do(run, "a")
        return "ends" if run.is_completed() else "open"

    return [fails(lambda: walk([1, 2])), walk([1, None, 3]), fails(lambda: walk([1], output=True))]


def mi_frozen() -> Told:
    run = case(
        drawn(node("userTask", "a", many(sequential=True, output=False)), "s>a a>e"), list=[1, 2, 3]
    )

    def shorter() -> None:
        task = next(t for t in run.get_tasks(state=TaskState.READY))
        task.parent.data["list"].clear()
        task.data["list"] = []
        do(run, "a", "a")

    return [
        fails(shorter),
        len(
            ready(
                case(
                    drawn(node("userTask", "a", many(sequential=False, output=False)), "s>a a>e"),
                    list=list(range(300)),
                )
            )
        ),
    ]


def race() -> Told:
    waits = "".join(
        node("intermediateCatchEvent", f"w{days}", timer("Duration", f'"P{days}D"'), name="wait")
        for days in (2, 1)
    )
    run = case(
        drawn(
            node("eventBasedGateway", "g") + waits + nodes("userTask", "a b"),
            "s>g g>w2 g>w1 w2>a w1>b a>e b>e",
        )
    )
    task = next(t for t in run.get_tasks(state=TaskState.WAITING))
    value = task.internal_data.get("event_value")
    return [
        DurationTimerEventDefinition("t", "x") == DurationTimerEventDefinition("t", "y"),
        isinstance(value, str),
    ]


def race_clean() -> Told:
    waits = "".join(
        node("intermediateCatchEvent", f"w{name}", ref("message", name)) for name in "MN"
    )
    run = case(
        drawn(
            node("eventBasedGateway", "g") + waits + nodes("userTask", "a b"),
            "s>g g>wM g>wN wM>a wN>b a>e b>e",
        )
    )
    send(run)
    return [
        type(seen).__name__
        for t in run.get_tasks()
        for seen in t.internal_data.get("seen_events", [])
    ][:1]


def timer_text() -> Told:
    def reads(text: str) -> str:
        return fails(
            lambda: parsed(
                drawn(node("intermediateCatchEvent", "w", timer("Duration", text)), "s>w w>e")
            )
        )

    def runs(text: str) -> str:
        return fails(
            lambda: case(
                drawn(node("intermediateCatchEvent", "w", timer("Duration", text)), "s>w w>e")
            )
        )

    return [reads("P1D"), runs("P1D"), reads("1 week"), runs('"P1D"')]


def months() -> Told:
    end_of_january = datetime(2026, 1, 31, tzinfo=UTC)
    month = TimerEventDefinition.get_timedelta_from_start({"months": 1}, end_of_january)
    return [
        (end_of_january + month).date().isoformat(),
        TimerEventDefinition.parse_iso_recurring_interval("R3/2026-01-31T00:00:00+00:00/P1M")[
            2
        ].days,
    ]


def due_now() -> Told:
    with clock() as now:
        run = case(
            drawn(
                node("intermediateCatchEvent", "w", timer("Date", f'"{now.hands.isoformat()}"')),
                "s>w w>e",
            )
        )
        return run.is_completed()


def missed() -> Told:
    """Thirty hours down: how many rounds each look at the clock makes up for."""
    with clock() as now:
        run = case(
            drawn(
                nodes("userTask", "a r")
                + border("t", "a", timer("Cycle", '"R30/PT1H"'), interrupting=False),
                "s>a a>e t>r r>k",
                "e k",
            )
        )
        now.hands += timedelta(hours=30)
        seen = []
        for _ in range(3):
            run.do_engine_steps()
            seen.append(ready(run).count("r"))
        return seen


def late() -> Told:
    with clock() as now:
        run = case(
            drawn(
                nodes("userTask", "a r") + border("t", "a", timer("Duration", '"PT1H"')),
                "s>a a>e t>r r>k",
                "e k",
            )
        )
        now.hands += timedelta(hours=2)
        run.get_tasks(state=TaskState.READY)[0].run()
        run.do_engine_steps()
        return ended(run)


def variables() -> Told:
    run = case(drawn(nodes("userTask", "a b"), "s>a a>b b>e"))
    task = run.get_tasks(state=TaskState.READY)[0]
    task.data["box"] = {"items": ["a"]}
    task.run()
    run.do_engine_steps()
    run.get_tasks(state=TaskState.READY)[0].data["box"]["items"].append("b")
    return [task.data["box"]["items"], DeepMerge.merge({"a": [1, 2]}, {"a": [3]})["a"]]


def no_eval() -> Told:
    touched: list[str] = []

    def mark() -> bool:
        touched.append("ran")
        return True

    run = case(
        drawn(
            node("exclusiveGateway", "g", default="g_e") + nodes("userTask", "a"),
            "s>g g>a[mark()] g>e a>e",
        ),
        mark=mark,
    )
    engine = PythonScriptEngine(Ours())
    return [
        touched,
        fails(lambda: engine.call_service(run.get_tasks()[0])),
        fails(lambda: engine.create_task_exec_exception(run.get_tasks()[0], "x", KeyError(404))),
    ]


def thrown_away() -> Told:
    run = case(
        drawn(
            node("exclusiveGateway", "g") + nodes("userTask", "a"),
            "s>a a>g g>e[unknown] g>k[unknown]",
            "e k",
        )
    )
    fails(lambda: do(run, "a"))
    return sorted(
        {TaskState.get_name(t.state) for t in run.get_tasks() if t.task_spec.name in {"a", "g"}}
    )


def codec_no_code() -> Told:
    """The state holds the diagram's Python; and one old state, read again, runs what it holds."""
    text = BpmnWorkflowSerializer().serialize_json(
        case(
            drawn(node("exclusiveGateway", "g", default="g_k"), "s>g g>e[40~+~2~==~41] g>k", "e k")
        )
    )
    payload = (
        "__import__('builtins').setattr(__import__('sys'), 'trodden', True) or datetime(2026, 1, 1)"
    )
    spec = {
        "name": "t",
        "event_definition": {"typename": "TimerEventDefinition", "label": "t", "dateTime": payload},
    }
    convert_timer_expressions({"spec": {"task_specs": {"t": spec}}})
    return ["40 + 2 == 41" in text, hasattr(sys, "trodden")]


def nothing_ignored() -> Told:
    def passes(inside: str, flow: str) -> str:
        return fails(lambda: case(drawn(inside, flow)))

    return [
        passes(nodes("userTask", "a"), "s>a a>e[False]"),
        passes(
            nodes("userTask", "a")
            + node("intermediateThrowEvent", "t", "<compensateEventDefinition/>"),
            "s>a a>t t>e",
        ),
        passes(
            nodes("userTask", "a")
            + node("intermediateThrowEvent", "t", '<linkEventDefinition name="L"/>'),
            "s>a a>t t>e",
        ),
        passes(nodes("userTask", "a b"), "s>a a>e b>e"),
    ]


def kinds() -> Told:
    def left(inside: str) -> list[str] | str:
        how = fails(lambda: case(drawn(inside, "s>a a>e")))
        return ready(case(drawn(inside, "s>a a>e"))) if how == "passes" else how

    loop = node("userTask", "a", "<standardLoopCharacteristics loopMaximum='2'/>")
    box = (
        nodes("startEvent", "is")
        + nodes("userTask", "u")
        + nodes("endEvent", "ie")
        + flows("is>u u>ie")
    )
    return [
        left(nodes("task", "a")),
        left(nodes("receiveTask", "a")),
        left(loop),
        left(node("transaction", "a", box)),
        left(nodes("businessRuleTask", "a")),
    ]


def long_chain() -> Told:
    def chain(length: int) -> str:
        names = [f"t{n}" for n in range(length)]
        links = " ".join(f"{a}>{b}" for a, b in zip(["s", *names], [*names, "e"], strict=True))
        return fails(lambda: parsed(drawn(nodes("userTask", " ".join(names)), links)))

    return [chain(100), chain(1_000)]


def one_error() -> Told:
    """Two faults in one file: the parser tells one of them, and no line."""
    broken = node(
        "intermediateCatchEvent", "w", '<messageEventDefinition messageRef="nowhere"/>'
    ) + node("intermediateCatchEvent", "v", '<messageEventDefinition messageRef="nothing"/>')
    try:
        parsed(drawn(broken, "s>w w>v v>e"))
    except ValidationException as error:
        return ["TypeError" in str(error), bool(error.line_number)]
    return []


def ids() -> Told:
    inside = nodes("startEvent", "is") + nodes("userTask", "a") + nodes("endEvent", "ie")
    return fails(lambda: parsed(drawn(sub("p", inside, "is>a a>ie"), "s>p p>e")))


def artefacts() -> Told:
    body = document(process("p", nodes("startEvent", "s") + nodes("endEvent", "e"), "s>e"))
    store = body.replace(b"<process ", b'<dataStore id="r" name="register"/><process ')
    return fails(lambda: parsed(store))


def decides(policy: str, *rows: tuple[str, str]) -> Told:
    name = 'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" namespace="t" name="d"'
    rules = "".join(
        f'<rule id="r{n}"><inputEntry id="i{n}"><text>{cell}</text></inputEntry><outputEntry id="o{n}"><text>"{out}"</text></outputEntry></rule>'
        for n, (cell, out) in enumerate(rows)
    )
    asks = '<input id="i"><inputExpression id="ie" typeRef="string"><text>x</text></inputExpression></input><output id="o" name="y" typeRef="string"/>'
    table = f'<definitions {name}><decision id="rule" name="r"><decisionTable id="t" hitPolicy="{policy}">{asks}{rules}</decisionTable></decision></definitions>'
    parser = BpmnDmnParser()
    parser.add_dmn_xml(etree.fromstring(table.encode()))
    engine = parser.dmn_parsers["rule"]
    engine.parse()
    task = case(drawn(nodes("userTask", "a"), "s>a a>e"), x="b").get_tasks(state=TaskState.READY)[0]
    try:
        return DMNEngine(engine.decision.decisionTables[0]).result(task)
    except Exception as error:
        return type(error).__name__


def dmn() -> Told:
    return {
        "unique": decides("UNIQUE", ('"b"', "first"), ('"b"', "second")),
        "alternatives": decides("FIRST", ('"a", "b"', "either")),
        "not": decides("FIRST", ('not("a")', "other")),
        "range": decides("FIRST", ('["a".."c"]', "inside")),
        "priority": decides("PRIORITY", ('"b"', "low"), ('"b"', "high")),
    }


def message_one() -> Told:
    both = border("x", "a", ref("message", "M")) + border("y", "b", ref("message", "M"))
    run = case(
        drawn(
            nodes("parallelGateway", "f") + nodes("userTask", "a b c d") + both,
            "s>f f>a f>b a>e b>e x>c c>e y>d d>e",
        )
    )
    send(run)
    return ready(run)


def started() -> Told:
    run = case(drawn(nodes("userTask", "a"), "s>a a>e"))
    task = run.get_tasks(state=TaskState.READY)[0]
    task.task_spec._run_hook = lambda _task: None
    task.run()
    waits = TaskState.get_name(task.state)
    task.complete()
    run.do_engine_steps()
    return [waits, run.is_completed()]


def migrate() -> Told:
    guard = border("t", "a", timer("Duration", '"P7D"'))
    old = drawn(nodes("userTask", "a r") + guard, "s>a a>e t>r r>e")
    spec, subs = parsed(drawn(nodes("userTask", "a r b") + guard, "s>a a>b b>e t>r r>e"))
    with clock():
        run = case(old)
    next(t for t in run.get_tasks(state=TaskState.READY)).data["draft"] = "typed"
    before = [t.internal_data.get("event_value") for t in run.get_tasks(state=TaskState.WAITING)]
    serializer = BpmnWorkflowSerializer()
    diff, _ = diff_workflow(serializer.registry, run, spec, subs)
    migrate_workflow(diff, run, spec)
    run.do_engine_steps()
    after = [t.internal_data.get("event_value") for t in run.get_tasks(state=TaskState.WAITING)]
    return [before != after, [t.data.get("draft") for t in run.get_tasks(state=TaskState.READY)]]


def reset() -> Told:
    run = case(
        drawn(
            nodes("parallelGateway", "f j") + nodes("userTask", "a b c"),
            "s>f f>a f>b a>j b>j j>c c>e",
        )
    )
    do(run, "a", "b")
    run.reset_from_task_id(next(t for t in run.get_tasks() if t.task_spec.name == "a").id)
    run.do_engine_steps()
    return ready(run)


def move_boundary() -> Told:
    spec, subs = parsed(
        drawn(
            nodes("userTask", "a r") + border("t", "a", timer("Duration", '"P7D"')),
            "s>a a>e t>r r>e",
        )
    )
    run = case(drawn(nodes("userTask", "a"), "s>a a>e"))
    diff, _ = diff_workflow(BpmnWorkflowSerializer().registry, run, spec, subs)

    def moves() -> None:
        migrate_workflow(diff, run, spec)
        do(run, "a")

    return fails(moves)


def quadratic() -> Told:
    run = case(drawn(LOOP + nodes("userTask", "a"), LOOP_FLOW), done=False)
    calls = [count(lambda: do(run, "a")) for _ in range(60)]
    return calls[59] > 4 * calls[5]


def fault_end() -> Told:
    inside = (
        nodes("startEvent", "is")
        + nodes("userTask", "a")
        + node("endEvent", "bad", ref("error", "E"))
    )
    run = case(
        drawn(
            sub("box", inside, "is>a a>bad")
            + border("x", "box", ref("error", "E"))
            + nodes("userTask", "b c"),
            "s>box box>b b>e x>c c>e",
        )
    )
    do(run, "a")
    return {
        t.task_spec.name: TaskState.get_name(t.state)
        for t in run.get_tasks()
        if t.task_spec.name in {"box", "b", "c"}
    }


def ad_hoc() -> Told:
    """The attributes carry no prefix in any tool's file, and the parser asks for one."""
    box = '<adHocSubProcess id="a" ordering="Sequential"><userTask id="u"/></adHocSubProcess>'
    return fails(lambda: parsed(drawn(box, "s>a a>e")))


def quiet() -> Told:
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
    do(case(drawn(nodes("userTask", "a"), "s>a a>e"), secret="canary"), "a")
    logger.removeHandler(ear)
    logger.setLevel(logging.WARNING)
    return any("canary" in seen for seen in ear.seen)


def threads() -> Told:
    """A case leaves its callback on the shared spec of a list."""
    spec, subs = parsed(
        drawn(node("userTask", "a", many(sequential=False, output=False)), "s>a a>e")
    )
    inner = spec.task_specs["a [child]"]
    before = inner.completed_event.n_subscribers()
    run = BpmnWorkflow(spec, subs, script_engine=PythonScriptEngine(Ours()))
    for task in run.get_tasks():
        task.data["list"] = [1]
    run.do_engine_steps()
    return inner.completed_event.n_subscribers() - before


def codec_round() -> Told:
    run = case(drawn(nodes("userTask", "a"), "s>a a>e"))
    run.get_tasks(state=TaskState.READY)[0].data["odd"] = {"typename": "BpmnWorkflow"}
    serializer = BpmnWorkflowSerializer()
    state = serializer.to_dict(case(drawn(nodes("userTask", "a"), "s>a a>e")))
    before = copy.deepcopy(state)
    fails(lambda: serializer.from_dict(state))
    return [fails(lambda: stored(run)), state != before]


def bombs() -> Told:
    """A loop that is always true is not noticed: it is the walker's depth that ends it, as a
    completed case.
    """
    run = case(drawn(LOOP, "s>m m>g g>m g>e[done]"), done=False)
    return [run.is_completed(), ended(run)]


TRAPS = (
    *(
        depth,
        dead_end,
        reserved,
        loop_join,
        loop_drop,
        or_join,
        layout,
        scoped_error,
        event_sub,
        event_sub_start,
        spec_unchanged,
        again,
    ),
    *(
        mi_restored,
        mi_data,
        mi_frozen,
        race,
        race_clean,
        timer_text,
        months,
        due_now,
        missed,
        late,
        variables,
        no_eval,
        thrown_away,
    ),
    *(
        codec_no_code,
        nothing_ignored,
        kinds,
        long_chain,
        one_error,
        ids,
        artefacts,
        dmn,
        message_one,
        started,
        migrate,
        reset,
        move_boundary,
    ),
    *(quadratic, fault_end, ad_hoc, quiet, threads, codec_round, bombs),
)


if __name__ == "__main__":
    told: dict[str, Told] = {}
    for trap in TRAPS:
        try:
            told[trap.__name__] = trap()
        except Exception:
            told[trap.__name__] = traceback.format_exc(limit=-3)
    json.dump(told, sys.stdout, default=repr)
