"""Open work of a running case: what waits in it, its timers, and who takes a message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.engine.spiff.api import WAITING, SpiffTask, Workflow
from service.engine.spiff.base import FlowNode, nth_of
from service.engine.spiff.catch_events import (
    Catcher,
    EventSubProcess,
    MessageDefinition,
    listening,
)
from service.engine.spiff.protocols import RunningCase
from service.engine.spiff.timers import Timer
from service.engine.types import Open


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
    element: str
    task: SpiffTask | None
    """None: the message starts an event sub-process."""
    message: str
    starts: tuple[EventSubProcess, Workflow] | None = None
    """The event sub-process that the message starts, and the scope in which it does."""

    @property
    def owner(self) -> SpiffTask | None:
        """The activity in whose scope an event sub-process starts; None for the case itself."""
        return None if self.starts is None else self.case.owner_of(self.starts[1])

    def wake(self) -> None:
        """Hand the message over."""
        if self.task is not None:
            self.case.note("caught", self.element, nth_of(self.task, self.element), self.message)
            spec = self.task.task_spec
            assert isinstance(spec, Catcher)  # noqa: S101 - `message_targets` gives nothing else
            spec.wake(self.task, self.element)
            return
        self.case.note("caught", self.element, 0, self.message)
        assert self.starts is not None  # noqa: S101 - a place has one of the two
        event_sub, scope = self.starts
        event_sub.begin(scope)


def message_targets(case: RunningCase, name: str) -> Iterator[MessageTarget]:
    """The places that wait for a message."""
    for task in case.live():
        spec = task.task_spec
        if isinstance(spec, Catcher) and task._state == WAITING:
            for _, element, _, event in spec.awaited(task):
                if isinstance(event, MessageDefinition) and event.name == name:
                    yield MessageTarget(case, element, task, name)
    for scope in case.scopes():
        for event_sub in listening(scope):
            if event_sub.event == MessageDefinition(name):
                yield MessageTarget(case, event_sub.start, None, name, (event_sub, scope))
