"""Catch events: what a case waits for in a flow, behind an event-based gateway, or at the boundary
of an activity.

Event sub-processes stand here too, for their start events are catch events. Events that are thrown:
`throw_events`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from service.engine.spiff.activities import SubProcess
from service.engine.spiff.api import (
    CANCELLED,
    FUTURE,
    LIVE,
    UNFINISHED,
    WAITING,
    BoundaryEvent,
    BpmnProcessSpec,
    SpiffTask,
    Workflow,
)
from service.engine.spiff.base import FlowNode
from service.engine.spiff.protocols import case_of
from service.engine.spiff.timers import Timer
from service.engine.spiff.workflow import ProcessSpec, ScopeWorkflow, arm
from service.engine.types import Open, Variables

NOTHING: Variables = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MessageDefinition:
    """A message, known by its name alone."""

    name: str


@dataclass(frozen=True, slots=True)
class ErrorDefinition:
    """An error or escalation; at a catch event an empty code means any."""

    kind: str
    """`error` or `escalation`."""
    code: str


AwaitedEvent: TypeAlias = Timer | MessageDefinition | ErrorDefinition


class Catcher(FlowNode):
    """An element that waits for timers, messages, errors or escalations."""

    numbered = True
    event: AwaitedEvent
    """The one that it waits for, unless it waits for several."""
    several = False

    def awaited(self, task: SpiffTask) -> Iterator[tuple[str, str, int, AwaitedEvent]]:
        """The events that a task of this spec waits for: (id, element, nth, event)."""
        raise NotImplementedError

    def maps(self, _task: SpiffTask, _element: str) -> bool:
        """Has the element that catches an output mapping, which reads what the event brings?"""
        return bool(self.output_mapping)

    def wake(self, task: SpiffTask, element: str, brought: Variables = NOTHING) -> None:
        """Go on: the event of `element` has come, and brought these variables to its mapping."""
        raise NotImplementedError

    def arm(self, task: SpiffTask) -> None:
        """Set the due times of its timers, or let them follow their dates."""
        if not self.several and not isinstance(self.event, Timer):
            return
        for _, _, _, event in self.awaited(task):
            if isinstance(event, Timer):
                event.arm(task)

    def opens(self, task: SpiffTask) -> Iterable[Open]:
        if task._state != WAITING:
            return
        item = case_of(task).item(task)
        for id_, element, nth, event in self.awaited(task):
            if isinstance(event, Timer):
                yield Open("timer", id_, element, nth, item, due=event.due(task))
            elif isinstance(event, MessageDefinition):
                yield Open("message", id_, element, nth, item, what=event.name)

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        case_of(my_task).enter(my_task)
        my_task._set_state(WAITING)
        self.arm(my_task)
        return False


class CatchEvent(Catcher):
    """An intermediate catch event or a receive task."""

    def __init__(
        self, wf_spec: BpmnProcessSpec, name: str, *, element: str, event: AwaitedEvent
    ) -> None:
        super().__init__(wf_spec, name, element=element)
        self.event = event

    def awaited(self, task: SpiffTask) -> Iterator[tuple[str, str, int, AwaitedEvent]]:
        yield task.id, self.element, task.internal_data["nth"], self.event

    def wake(self, task: SpiffTask, _element: str, brought: Variables = NOTHING) -> None:
        if brought:
            task.internal_data["brought"] = dict(brought)
        task._ready()


class EventGatewayTarget(FlowNode):
    """An event behind an event-based gateway: the gateway waited for it, so it passes at once."""

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        my_task.internal_data["nth"] = my_task.parent.internal_data["nths"][self.element]
        return super()._update_hook(my_task)


class EventBasedGateway(Catcher):
    """An event-based gateway: the first of its events wins, the others are forgotten.

    It waits for them itself, each with an id and a memory of its own; the timers of the library's
    share one due time (trap 16).
    """

    chooses = True
    several = True

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str) -> None:
        super().__init__(wf_spec, name, element=element)
        self.events: dict[str, AwaitedEvent] = {}
        """By element, in the order of the file."""

    def awaited(self, task: SpiffTask) -> Iterator[tuple[str, str, int, AwaitedEvent]]:
        for element, event in self.events.items():
            yield f"{task.id}/{element}", element, task.internal_data["nths"][element], event

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        case = case_of(my_task)
        my_task.internal_data["nths"] = {element: case.number(element) for element in self.events}
        return super()._update_hook(my_task)

    def maps(self, task: SpiffTask, element: str) -> bool:
        target = task.workflow.spec.task_specs[element]
        return isinstance(target, FlowNode) and bool(target.output_mapping)

    def wake(self, task: SpiffTask, element: str, brought: Variables = NOTHING) -> None:
        task._sync_children([task.workflow.spec.task_specs[element]], FUTURE)
        if brought:
            task.children[-1].internal_data["brought"] = dict(brought)
        task._ready()


class BoundaryCatch(Catcher, BoundaryEvent):
    """A boundary event, whether it interrupts its activity or not.

    One that does not interrupt waits again after it fired: messages, escalations, and timers with
    rounds left. The library's takes one message, and no second one (trap 12).
    """

    silent = True

    def __init__(
        self,
        wf_spec: BpmnProcessSpec,
        name: str,
        *,
        element: str,
        event: AwaitedEvent,
        interrupting: bool,
    ) -> None:
        super().__init__(
            wf_spec, name, element=element, event_definition=event, cancel_activity=interrupting
        )
        self.event = event
        self.numbered = not isinstance(event, ErrorDefinition)

    def awaited(self, task: SpiffTask) -> Iterator[tuple[str, str, int, AwaitedEvent]]:
        yield task.id, self.element, task.internal_data.get("nth", 0), self.event

    def wake(self, task: SpiffTask, _element: str, brought: Variables = NOTHING) -> None:
        if brought:
            task.internal_data["brought"] = dict(brought)
        task._ready()
        if self.cancel_activity:
            # at once, so that nothing inside goes on in the meantime
            task.run()

    def _on_complete_hook(self, my_task: SpiffTask) -> None:
        """Let the event pass; one that does not interrupt waits again next to its activity."""
        super()._on_complete_hook(my_task)
        if self.cancel_activity:
            return
        memory = self.event.next_round(my_task) if isinstance(self.event, Timer) else []
        siblings = my_task.parent.children
        activity = next(c for c in siblings if not isinstance(c.task_spec, BoundaryEvent))
        if memory is not None and activity._state & LIVE:
            again = my_task.parent._add_child(self, WAITING)
            if memory and isinstance(self.event, Timer):
                again.internal_data |= self.event.remembered(my_task, memory)
            self._update(again)


class EventSubProcess(SubProcess):
    """An event sub-process: no flow leads to it; it can begin as long as its scope lives.

    The library's interrupts nothing, does not begin inside a sub-process (trap 9), and changes the
    spec for all later cases when it begins (trap 11).

    Only a timer has a task that waits, for it has a due time to keep. For messages, errors and
    escalations the spec is enough.
    """

    def __init__(
        self,
        wf_spec: BpmnProcessSpec,
        name: str,
        *,
        element: str,
        start: str,
        event: AwaitedEvent,
        interrupting: bool,
    ) -> None:
        super().__init__(wf_spec, name, element=element, subworkflow_spec=element)
        self.start = start
        """Id of its start event."""
        self.event = event
        self.interrupting = interrupting

    def begin(self, scope: Workflow, thrower: str = "", brought: Variables = NOTHING) -> None:
        """Begin a run in a scope; one that interrupts ends all else in the scope first.

        Args:
            thrower: id of the end event inside whose error or escalation it catches.
            brought: a message's variables, for the output mapping of its start event.
        """
        if self.interrupting:
            for task in [t for t in scope.tasks.values() if t._state & UNFINISHED]:
                task.cancel()
        begun = scope.task_tree._add_child(self, FUTURE)
        begun.triggered = True
        if thrower:
            begun.internal_data["inner"] = thrower
        if brought:
            begun.internal_data["brought"] = dict(brought)
        self._update(begun)


class EventSubProcessTimer(Catcher):
    """The timer that starts an event sub-process: it waits in the scope, next to the flow."""

    event: Timer
    silent = True

    def __init__(
        self, wf_spec: BpmnProcessSpec, name: str, *, begins: EventSubProcess, event: Timer
    ) -> None:
        super().__init__(wf_spec, name, element=name)
        self.begins = begins
        self.event = event

    def awaited(self, task: SpiffTask) -> Iterator[tuple[str, str, int, AwaitedEvent]]:
        yield task.id, self.element, task.internal_data["nth"], self.event

    def wake(self, task: SpiffTask, _element: str, _brought: Variables = NOTHING) -> None:
        """Begin the event sub-process; a cycle with rounds left waits again."""
        scope, memory = task.workflow, self.event.next_round(task)
        task.cancel()
        self.begins.begin(scope)
        if memory is not None and not self.begins.interrupting:
            arm(scope, self.name, self.event.remembered(task, memory))


def interruption(scope: Workflow) -> SpiffTask | None:
    """The task of the event sub-process that the scope is, if its ends are ends of the case: it has
    interrupted the case, or another one that has.
    """
    around: Workflow = scope
    while isinstance(around, ScopeWorkflow):
        spec = around.owner.task_spec
        if not isinstance(spec, EventSubProcess) or not spec.interrupting:
            return None
        around = around.owner.workflow
    return scope.owner if isinstance(scope, ScopeWorkflow) else None


def listening(scope: Workflow) -> list[EventSubProcess]:
    """The event sub-processes that can begin in a scope; none once one has interrupted it."""
    spec = scope.spec
    assert isinstance(spec, ProcessSpec)  # noqa: S101 - the builder makes no other
    found = [spec.task_specs[name] for name in spec.event_subs]
    event_subs = [sub_process for sub_process in found if isinstance(sub_process, EventSubProcess)]
    interrupting = {sub_process.name for sub_process in event_subs if sub_process.interrupting}
    is_interrupted = any(
        task.task_spec.name in interrupting and not task._state & CANCELLED
        for task in (scope.tasks.values() if interrupting else ())
    )
    return [] if is_interrupted else event_subs
