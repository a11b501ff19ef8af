"""Events that a case waits for on its way: messages, timers, and the first of several.

Those at a border: `boundary`; those that are thrown: `throws`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from service.engine.spiff.api import FUTURE, WAITING, BpmnProcessSpec, SpiffTask
from service.engine.spiff.base import FlowNode
from service.engine.spiff.timers import Timer
from service.engine.types import Open


@dataclass(frozen=True, slots=True)
class MessageDefinition:
    """A message, known by its name alone."""

    name: str


@dataclass(frozen=True, slots=True)
class ErrorDefinition:
    """An error or escalation; as a catcher an empty code means any."""

    way: str
    code: str


Waits: TypeAlias = Timer | MessageDefinition | ErrorDefinition


class Catcher(FlowNode):
    """Something that waits for a timer or a message."""

    numbered = True

    def ways(self, task: SpiffTask) -> Iterator[tuple[str, str, int, Waits]]:
        """What it waits for: (id, element, nth, event)."""
        raise NotImplementedError

    def wake(self, task: SpiffTask, element: str) -> None:
        """What it waited for has come."""
        raise NotImplementedError

    def arm(self, task: SpiffTask) -> None:
        """Set the due times of its timers, or let them follow their dates."""
        for _, _, _, event in self.ways(task):
            if isinstance(event, Timer):
                event.arm(task)

    def opens(self, task: SpiffTask) -> Iterable[Open]:
        if task._state != WAITING:
            return
        item = task.workflow.top_workflow.item(task)
        for id_, element, nth, event in self.ways(task):
            if isinstance(event, Timer):
                yield Open("timer", id_, element, nth, item, due=event.due(task))
            elif isinstance(event, MessageDefinition):
                yield Open("message", id_, element, nth, item, what=event.name)

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        my_task.workflow.top_workflow.enter(my_task)
        my_task._set_state(WAITING)
        self.arm(my_task)
        return False


class CatchEvent(Catcher):
    """An intermediate event or a receive task that waits in a flow."""

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str, event: Waits) -> None:
        super().__init__(wf_spec, name, element=element)
        self.event = event

    def ways(self, task: SpiffTask) -> Iterator[tuple[str, str, int, Waits]]:
        yield task.id, self.element, task.internal_data["nth"], self.event

    def wake(self, task: SpiffTask, _element: str) -> None:
        task._ready()


class EventGatewayTarget(FlowNode):
    """An event behind an event gateway: the gateway waited for it, so it passes at once."""

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        my_task.internal_data["nth"] = my_task.parent.internal_data["nths"][self.element]
        return super()._update_hook(my_task)


class EventBasedGateway(Catcher):
    """An event gateway: the first of its events wins, the others are forgotten.

    It waits for them itself, each with an id and a memory of its own.
    """

    chooses = True

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str) -> None:
        super().__init__(wf_spec, name, element=element)
        self.events: dict[str, Waits] = {}
        """By element, in the order of the file."""

    def ways(self, task: SpiffTask) -> Iterator[tuple[str, str, int, Waits]]:
        for element, event in self.events.items():
            yield f"{task.id}/{element}", element, task.internal_data["nths"][element], event

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        case = my_task.workflow.top_workflow
        my_task.internal_data["nths"] = {element: case.number(element) for element in self.events}
        return super()._update_hook(my_task)

    def wake(self, task: SpiffTask, element: str) -> None:
        task._sync_children([task.workflow.spec.task_specs[element]], FUTURE)
        task._ready()
