"""Throw events: messages, and errors and escalations, which go outwards until a boundary event or
an event sub-process catches them.
"""

from __future__ import annotations

from service.engine.spiff.activities import MultiInstance, ServiceTask
from service.engine.spiff.api import CANCELLED, WAITING, BpmnProcessSpec, SpiffTask, Workflow
from service.engine.spiff.base import BoundarySplit, FlowNode
from service.engine.spiff.catch_events import (
    BoundaryCatch,
    ErrorDefinition,
    EventSubProcess,
    MessageDefinition,
    listening,
)
from service.engine.spiff.open_work import message_targets
from service.engine.spiff.protocols import case_of
from service.engine.types import Thrown
from service.errors import EngineStopped


class ThrowEvent(FlowNode):
    """An intermediate event that throws a message, error or escalation."""

    def __init__(
        self,
        wf_spec: BpmnProcessSpec,
        name: str,
        *,
        element: str,
        event: MessageDefinition | ErrorDefinition,
    ) -> None:
        super().__init__(wf_spec, name, element=element)
        self.event = event

    def _run_hook(self, my_task: SpiffTask) -> bool | None:
        case = case_of(my_task)
        if isinstance(self.event, ErrorDefinition):
            case.step("threw", my_task, self.event.code)
            raise_fault(my_task, self.event, self.element)
        else:
            case.step("threw", my_task, self.event.name)
            if len(targets := list(message_targets(case, self.event.name))) == 1:
                targets[0].wake()
            else:
                case.thrown.append(Thrown("message", self.event.name, self.element))
        if my_task._state != CANCELLED:
            return True
        # what it threw has cancelled it, and it must not go on; the library makes it STARTED, so
        # its scope, which may live on for an event sub-process, must not know it any more
        my_task.workflow._remove_task(my_task.id)
        return None


class ThrowEndEvent(ThrowEvent):
    """An end event that throws a message, error or escalation."""

    is_end = True


class ServiceThrowEvent(ServiceTask):
    """An intermediate throw event whose message a handler sends."""


class ServiceEndEvent(ServiceTask):
    """An end event whose message a handler sends."""

    is_end = True


def raise_fault(task: SpiffTask, fault: ErrorDefinition, thrower: str) -> None:
    """Wake the nearest event that catches a fault, from where it happened outwards: the boundary
    events of the activity, then the event sub-processes of its scope, then those around it.

    The library would offer it to every waiting event of the case (trap 8).

    Raises:
        EngineStopped: `error_uncaught`; an escalation that nobody catches is noted as thrown.
    """
    case, inner = case_of(task), task
    while True:
        for catcher, spec in _catchers(inner, fault)[:1]:
            catcher.internal_data["inner"] = thrower
            case.step("caught", catcher, fault.code)
            spec.wake(catcher, spec.element)
            return
        for event_sub in _event_subs(inner.workflow, fault)[:1]:
            case.note("caught", event_sub.start, 0, fault.code)
            event_sub.begin(inner.workflow, thrower)
            return
        owner = case.owner_of(inner.workflow)
        if owner is None:
            break
        inner = owner
    if fault.kind == "error":
        raise EngineStopped("error_uncaught", thrower or case.place, fault.code)
    case.thrown.append(Thrown("escalation", fault.code, thrower))


def _catchers(task: SpiffTask, fault: ErrorDefinition) -> list[tuple[SpiffTask, BoundaryCatch]]:
    """The boundary events around the activity of a task that catch a fault, an exact code before
    any code.
    """
    activity = task.parent if isinstance(task.parent.task_spec, MultiInstance) else task
    if not isinstance(activity.parent.task_spec, BoundarySplit):
        return []
    waiting = [
        (sibling, sibling.task_spec)
        for sibling in activity.parent.children
        if sibling._state == WAITING and isinstance(sibling.task_spec, BoundaryCatch)
    ]
    return [
        (catcher, spec)
        for event in _caught_by(fault)
        for catcher, spec in waiting
        if spec.event == event
    ]


def _event_subs(scope: Workflow, fault: ErrorDefinition) -> list[EventSubProcess]:
    """The event sub-processes of a scope that catch a fault, an exact code before any code."""
    subs = listening(scope)
    return [sub for event in _caught_by(fault) for sub in subs if sub.event == event]


def _caught_by(fault: ErrorDefinition) -> tuple[ErrorDefinition, ErrorDefinition]:
    """The catching events of a fault, the one that goes first before the other."""
    return fault, ErrorDefinition(fault.kind, "")
