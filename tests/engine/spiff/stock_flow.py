"""Traps of SpiffWorkflow alone: gateways, loops, scopes and events."""

from __future__ import annotations

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.util.task import TaskState

from tests.engine.spiff.measures import count
from tests.engine.spiff.stock_cases import (
    JOIN,
    LOOP,
    LOOP_FLOW,
    Ours,
    Outcome,
    case,
    do,
    drawn,
    ended,
    esp,
    fails,
    many,
    parsed,
    ready,
    send,
)
from tests.support.diagrams import (
    border,
    both,
    end,
    event,
    message,
    node,
    nodes,
    start,
    sub,
    timer,
    xor,
)


def depth() -> Outcome:
    run = case(drawn(LOOP + nodes("userTask", "a"), LOOP_FLOW), done=False)
    for turns in range(400):
        if run.is_completed():
            return [turns < 400, ended(run)]
        do(run, "a")
    return [False, ready(run)]


def dead_end() -> Outcome:
    run = case(drawn(both("f") + nodes("userTask", "a b"), "s>f f>a f>b a>e"))
    do(run, "a", "b")
    return [run.is_completed(), ended(run)]


def reserved() -> Outcome:
    run = case(drawn(nodes("userTask", "End a"), "s>End End>a a>e"))
    return [ready(run), run.is_completed()]


def loop_join() -> Outcome:
    run = case(
        drawn(JOIN + nodes("userTask", "a b w"), "s>m m>f f>a f>b a>j b>j j>w w>g g>m g>e[done]"),
        done=False,
    )
    return ready(do(run, "a", "b", "w", "b"))


def loop_drop() -> Outcome:
    gates = nodes("parallelGateway", "f g") + xor("m")
    run = case(
        drawn(gates + nodes("userTask", "x y c d"), "s>f f>x f>y x>m y>m m>g g>c g>d c>e d>e")
    )
    return [ready(do(run, "x")), ready(do(run, "y"))]


def or_join() -> Outcome:
    inside = start("is") + nodes("userTask", "b") + end("ie")
    gates = (
        nodes("inclusiveGateway", "o")
        + node("inclusiveGateway", "f", default="f_o")
        + xor("x", default="x_o")
    )
    work = gates + nodes("userTask", "a c d") + sub("box", inside, "is>b b>ie")
    run = case(
        drawn(work, "s>f f>a[yes] f>box[yes] f>o box>x x>o x>c[no] a>o c>o o>d d>e"),
        yes=True,
        no=False,
    )
    return ready(do(run, "a"))


def layout() -> Outcome:
    def picked(first: int, second: int) -> list[str]:
        shapes = "".join(
            f'<di:BPMNShape bpmnElement="{id_}"><dc:Bounds x="0" y="{y}"/></di:BPMNShape>'
            for id_, y in (("a", first), ("b", second))
        )
        name = 'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
        work = xor("g", default="g_c") + nodes("userTask", "a b c")
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


def scoped_error() -> Outcome:
    def scope(name: str, last: str = "") -> str:
        inside = start(f"{name}s") + nodes("userTask", f"{name}u") + end(f"{name}e", last)
        return sub(name, inside, f"{name}s>{name}u {name}u>{name}e")

    borders = border("x", "one", event("error", "E")) + border("y", "two", event("error", "E"))
    work = (
        both("f")
        + scope("one", event("error", "E"))
        + scope("two")
        + borders
        + nodes("userTask", "p q")
    )
    run = case(drawn(work, "s>f f>one f>two one>e two>e x>p p>e y>q q>e"))
    do(run, "oneu")
    return ready(run)


def event_sub() -> Outcome:
    run = case(drawn(nodes("userTask", "a") + esp(isInterrupting="true"), "s>a a>e"))
    send(run)
    interrupting = ready(run)
    nested = case(
        drawn(
            sub(
                "box",
                start("is") + nodes("userTask", "a") + end("oe") + esp(),
                "is>a a>oe",
            ),
            "s>box box>e",
        )
    )
    return [interrupting, send(nested), ready(nested)]


def event_sub_start() -> Outcome:
    # the timer waits inside, in a run of the sub-process that has begun with the case
    run = case(drawn(nodes("userTask", "a") + esp(timer("Duration", '"PT1H"')), "s>a a>e"))
    return sorted(sp.spec.name for sp in run.get_active_subprocesses() if sp is not run)


def spec_unchanged() -> Outcome:
    data = drawn(nodes("userTask", "a") + esp(), "s>a a>e")
    spec, subs = parsed(data)
    first = BpmnWorkflow(spec, subs)
    first.do_engine_steps()
    before = list(spec.start._outputs)
    send(first)
    later = BpmnWorkflow(spec, subs)
    later.do_engine_steps()
    return [before != list(spec.start._outputs), len(later.subprocesses)]


def again() -> Outcome:
    guard = border("m", "a", message("M"), interrupting=False)
    run = case(drawn(nodes("userTask", "a r") + guard, "s>a a>e m>r r>k", "e k"))
    return [send(run), send(run)]


def long_chain() -> Outcome:
    def chain(length: int) -> str:
        names = [f"t{n}" for n in range(length)]
        links = " ".join(f"{a}>{b}" for a, b in zip(["s", *names], [*names, "e"], strict=True))
        return fails(lambda: parsed(drawn(nodes("userTask", " ".join(names)), links)))

    return [chain(100), chain(1_000)]


def message_one() -> Outcome:
    borders = border("x", "a", message("M")) + border("y", "b", message("M"))
    run = case(
        drawn(
            both("f") + nodes("userTask", "a b c d") + borders,
            "s>f f>a f>b a>e b>e x>c c>e y>d d>e",
        )
    )
    send(run)
    return ready(run)


def quadratic() -> Outcome:
    run = case(drawn(LOOP + nodes("userTask", "a"), LOOP_FLOW), done=False)
    calls = [count(lambda: do(run, "a")) for _ in range(60)]
    return calls[59] > 4 * calls[5]


def fault_end() -> Outcome:
    inside = start("is") + nodes("userTask", "a") + end("bad", event("error", "E"))
    run = case(
        drawn(
            sub("box", inside, "is>a a>bad")
            + border("x", "box", event("error", "E"))
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


def bombs() -> Outcome:
    """A loop that is always true is not noticed: it is the walker's depth that ends it, as a
    completed case.
    """
    run = case(drawn(LOOP, "s>m m>g g>m g>e[done]"), done=False)
    return [run.is_completed(), ended(run)]


def started() -> Outcome:
    run = case(drawn(nodes("userTask", "a"), "s>a a>e"))
    task = run.get_tasks(state=TaskState.READY)[0]
    task.task_spec._run_hook = lambda _task: None
    task.run()
    waits = TaskState.get_name(task.state)
    task.complete()
    run.do_engine_steps()
    return [waits, run.is_completed()]


def threads() -> Outcome:
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
