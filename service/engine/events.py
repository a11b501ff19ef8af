"""Events: messages that a case waits for or throws, errors and escalations that walk outwards, and what stands at the border of an activity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from service.engine.activities import Each
from service.engine.library import CANCELLED, FUTURE, LIVE, WAITING, BoundaryEvent, BpmnProcessSpec, Task
from service.engine.specs import Known, Split
from service.engine.timers import Timer
from service.engine.values import Open, Thrown
from service.errors import EngineStopped


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message, known by its name alone."""

    name: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An error or escalation; as a catcher an empty code means any."""

    way: str
    code: str


Waits: TypeAlias = Timer | Awaited | Fault


class Catcher(Known):
    """Something that waits for a timer or a message."""

    numbered = True

    def ways(self, task: Task) -> Iterator[tuple[str, str, int, Waits]]:
        """What it waits for: (id, element, nth, event)."""
        raise NotImplementedError

    def wake(self, task: Task, element: str) -> None:
        """What it waited for has come."""
        raise NotImplementedError

    def arm(self, task: Task) -> None:
        """Set the due times of its timers, or let them follow their dates."""
        for _, _, _, event in self.ways(task):
            if isinstance(event, Timer):
                event.arm(task)

    def opens(self, task: Task) -> Iterable[Open]:
        if task._state != WAITING:
            return
        item = task.workflow.top_workflow.item(task)
        for id_, element, nth, event in self.ways(task):
            if isinstance(event, Timer):
                yield Open("timer", id_, element, nth, item, due=event.due(task))
            elif isinstance(event, Awaited):
                yield Open("message", id_, element, nth, item, what=event.name)

    def _update_hook(self, my_task: Task) -> bool | None:
        my_task.workflow.top_workflow.enter(my_task)
        my_task._set_state(WAITING)
        self.arm(my_task)
        return False


class Catch(Catcher):
    """An intermediate event or a receive task that waits in a flow."""

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str, event: Waits) -> None:
        super().__init__(wf_spec, name, element=element)
        self.event = event

    def ways(self, task: Task) -> Iterator[tuple[str, str, int, Waits]]:
        yield task.id, self.element, task.internal_data["nth"], self.event

    def wake(self, task: Task, _element: str) -> None:
        task._ready()


class Raced(Known):
    """An event behind an event gateway: the gateway waited for it, so it passes at once."""

    def _update_hook(self, my_task: Task) -> bool | None:
        my_task.internal_data["nth"] = my_task.parent.internal_data["nths"][self.element]
        return super()._update_hook(my_task)


class Race(Catcher):
    """An event gateway: the first of its events wins, the others are forgotten. It waits for them itself, each with an id and a memory of its own."""

    chooses = True

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str) -> None:
        super().__init__(wf_spec, name, element=element)
        self.events: dict[str, Waits] = {}
        """By element, in the order of the file."""

    def ways(self, task: Task) -> Iterator[tuple[str, str, int, Waits]]:
        for element, event in self.events.items():
            yield f"{task.id}/{element}", element, task.internal_data["nths"][element], event

    def _update_hook(self, my_task: Task) -> bool | None:
        case = my_task.workflow.top_workflow
        my_task.internal_data["nths"] = {element: case.number(element) for element in self.events}
        return super()._update_hook(my_task)

    def wake(self, task: Task, element: str) -> None:
        task._sync_children([task.workflow.spec.task_specs[element]], FUTURE)
        task._ready()


class Boundary(Catcher, BoundaryEvent):
    """A border event. One that does not interrupt waits again after it fired: messages, escalations, and timers with rounds left."""

    silent = True

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str, event: Waits, interrupting: bool) -> None:
        super().__init__(wf_spec, name, element=element, event_definition=event, cancel_activity=interrupting)
        self.event = event
        self.numbered = not isinstance(event, Fault)

    def ways(self, task: Task) -> Iterator[tuple[str, str, int, Waits]]:
        yield task.id, self.element, task.internal_data.get("nth", 0), self.event

    def wake(self, task: Task, _element: str) -> None:
        task._ready()
        if self.cancel_activity:
            # at once, so that nothing inside goes on in the meantime
            task.run()

    def _run_hook(self, _my_task: Task) -> bool | None:
        return True

    def _on_complete_hook(self, my_task: Task) -> None:
        super()._on_complete_hook(my_task)
        if self.cancel_activity:
            return
        memory = self.event.next_round(my_task) if isinstance(self.event, Timer) else []
        host = next(c for c in my_task.parent.children if not isinstance(c.task_spec, BoundaryEvent))
        if memory is not None and host._state & LIVE:
            again = my_task.parent._add_child(self, WAITING)
            if memory:
                again.internal_data |= {"timers": {self.element: memory}, "cycles": my_task.internal_data.get("cycles", {})}
            self._update(again)


class Throw(Known):
    """A message, error or escalation on the way or at the end."""

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str, event: Awaited | Fault) -> None:
        super().__init__(wf_spec, name, element=element)
        self.event = event

    def _run_hook(self, my_task: Task) -> bool | None:
        case = my_task.workflow.top_workflow
        if isinstance(self.event, Fault):
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


class ThrowEnd(Throw):
    """The same at the end."""

    is_end = True


def guards(task: Task, fault: Fault) -> list[tuple[Task, Boundary]]:
    """The border events around the activity of a task that catch a fault, an exact code before any code."""
    host = task.parent if isinstance(task.parent.task_spec, Each) else task
    if not isinstance(host.parent.task_spec, Split):
        return []
    waiting = [(t, t.task_spec) for t in host.parent.children if t._state == WAITING and isinstance(t.task_spec, Boundary)]
    return [(t, spec) for event in (fault, Fault(fault.way, "")) for t, spec in waiting if spec.event == event]


def raise_fault(task: Task, fault: Fault, thrower: str) -> None:
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
