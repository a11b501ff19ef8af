"""Cases of SpiffWorkflow alone: what the demonstrations of the traps (`stock`) build and ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from tests.support.diagrams import document, end, flows, message, node, nodes, start, sub, xor

Outcome = Any
"""What a trap shows: any JSON."""


def drawn(inside: str, flow: str, ends: str = "e", more: str = "") -> bytes:
    """A process with a start s and some ends; conditions are Python here."""
    body = start() + inside + nodes("endEvent", ends) + flows(flow, sign="")
    return document(node("process", "p", body, isExecutable="true"), rest=more)


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
    except Exception as refused:  # noqa: BLE001 - whatever it says is what is shown
        return type(refused).__name__
    run.do_engine_steps()
    return "taken"


def fails(act: Callable[[], object]) -> str:
    """The kind of the exception, or that there was none."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever it says is what is shown
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


LOOP = xor("m") + xor("g", default="g_m")


LOOP_FLOW = "s>m m>a a>g g>m g>e[done]"


JOIN = xor("m") + nodes("parallelGateway", "f j") + xor("g", default="g_m")


def esp(begins: str = message("M"), **attributes: str) -> str:
    """An event sub-process."""
    return sub(
        "es",
        start("m", begins, **attributes) + nodes("userTask", "b") + end("ie"),
        "m>b b>ie",
        triggeredByEvent="true",
    )


def many(*, sequential: bool, output: bool = True, extra: str = "") -> str:
    """A repetition with the settings of the library."""
    inside = node("loopDataInputRef", inner="list") + node("inputDataItem", "x")
    if output:
        inside += node("loopDataOutputRef", inner="out") + node("outputDataItem", "y")
    way = str(sequential).lower()
    return node("multiInstanceLoopCharacteristics", inner=inside + extra, isSequential=way)
