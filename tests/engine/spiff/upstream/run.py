"""Run the faults of this folder against the SpiffWorkflow that is installed.

`python run.py` runs all, `python run.py terminated depth` some; it prints one JSON object, fault to
what was seen. Needs nothing but the library and what the library needs.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import SpiffWorkflow.bpmn.specs.event_definitions.timer as timers
from lxml import etree
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser import BpmnDmnParser
from SpiffWorkflow.util.task import TaskState

HERE = Path(__file__).parent
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


# ---- cases


def parsed_text(data: bytes) -> tuple[Any, dict[str, Any]]:
    """The specs of the process `p` of a text."""
    parser = BpmnParser()
    parser.add_bpmn_str(data)
    return parser.get_spec("p"), parser.get_subprocess_specs("p")


def parsed(name: str) -> tuple[Any, dict[str, Any]]:
    """The same of a file of this folder."""
    return parsed_text((HERE / name).read_bytes())


class Environment(TaskDataEnvironment):  # type: ignore[misc]  # the library ships no types
    """Python with time, and one service, which fails."""

    def __init__(self) -> None:
        super().__init__({"datetime": datetime, "timedelta": timedelta, "UTC": UTC})

    def call_service(self, *_args: object, **_given: object) -> object:
        raise KeyError(404)


def engine() -> PythonScriptEngine:
    return PythonScriptEngine(Environment())


def started(spec: Any, subs: dict[str, Any], /, **values: object) -> BpmnWorkflow:
    """A case of some specs with some data, run until it waits."""
    run = BpmnWorkflow(spec, subs, script_engine=engine())
    for task_ in run.get_tasks():
        task_.data.update(values)
    run.do_engine_steps()
    return run


def case(name: str, **values: object) -> BpmnWorkflow:
    """The same of a file of this folder."""
    return started(*parsed(name), **values)


def stored(run: BpmnWorkflow) -> BpmnWorkflow:
    """Written and read again."""
    serializer = BpmnWorkflowSerializer()
    return serializer.deserialize_json(serializer.serialize_json(run))


# ---- what people do and see


def ready(run: BpmnWorkflow) -> list[str]:
    """Ids of the user tasks that are open."""
    return sorted(
        t.task_spec.bpmn_id for t in run.get_tasks(state=TaskState.READY) if t.task_spec.manual
    )


def task(run: BpmnWorkflow, id_: str, *, last: bool = False) -> Any:
    """The first open user task of an id, or the last."""
    found = [t for t in run.get_tasks(state=TaskState.READY) if t.task_spec.bpmn_id == id_]
    return found[-1 if last else 0]


def do(run: BpmnWorkflow, *ids: str) -> BpmnWorkflow:
    """Complete the first open user task of each id, in turn."""
    for id_ in ids:
        task(run, id_).run()
        run.do_engine_steps()
    return run


def send(run: BpmnWorkflow, name: str = "M") -> str:
    """Send a message: "taken", or the kind of what the library raises."""
    try:
        run.send_event(BpmnEvent(MessageEventDefinition(name)))
    except Exception as refused:  # noqa: BLE001 - whatever it says is what is shown
        return type(refused).__name__
    run.do_engine_steps()
    return "taken"


def ended(run: BpmnWorkflow) -> list[str]:
    """Ids of the end events that were reached."""
    return sorted(
        t.task_spec.bpmn_id
        for t in run.get_tasks(state=TaskState.COMPLETED)
        if type(t.task_spec).__name__ == "EndEvent"
    )


def due_times(run: BpmnWorkflow) -> list[str]:
    """When the timers that wait are due."""
    values = [t.internal_data.get("event_value") for t in run.get_tasks(state=TaskState.WAITING)]
    return [value for value in values if value is not None]


def fails(act: Callable[[], object]) -> str:
    """The kind of the exception, or "passes"."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever it says is what is shown
        return type(error).__name__
    return "passes"


# ---- measures


class Clock(datetime):
    """A clock with hands."""

    hands = datetime(2026, 1, 5, 9, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # the timers ask with any zone
        return cls.hands.astimezone(tz)


@contextmanager
def clock() -> Iterator[type[Clock]]:
    """Give the library's timers a clock that stands on Monday 5 January 2026, 9 o'clock."""
    Clock.hands = datetime(2026, 1, 5, 9, tzinfo=UTC)
    timers.datetime = Clock
    try:
        yield Clock
    finally:
        timers.datetime = datetime


def calls(act: Callable[[], object]) -> int:
    """Calls of Python functions; a measure that does not depend on the machine."""
    number = 0

    def called(_frame: object, event: str, _arg: object) -> None:
        nonlocal number
        number += event == "call"

    sys.setprofile(called)
    try:
        act()
    finally:
        sys.setprofile(None)
    return number


# ---- files that are made


def row(ids: list[str]) -> bytes:
    """A process of user tasks in a row."""
    tasks = "".join(f'<userTask id="{id_}"/>' for id_ in ids)
    flows = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{a}" targetRef="{b}"/>'
        for number, (a, b) in enumerate(zip(["s", *ids], [*ids, "e"], strict=True))
    )
    inside = f'<startEvent id="s"/>{tasks}<endEvent id="e"/>{flows}'
    process = f'<process id="p" isExecutable="true">{inside}</process>'
    return (
        f'<definitions xmlns="{BPMN}" id="d" targetNamespace="t">{process}</definitions>'.encode()
    )


def decided(policy: str, *rows: tuple[str, str], outputs: str = "") -> object:
    """What a decision table of one input gives for the text b; "fails" when it raises.

    Args:
        rows: cell and output.
        outputs: the list of the outputs that there are.
    """
    rules = "".join(
        f'<rule id="r{n}"><inputEntry id="i{n}"><text>{cell}</text></inputEntry>'
        f'<outputEntry id="o{n}"><text>"{out}"</text></outputEntry></rule>'
        for n, (cell, out) in enumerate(rows)
    )
    values = f'<outputValues id="v"><text>{outputs}</text></outputValues>' if outputs else ""
    table = (
        f'<definitions xmlns="{DMN}" id="d" namespace="t" name="d"><decision id="rule" name="r">'
        f'<decisionTable id="t" hitPolicy="{policy}">'
        '<input id="i"><inputExpression id="ie" typeRef="string"><text>x</text></inputExpression>'
        f'</input><output id="o" name="y" typeRef="string">{values}</output>{rules}'
        "</decisionTable></decision></definitions>"
    )
    parser = BpmnDmnParser()
    parser.add_dmn_xml(etree.fromstring(table.encode()))
    decision = parser.dmn_parsers["rule"]
    decision.parse()
    asked = task(case("shared_data.bpmn", x="b"), "a")
    try:
        return DMNEngine(decision.decision.decisionTables[0]).result(asked)
    except Exception:  # noqa: BLE001 - that it fails is what is shown
        return "fails"


# ---- the faults


def faults() -> list[str]:
    """Names of the faults of this folder."""
    return sorted(page.stem for page in HERE.glob("*.py") if page != Path(__file__))


def fault(name: str) -> Any:
    """The file of a fault."""
    spec = importlib.util.spec_from_file_location(f"fault_{name}", HERE / f"{name}.py")
    assert spec is not None and spec.loader is not None  # noqa: PT018 - a file of this folder
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(names: list[str]) -> None:
    """Print what is seen; a fault that breaks does not hide the others."""
    seen: dict[str, object] = {}
    for name in names:
        try:
            seen[name] = fault(name).show(sys.modules[__name__])
        except Exception:  # noqa: BLE001 - see above
            seen[name] = traceback.format_exc(limit=-3)
    json.dump(seen, sys.stdout, default=repr)


if __name__ == "__main__":
    main(sys.argv[1:] or faults())
