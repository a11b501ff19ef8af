"""Traps of SpiffWorkflow alone: lists, timers, data and running cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    DurationTimerEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.util.diff import diff_workflow, migrate_workflow
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState

from tests.engine.spiff.measures import clock
from tests.engine.spiff.stock_cases import (
    Ours,
    Outcome,
    case,
    do,
    drawn,
    ended,
    fails,
    many,
    parsed,
    ready,
    send,
)
from tests.support.diagrams import border, catch, event, node, nodes, timer, xor


def mi_restored() -> Outcome:
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


def mi_data() -> Outcome:
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


def mi_frozen() -> Outcome:
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


def race() -> Outcome:
    waits = "".join(
        catch(f"w{days}", timer("Duration", f'"P{days}D"'), name="wait") for days in (2, 1)
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


def race_clean() -> Outcome:
    waits = "".join(catch(f"w{name}", event("message", name)) for name in "MN")
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


def timer_text() -> Outcome:
    def reads(text: str) -> str:
        return fails(lambda: parsed(drawn(catch("w", timer("Duration", text)), "s>w w>e")))

    def runs(text: str) -> str:
        return fails(lambda: case(drawn(catch("w", timer("Duration", text)), "s>w w>e")))

    return [reads("P1D"), runs("P1D"), reads("1 week"), runs('"P1D"')]


def months() -> Outcome:
    end_of_january = datetime(2026, 1, 31, tzinfo=UTC)
    month = TimerEventDefinition.get_timedelta_from_start({"months": 1}, end_of_january)
    return [
        (end_of_january + month).date().isoformat(),
        TimerEventDefinition.parse_iso_recurring_interval("R3/2026-01-31T00:00:00+00:00/P1M")[
            2
        ].days,
    ]


def due_now() -> Outcome:
    with clock() as now:
        run = case(
            drawn(
                catch("w", timer("Date", f'"{now.hands.isoformat()}"')),
                "s>w w>e",
            )
        )
        return run.is_completed()


def missed() -> Outcome:
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


def late() -> Outcome:
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


def variables() -> Outcome:
    run = case(drawn(nodes("userTask", "a b"), "s>a a>b b>e"))
    task = run.get_tasks(state=TaskState.READY)[0]
    task.data["box"] = {"items": ["a"]}
    task.run()
    run.do_engine_steps()
    run.get_tasks(state=TaskState.READY)[0].data["box"]["items"].append("b")
    return [task.data["box"]["items"], DeepMerge.merge({"a": [1, 2]}, {"a": [3]})["a"]]


def no_eval() -> Outcome:
    touched: list[str] = []

    def mark() -> bool:
        touched.append("ran")
        return True

    run = case(
        drawn(
            xor("g", default="g_e") + nodes("userTask", "a"),
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


def thrown_away() -> Outcome:
    run = case(
        drawn(
            xor("g") + nodes("userTask", "a"),
            "s>a a>g g>e[unknown] g>k[unknown]",
            "e k",
        )
    )
    fails(lambda: do(run, "a"))
    return sorted(
        {TaskState.get_name(t.state) for t in run.get_tasks() if t.task_spec.name in {"a", "g"}}
    )


def migrate() -> Outcome:
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


def reset() -> Outcome:
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


def move_boundary() -> Outcome:
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
