"""Activities: user tasks, service tasks, business rule tasks, sub-processes, call activities and
multi-instance activities.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from service.engine.dmn.evaluator import decide
from service.engine.feel import Expression
from service.engine.feel.conversion import bare
from service.engine.limits import INSTANCES
from service.engine.spiff.api import (
    READY,
    STARTED,
    BpmnProcessSpec,
    MultiInstanceTask,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    SpiffTask,
    SubWorkflowTask,
    Workflow,
)
from service.engine.spiff.base import FlowNode
from service.engine.spiff.protocols import case_of
from service.engine.spiff.timers import Schedule
from service.engine.spiff.variables import is_instance
from service.engine.spiff.workflow import drop_message_starts
from service.engine.types import Json, Open
from service.errors import EngineStopped


class UserTask(FlowNode):
    """A task for a person: it stays READY until somebody completes it."""

    numbered = True

    def __init__(
        self, wf_spec: BpmnProcessSpec, name: str, *, element: str, schedule: Schedule
    ) -> None:
        super().__init__(wf_spec, name, element=element, manual=True)
        self.schedule = schedule

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        super()._update_hook(my_task)
        self.schedule.begin(my_task)
        return True

    def is_open(self, task: SpiffTask) -> bool:
        """Whether a person may complete it."""
        return task._state == READY

    def opens(self, task: SpiffTask) -> Iterable[Open]:
        # READY whenever it is asked, but the library's states are not ours to promise
        if self.is_open(task):  # pragma: no branch - see above
            due, follow_up = self.schedule.dates(task)
            nth, item = task.internal_data["nth"], case_of(task).item(task)
            yield Open("task", task.id, self.element, nth, item, due=due, follow_up=follow_up)


class ServiceTask(FlowNode):
    """A job for a handler: `run` leaves it STARTED, and the handler's answer completes it in a
    later turn.
    """

    numbered = True

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str, topic: str) -> None:
        super().__init__(wf_spec, name, element=element)
        self.topic = topic

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        super()._update_hook(my_task)
        if self.input_mapping:
            inputs = case_of(my_task).mapped(self.input_mapping, my_task, local=True)
            my_task.internal_data["inputs"] = {name: bare(inputs[name]) for name in inputs}
        return True

    def _run_hook(self, _my_task: SpiffTask) -> bool | None:
        return None

    def is_open(self, task: SpiffTask) -> bool:
        """Whether a handler may answer it."""
        return task._state == STARTED

    def opens(self, task: SpiffTask) -> Iterable[Open]:
        if self.is_open(task):  # pragma: no branch - as above
            yield Open(
                "job",
                task.id,
                self.element,
                task.internal_data["nth"],
                case_of(task).item(task),
                what=self.topic,
                inputs=task.internal_data.get("inputs", {}),
                local=case_of(task).local(task),
            )


class BusinessRuleTask(FlowNode):
    """A business rule task: its decision is evaluated at once, in the same turn."""

    def __init__(
        self, wf_spec: BpmnProcessSpec, name: str, *, element: str, decision: str, result: str
    ) -> None:
        super().__init__(wf_spec, name, element=element)
        self.decision = decision
        self.result = result

    def _run_hook(self, my_task: SpiffTask) -> bool | None:
        case = case_of(my_task)
        decisions = case.definition.decisions
        inputs = case.mapped(self.input_mapping, my_task, local=True)
        try:
            decided = decide(
                decisions,
                self.decision,
                case.values(my_task, decisions[self.decision].reads, inputs),
                now=case.turn.now,
                zone=case.zone(my_task),
            )
        except EngineStopped as stop:
            raise EngineStopped(stop.kind, self.element, stop.detail) from stop
        for decision, rows in decided.fired:
            case.decided.append((self.element, decision, tuple(rows)))
            case.step("decided", my_task, decision, *rows)
        self.receive(
            my_task, {self.result: case.plain(self.result, decided.value, my_task)}, inputs
        )
        return True


class ScriptTask(FlowNode):
    """A script task: one FEEL expression is evaluated at once, in the same turn."""

    def __init__(
        self, wf_spec: BpmnProcessSpec, name: str, *, element: str, script: Expression, result: str
    ) -> None:
        super().__init__(wf_spec, name, element=element)
        self.script = script
        self.result = result

    def _run_hook(self, my_task: SpiffTask) -> bool | None:
        case = case_of(my_task)
        inputs = case.mapped(self.input_mapping, my_task, local=True)
        result = case.plain(self.result, case.ask(self.script, my_task, inputs), my_task)
        self.receive(my_task, {self.result: result}, inputs)
        return True


class SubProcess(FlowNode, SubWorkflowTask):
    """An embedded sub-process; the scope it begins shares the case's variables, and holds its
    inputs for itself.
    """

    carries = False

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        case = case_of(my_task)
        case.enter(my_task)
        if self.input_mapping:
            my_task.data |= case.mapped(self.input_mapping, my_task)
        self.start_workflow(my_task)
        my_task._set_state(STARTED)
        case.definition.scopes[self.spec].begin(case.subprocesses[my_task.id])
        return False

    def _on_complete_hook(self, my_task: SpiffTask) -> None:
        super()._on_complete_hook(my_task)
        if not is_instance(my_task):
            # the library would hand it on to what follows
            my_task.data = {}

    def copy_data(self, my_task: SpiffTask, subworkflow: Workflow) -> None:
        """Hand a message's variables to the start, whose mapping reads them; others are shared."""
        brought = my_task.internal_data.pop("brought", {})
        for start in subworkflow.task_tree.children:
            if isinstance(start.task_spec, FlowNode) and start.task_spec.output_mapping:
                start.internal_data["brought"] = brought

    def update_data(self, my_task: SpiffTask, subworkflow: Workflow) -> None:
        """Nothing, as above."""


class CallActivity(SubProcess):
    """A call activity: a sub-process whose scope is another process.

    With an output mapping it keeps what is written inside, and the mapping says what comes back.
    """

    def copy_data(self, my_task: SpiffTask, subworkflow: Workflow) -> None:
        """Leave the message starts of the process alone: a call begins at the plain one."""
        drop_message_starts(subworkflow)
        super().copy_data(my_task, subworkflow)


@dataclass(frozen=True, slots=True)
class ListItems:
    """Data reference: the list of a multi-instance activity, frozen when the activity began."""

    def exists(self, task: SpiffTask) -> bool:
        return "items" in task.internal_data

    def get(self, task: SpiffTask) -> list[Json]:
        items: list[Json] = task.internal_data["items"]
        return items


@dataclass(frozen=True, slots=True)
class InstanceItem:
    """Data reference: the variable in which an instance holds its item, in a scope of its own."""

    bpmn_id: str
    """Name of the variable; the library's name for it."""

    def exists(self, task: SpiffTask) -> bool:
        return self.bpmn_id in task.data

    def set(self, task: SpiffTask, value: Json) -> None:
        task.data = {self.bpmn_id: value}


@dataclass(frozen=True, slots=True)
class InstanceResult:
    """Data reference: what an instance that has ended gives, in FEEL, with its place in the list.

    The library appends results in the order in which the instances end (trap 52), so each carries
    its place.
    """

    output: Expression | None

    def exists(self, task: SpiffTask) -> bool:
        return is_instance(task)

    def get(self, task: SpiffTask) -> list[Json]:
        place: int = task.internal_data["key_or_index"]
        if self.output is None:
            return [place, None]
        case = case_of(task)
        return [place, case.plain("", case.ask(self.output, task), task.parent)]


@dataclass(frozen=True, slots=True)
class ListResults:
    """Data reference: the results of the instances that have ended, `[place, result]` each."""

    kept: bool
    """False when the activity has no output: the library collects them all the same."""

    def exists(self, task: SpiffTask) -> bool:
        return "out" in task.internal_data

    def get(self, task: SpiffTask) -> list[Json]:
        results: list[Json] = task.internal_data["out"]
        return results if self.kept else []

    def set(self, task: SpiffTask, value: list[Json]) -> None:
        task.internal_data["out"] = value


class MultiInstance(FlowNode, MultiInstanceTask):
    """A multi-instance activity: one instance for each item of a list, as the library runs it.

    The list is frozen when it begins, each instance has a small scope of variables, results stand
    in the list's order. FEEL is behind the data references and the script engine. An item that is
    empty would stall it, and its item would be merged without an output (trap 14).
    """

    silent = True

    def __init__(
        self,
        wf_spec: BpmnProcessSpec,
        name: str,
        *,
        element: str,
        inner: str,
        collection: Expression,
        item: str,
        into: str,
        output: Expression | None,
        until: Expression | None,
    ) -> None:
        super().__init__(
            wf_spec,
            name,
            element=element,
            task_spec=inner,
            data_input=ListItems(),
            data_output=ListResults(kept=output is not None),
            input_item=InstanceItem(item),
            output_item=InstanceResult(output),
            condition=until,
        )
        self.collection = collection
        self.item = item
        self.into = into
        # the library would do it when the first case begins an instance, and a case that was stored
        # before may be continued by a process that began none (trap 13)
        wf_spec.task_specs[inner].completed_event.connect(self.merge_child)

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        case = case_of(my_task)
        case.enter(my_task)
        items = case.ask(self.collection, my_task)
        if not isinstance(items, list) or None in items:
            raise EngineStopped("list", self.element, "a list without empty places is needed")
        if len(items) > INSTANCES:
            raise EngineStopped(
                "instances",
                self.element,
                f"{len(items)} items, and at most {INSTANCES} are allowed",
            )
        my_task.internal_data["items"] = [case.plain(self.item, item, my_task) for item in items]
        # past the hook of all elements, which enters them, to the library's
        return super(FlowNode, self)._update_hook(my_task)

    def _run_hook(self, my_task: SpiffTask) -> bool | None:
        if self.into:
            case, out = case_of(my_task), my_task.internal_data["out"]
            results = [value for _, value in sorted(out, key=itemgetter(0))]
            case.write(my_task, {self.into: case.checked(self.into, results, my_task)})
        return True


class ParallelMultiInstance(MultiInstance, ParallelMultiInstanceTask):
    """A parallel multi-instance activity: all instances begin together."""


class SequentialMultiInstance(MultiInstance, SequentialMultiInstanceTask):
    """A sequential multi-instance activity: one instance after the other."""


def stored_memory(memory: dict[str, Any]) -> dict[str, Any]:
    """The memory of a multi-instance activity as format 1 of a state keeps it: how many instances
    have begun and have ended, in place of the library's lists of which.
    """
    kept = {key: value for key, value in memory.items() if key not in {"merged", "remaining"}}
    begun = len(memory["items"]) - len(memory.get("remaining", ()))
    return kept | {"begun": begun, "done": len(memory["merged"])}


def library_memory(spec: MultiInstance, stored: dict[str, Any]) -> dict[str, Any]:
    """The memory of a multi-instance activity as the library keeps it, from a stored one.

    Of the instances that ended in earlier turns it needs only how many they were, so their ids are
    empty.
    """
    kept = {key: value for key, value in stored.items() if key not in {"begun", "done"}}
    items = stored["items"]
    kept["merged"] = ["" for _ in items[: stored["done"]]]
    if isinstance(spec, SequentialMultiInstance):
        kept["remaining"] = list(range(len(items)))[stored["begun"] :]
    return kept
