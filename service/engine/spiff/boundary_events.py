"""Boundary events: timers, messages, errors and escalations at the border of an activity, whether
they interrupt it or let it go on.
"""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.spiff.activities import ParallelMultiInstance
from service.engine.spiff.api import LIVE, WAITING, BoundaryEvent, BpmnProcessSpec, SpiffTask
from service.engine.spiff.base import BoundarySplit
from service.engine.spiff.catch_events import Catcher, ErrorDefinition, Waits
from service.engine.spiff.timers import Timer


class BoundaryCatch(Catcher, BoundaryEvent):
    """A border event.

    One that does not interrupt waits again after it fired: messages, escalations, and timers with
    rounds left.
    """

    silent = True

    def __init__(
        self, wf_spec: BpmnProcessSpec, name: str, *, element: str, event: Waits, interrupting: bool
    ) -> None:
        super().__init__(
            wf_spec, name, element=element, event_definition=event, cancel_activity=interrupting
        )
        self.event = event
        self.numbered = not isinstance(event, ErrorDefinition)

    def ways(self, task: SpiffTask) -> Iterator[tuple[str, str, int, Waits]]:
        yield task.id, self.element, task.internal_data.get("nth", 0), self.event

    def wake(self, task: SpiffTask, _element: str) -> None:
        task._ready()
        if self.cancel_activity:
            # at once, so that nothing inside goes on in the meantime
            task.run()

    def _run_hook(self, _my_task: SpiffTask) -> bool | None:
        return True

    def _on_complete_hook(self, my_task: SpiffTask) -> None:
        super()._on_complete_hook(my_task)
        if self.cancel_activity:
            return
        memory = self.event.next_round(my_task) if isinstance(self.event, Timer) else []
        host = next(
            c for c in my_task.parent.children if not isinstance(c.task_spec, BoundaryEvent)
        )
        if memory is not None and host._state & LIVE:
            again = my_task.parent._add_child(self, WAITING)
            if memory:
                again.internal_data |= {
                    "timers": {self.element: memory},
                    "cycles": my_task.internal_data.get("cycles", {}),
                }
            self._update(again)


def guards(task: SpiffTask, fault: ErrorDefinition) -> list[tuple[SpiffTask, BoundaryCatch]]:
    """The border events around the activity of a task that catch a fault, an exact code before any
    code.
    """
    host = task.parent if isinstance(task.parent.task_spec, ParallelMultiInstance) else task
    if not isinstance(host.parent.task_spec, BoundarySplit):
        return []
    waiting = [
        (t, t.task_spec)
        for t in host.parent.children
        if t._state == WAITING and isinstance(t.task_spec, BoundaryCatch)
    ]
    return [
        (t, spec)
        for event in (fault, ErrorDefinition(fault.way, ""))
        for t, spec in waiting
        if spec.event == event
    ]
