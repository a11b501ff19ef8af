"""Open work of a running case: what waits in it, its timers, and who takes a message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.engine.spiff.activities import SubProcess
from service.engine.spiff.api import FUTURE, WAITING, SpiffTask
from service.engine.spiff.base import FlowNode, nth_of
from service.engine.spiff.catch_events import NOTHING, Catcher, MessageDefinition
from service.engine.spiff.protocols import RunningCase
from service.engine.spiff.timers import Timer
from service.engine.types import Open, Variables


def open_work(case: RunningCase) -> list[Open]:
    """All that waits, sorted by element and number."""
    waiting = [
        work
        for task in case.live()
        if isinstance(task.task_spec, FlowNode)
        for work in task.task_spec.opens(task)
    ]
    return sorted(waiting, key=lambda work: (work.element, work.nth, work.kind))


def armed_timers(case: RunningCase) -> Iterator[tuple[str, SpiffTask, Timer]]:
    """Every timer that a live task waits for: (id, task, timer)."""
    for task in case.live():
        if isinstance(task.task_spec, Catcher) and task._state == WAITING:
            for id_, _, _, event in task.task_spec.awaited(task):
                if isinstance(event, Timer):
                    yield id_, task, event


def late_timers(case: RunningCase) -> list[str]:
    """Ids of the timers that are due, oldest first."""
    late: list[tuple[datetime, str]] = [
        (due, id_)
        for id_, task, timer in armed_timers(case)
        if (due := timer.due(task)) and due <= case.turn.now
    ]
    return [id_ for _, id_ in sorted(late)]


@dataclass(frozen=True, slots=True)
class MessageTarget:
    """One place that waits for a message."""

    case: RunningCase
    id: str
    """As in `Open`; empty when nothing is open yet."""
    element: str
    task: SpiffTask | None
    """None: the message starts an event sub-process."""
    message: str
    sub_process: str = ""
    """Name of the spec that the message starts."""

    def wake(self, brought: Variables = NOTHING) -> None:
        """Hand the message over with its variables.

        The output mapping of the element that catches reads them; without one each goes to the
        variable of its name, in the scope that catches.
        """
        if self.task is None:
            self._begin(brought)
            return
        spec = self.task.task_spec
        assert isinstance(spec, Catcher)  # noqa: S101 - `message_targets` gives nothing else
        maps = spec.maps(self.task, self.element)
        if not maps:
            self.case.write(self.task, brought, self.element)
        self.case.note("caught", self.element, nth_of(self.task, self.element), self.message)
        spec.wake(self.task, self.element, brought if maps else NOTHING)

    def _begin(self, brought: Variables) -> None:
        """Start the event sub-process."""
        spec = self.case.spec.task_specs[self.sub_process]
        assert isinstance(spec, SubProcess)  # noqa: S101 - the builder makes nothing else
        start = self.case.definition.scopes[spec.spec].task_specs[self.element]
        maps = isinstance(start, FlowNode) and bool(start.output_mapping)
        if not maps:
            self.case.write(None, brought, self.element)
        self.case.note("caught", self.element, 0, self.message)
        begun = self.case.task_tree._add_child(spec, FUTURE)
        begun.triggered = True
        if maps:
            begun.internal_data["brought"] = dict(brought)
        spec._update(begun)


def message_targets(case: RunningCase, name: str) -> Iterator[MessageTarget]:
    """The places that wait for a message."""
    for task in case.live():
        spec = task.task_spec
        if isinstance(spec, Catcher) and task._state == WAITING:
            for id_, element, _, event in spec.awaited(task):
                if isinstance(event, MessageDefinition) and event.name == name:
                    yield MessageTarget(case, id_, element, task, name)
    for sub_process, start in case.spec.triggers.get(name, ()):
        yield MessageTarget(case, "", start, None, name, sub_process)
