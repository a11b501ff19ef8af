"""Who takes a message: a place in the case that waits for it, or an event sub-process that it
starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.engine.spiff.api import SpiffTask
from service.engine.spiff.catch_events import Catcher

if TYPE_CHECKING:
    from service.engine.spiff.execution import CaseExecution


@dataclass(frozen=True, slots=True)
class MessageTarget:
    """One place that waits for a message."""

    case: CaseExecution
    element: str
    task: SpiffTask | None
    """None: the message starts an event sub-process."""
    name: str
    sub: str = ""

    def wake(self) -> None:
        """Hand the message over."""
        if self.task is not None:
            self.case.note("caught", self.element, nth_of(self.task, self.element), self.name)
            spec = self.task.task_spec
            assert isinstance(spec, Catcher)
            spec.wake(self.task, self.element)
            return
        self.case.note("caught", self.element, 0, self.name)
        root = self.case.task_tree
        begun = root._add_child(self.case.spec.task_specs[self.sub], 4)
        begun.triggered = True
        begun.task_spec._update(begun)


def nth_of(task: SpiffTask, element: str) -> int:
    return int(task.internal_data.get("nths", {}).get(element) or task.internal_data.get("nth", 0))
