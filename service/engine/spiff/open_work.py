"""Open work of a running case: what waits in it, its timers, and who takes a message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.engine.spiff.api import WAITING, SpiffTask, Workflow
from service.engine.spiff.base import FlowNode, nth_of
from service.engine.spiff.catch_events import (
    NOTHING,
    Catcher,
    EventSubProcess,
    MessageDefinition,
    listening,
)
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
    """As in `Open`; of an event sub-process, which is not open yet, that of its scope's activity
    and of its start event.
    """
    element: str
    task: SpiffTask | None
    """None: the message starts an event sub-process."""
    message: str
    starts: tuple[EventSubProcess, Workflow] | None = None
    """The event sub-process that the message starts, and the scope in which it does."""

    @property
    def nth(self) -> int:
        """Which opening of the element waits; 0 for an event sub-process."""
        return 0 if self.task is None else nth_of(self.task, self.element)

    @property
    def work(self) -> Open:
        """The place as a piece of open work."""
        inside = self.task or (self.starts[1].task_tree if self.starts else None)
        item = None if inside is None else self.case.item(inside)
        return Open("message", self.id, self.element, self.nth, item, what=self.message)

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
        self.case.note("caught", self.element, self.nth, self.message)
        spec.wake(self.task, self.element, brought if maps else NOTHING)

    def _begin(self, brought: Variables) -> None:
        """Start the event sub-process."""
        assert self.starts is not None  # noqa: S101 - a place has one of the two
        event_sub, scope = self.starts
        start = self.case.definition.scopes[event_sub.spec].task_specs[self.element]
        maps = isinstance(start, FlowNode) and bool(start.output_mapping)
        if not maps:
            # any task of the scope will do: what is asked is where the scope's variables are
            self.case.write(scope.task_tree, brought, self.element)
        self.case.note("caught", self.element, 0, self.message)
        event_sub.begin(scope, brought=brought if maps else NOTHING)


def message_targets(case: RunningCase, name: str | None = None) -> Iterator[MessageTarget]:
    """The places that wait for a message, or for any."""
    for task in case.live():
        spec = task.task_spec
        if isinstance(spec, Catcher) and task._state == WAITING:
            for id_, element, _, event in spec.awaited(task):
                if isinstance(event, MessageDefinition) and name in {None, event.name}:
                    yield MessageTarget(case, id_, element, task, event.name)
    for scope in case.scopes():
        for event_sub in listening(scope):
            event = event_sub.event
            if isinstance(event, MessageDefinition) and name in {None, event.name}:
                owner = case.owner_of(scope)
                id_ = event_sub.start if owner is None else f"{owner.id}/{event_sub.start}"
                starts = (event_sub, scope)
                yield MessageTarget(case, id_, event_sub.start, None, event.name, starts)
