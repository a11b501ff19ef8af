"""What the library's workflow is to us: scopes that are looked through flatly, in the order in
which tokens came, never by walking a tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.engine.spiff.api import (
    CANCELLED,
    LIVE,
    UNFINISHED,
    BpmnSubWorkflow,
    SpiffTask,
    Workflow,
)
from service.errors import EngineStopped

if TYPE_CHECKING:
    from service.engine.spiff.execution import CaseExecution


class NoScripts:
    """Stands where the library's script engine would.

    Nothing of ours asks it; whatever does would run Python from a diagram (traps 23, 24).
    """

    def evaluate(self, *_args: object, **_kwargs: object) -> object:
        """Never."""
        raise EngineStopped("tripwire", "", "the library asked for a script engine")

    execute = call_service = evaluate


class FlatWorkflow(Workflow):
    """A scope without walks over its tree."""

    def update_waiting_tasks(self) -> None:
        """The library asks every waiting task after every step; our loop does when nothing else
        moves.
        """

    def cancel(self, success: bool = False) -> list[SpiffTask]:
        """Take every token out of the scope, in the order of their making."""
        self.success, self.completed = success, True
        open_ = [task for task in self.tasks.values() if task._state & UNFINISHED]
        for task in open_:
            task.cancel()
        return open_

    def _task_removed_notify(self, task: SpiffTask) -> None:
        """An instance that goes because its activity was cancelled: what runs in it must hear of
        that.
        """
        if task._state & LIVE:
            task._set_state(CANCELLED)
            task.task_spec._on_cancel(task)


class ScopeWorkflow(FlatWorkflow, BpmnSubWorkflow):
    """A sub-process or called process that runs."""

    def __init__(
        self, owner: SpiffTask, name: str, case: CaseExecution, *, deserializing: bool = False
    ) -> None:
        self.owner = owner
        super().__init__(case.definition.scopes[name], owner.id, case, deserializing=deserializing)

    @property
    def parent_workflow(self) -> Workflow:
        return self.owner.workflow
