"""Events that are thrown: messages, and errors and escalations, which walk outwards until a border
catches them.
"""

from __future__ import annotations

from service.engine.spiff.api import CANCELLED, BpmnProcessSpec, SpiffTask
from service.engine.spiff.base import FlowNode
from service.engine.spiff.boundary_events import guards
from service.engine.spiff.catch_events import ErrorDefinition, MessageDefinition
from service.engine.types import Thrown
from service.errors import EngineStopped


class ThrowEvent(FlowNode):
    """A message, error or escalation on the way or at the end."""

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
        case = my_task.workflow.top_workflow
        if isinstance(self.event, ErrorDefinition):
            case.step("threw", my_task, self.event.code)
            raise_fault(my_task, self.event, self.element)
        else:
            case.step("threw", my_task, self.event.name)
            if len(takers := list(case.takers(self.event.name))) == 1:
                takers[0].wake()
            else:
                case.thrown.append(Thrown("message", self.event.name, self.element))
        # None leaves it STARTED: what it threw has cancelled its scope, and it must not go on
        return None if my_task._state == CANCELLED else True


class ThrowEndEvent(ThrowEvent):
    """The same at the end."""

    is_end = True


def raise_fault(task: SpiffTask, fault: ErrorDefinition, thrower: str) -> None:
    """Wake the nearest border event that catches a fault, from where it happened outwards.

    The library would offer it to every waiting event of the case (trap 8).
    """
    case, here = task.workflow.top_workflow, task
    while True:
        for guard, spec in guards(here, fault)[:1]:
            guard.internal_data["inner"] = thrower
            case.step("caught", guard, fault.code)
            spec.wake(guard, spec.element)
            return
        owner = case.owner_of(here.workflow)
        if owner is None:
            break
        here = owner
    if fault.way == "error":
        raise EngineStopped("error_uncaught", thrower or case.place, fault.code)
    case.thrown.append(Thrown("escalation", fault.code, thrower))
