"""Specs and workflows of scopes: a process, or a sub-process in it.

A scope is looked through flatly, in the order in which tokens came, never by walking a tree.

Nothing is predicted: the library keeps a tree of tasks that may follow; ours makes the children of
a task when it completes. That keeps rows few, and makes a stored case equal to one that was never
stored. How a task is updated, made ready, run and completed is the library's. Source:
decisions/0005, decisions/0100.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.engine.spiff.api import (
    CANCELLED,
    FUTURE,
    LIVE,
    UNFINISHED,
    WAITING,
    BpmnProcessSpec,
    BpmnStartTask,
    BpmnSubWorkflow,
    BpmnTaskSpec,
    BpmnWorkflow,
    SpiffTask,
    TaskSpec,
    Workflow,
)


class DeferredSpec(TaskSpec):
    """A spec whose children are made when it completes, not before."""

    chooses = False
    """It makes its children itself, when it runs."""
    keeps = False
    """What is written inside it stays inside, as in an instance of a repetition."""

    def _predict(
        self,
        my_task: SpiffTask,
        seen: list[TaskSpec] | None = None,
        looked_ahead: int = 0,
        mask: int = 3,
    ) -> None:
        """Nothing: a stored case would predict anew, and differ from one that was never stored.

        Shown by `test_stored_after_every_step_is_the_same_as_never_stored`.
        """

    def _run_hook(self, _my_task: SpiffTask) -> bool | None:
        return True

    def _on_complete_hook(self, my_task: SpiffTask) -> None:
        if not self.chooses:
            follow(my_task, self.outputs)


def follow(task: SpiffTask, specs: list[TaskSpec]) -> None:
    """Give a task its children, which have not begun."""
    if task._children:
        # triggered ones stay
        task._sync_children(specs, FUTURE)
        return
    for spec in specs:
        SpiffTask(task.workflow, spec, task, FUTURE)


class ScopeClose(DeferredSpec, BpmnTaskSpec):
    """The join behind the end events of a scope: it waits until nothing else is left in it.

    Tokens that have ended are alike, so one of them is enough. The library's waits for the timers
    of event sub-processes too, and the case stays open (trap 10).
    """

    timers: list[str]
    """Names of the timers of event sub-processes: they wait as long as the scope lives, and do not
    keep it open."""

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        my_task._set_state(WAITING)
        return False

    def meet(self, scope: Workflow, waiting: list[SpiffTask]) -> bool:
        """Let the scope end if no other token is left."""
        for task in waiting[1:]:
            task.cancel()
        rest = [
            task
            for task in scope.tasks.values()
            if task._state & UNFINISHED and task.task_spec is not self
        ]
        if any(task.task_spec.name not in self.timers for task in rest):
            return False
        for timer in rest:
            timer.cancel()
        waiting[0]._ready()
        return True


class ScopeEnd(DeferredSpec, BpmnTaskSpec):
    """The last task of a scope; its name says to the library that the scope is complete."""


class ProcessSpec(BpmnProcessSpec):
    """The spec of a process or sub-process, with our specs at its two ends."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.task_specs.clear()
        self.start = BpmnStartTask(self, "Start")
        self.end = ScopeClose(self, f"{name}.EndJoin")
        self.end.connect(ScopeEnd(self, "End"))
        self.event_subs: list[str] = []
        """Names of its event sub-processes, in the order of the file."""
        self.event_timers: list[str] = []
        """Names of the timers that start some of them."""
        self.end.timers = self.event_timers
        self.message_starts: set[str] = set()
        """Start events that wait for a message; none of them begins when a call does."""

    def begin(self, scope: Workflow) -> None:
        """Arm the timers of the event sub-processes: a scope of this spec has just begun."""
        for name in self.event_timers:
            arm(scope, name)


def arm(scope: Workflow, timer: str, memory: Mapping[str, object] | None = None) -> SpiffTask:
    """Let the timer of an event sub-process wait in a scope; the task that waits.

    Args:
        memory: of the round before, for a timer that comes again.
    """
    spec = scope.spec.task_specs[timer]
    task = scope.task_tree._add_child(spec, WAITING)
    task.internal_data |= memory or {}
    spec._update(task)
    return task


def drop_message_starts(scope: Workflow) -> None:
    """Take the starts that wait for a message out of a scope that is about to begin."""
    spec = scope.spec
    assert isinstance(spec, ProcessSpec)  # noqa: S101 - nothing else is built
    for start in list(scope.task_tree.children):
        if start.task_spec.name in spec.message_starts:
            scope._remove_task(start.id)


class FlatWorkflow(Workflow):
    """A scope without walks over its tree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's, handed on
        self.removed = set[str]()
        """Names of the specs whose tasks were taken out of the tree."""
        super().__init__(*args, **kwargs)

    def update_waiting_tasks(self) -> None:
        """Nothing: the library asks every waiting task after every step, and a join may then go on
        before the tokens that are on their way (traps 4, 6); our loop asks when nothing else moves.

        Shown by `test_what_is_open_is_what_the_blocks_mean`.
        """

    def cancel(self, success: bool = False) -> list[SpiffTask]:  # noqa: FBT001, FBT002 - the library's signature
        """Take every token out of the scope, in the order of their making; the library goes by its
        tree, and notes the scope as failed where the case cancels it.

        Shown by `test_trap_49_terminated`.
        """
        self.success, self.completed = success, True
        unfinished = [task for task in self.tasks.values() if task._state & UNFINISHED]
        for task in unfinished:
            task.cancel()
        return unfinished

    def _task_removed_notify(self, task: SpiffTask) -> None:
        """Cancel a live task that goes because its activity was cancelled, so that what runs in it
        goes too; the library leaves the scope of a sub-process behind that has no owner (trap 53).

        Shown by `test_what_is_open_is_what_the_blocks_mean`.
        """
        self.removed.add(task.task_spec.name)
        if task._state & LIVE:
            task._set_state(CANCELLED)
            task.task_spec._on_cancel(task)


class ScopeWorkflow(FlatWorkflow, BpmnSubWorkflow):
    """A sub-process or called process that runs."""

    def __init__(
        self,
        owner: SpiffTask,
        spec: BpmnProcessSpec,
        case: BpmnWorkflow,
        *,
        deserializing: bool = False,
    ) -> None:
        self.owner = owner
        super().__init__(spec, owner.id, case, deserializing=deserializing)

    @property
    def parent_workflow(self) -> Workflow:
        """The scope around it; the library looks for the owner in all scopes, at each level anew: a
        process that calls itself would run twenty times as long before its budget is spent.

        Shown by `test_a_scope_begins_without_a_search_for_its_owner`.
        """
        return self.owner.workflow

    def _calculate_depth(self) -> int:
        """How deep it lies; the library counts up to the outermost scope, see above.

        Shown by `test_a_scope_begins_without_a_search_for_its_owner`.
        """
        return self.owner.workflow.depth + 1
