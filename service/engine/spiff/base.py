"""Our task classes over SpiffWorkflow's: what all elements have in common, starts and ends, and
what the library needs around them.

Specs are shared by all cases and never changed by one; `activities`, `gateways` and `events` hold
the others.

Nothing is predicted here. The library keeps a tree of tasks that may follow; ours makes the
children of a task when it completes. That keeps rows few, makes a stored case equal to one that was
never stored (7.4), and is most of the speed.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.engine.spiff.api import (
    CANCELLED,
    FUTURE,
    MAYBE,
    UNFINISHED,
    WAITING,
    BoundaryEvent,
    BoundaryEventJoin,
    BoundaryEventSplit,
    BpmnProcessSpec,
    BpmnStartTask,
    BpmnTaskSpec,
    SpiffTask,
    TaskSpec,
    Workflow,
)
from service.engine.types import Open


class DeferredSpec(TaskSpec):
    """A spec whose children are made when it completes, not before."""

    chooses = False
    """It makes its children itself, when it runs."""

    def test(self) -> None:
        """The builder has looked at the spec once; the library would do it at each task."""

    def _predict(
        self,
        my_task: SpiffTask,
        seen: list[TaskSpec] | None = None,
        looked_ahead: int = 0,
        mask: int = 3,
    ) -> None:
        """Nothing: see the head of the module."""

    def _on_complete_hook(self, my_task: SpiffTask) -> None:
        if not self.chooses:
            my_task._sync_children(self.outputs, FUTURE)


class FlowNode(DeferredSpec, BpmnTaskSpec):
    """An element that people see in the diagram."""

    numbered = False
    """It can be open between two turns, so its openings are counted (`nth`)."""
    silent = False
    """Its instances speak for it in the steps."""
    is_end = False
    carries = True
    """The token that leaves still knows the fault that it began with (`inner_end`)."""

    def __init__(
        self, wf_spec: BpmnProcessSpec, name: str, *, element: str, **kwargs: object
    ) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.element = self.bpmn_id = element
        self.flow_to: dict[str, str] = {}
        """Flow id by the name of the spec it leads to; filled by the builder."""

    def opens(self, _task: SpiffTask) -> Iterable[Open]:
        """What waits here."""
        return ()

    def item_done(self, my_task: SpiffTask, child: SpiffTask) -> None:
        """An instance has ended; only an activity that has instances hears of that."""
        raise NotImplementedError

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        my_task.workflow.top_workflow.enter(my_task)
        return True

    def _on_complete_hook(self, my_task: SpiffTask) -> None:
        case = my_task.workflow.top_workflow
        case.leave(my_task)
        super()._on_complete_hook(my_task)
        for child in my_task.children:
            if flow := self.flow_to.get(child.task_spec.name):
                case.step("took", my_task, flow)
        if "key_or_index" in my_task.internal_data:
            each = my_task.parent.task_spec
            assert isinstance(each, FlowNode)
            each.item_done(my_task.parent, my_task)

    def _on_cancel(self, my_task: SpiffTask) -> None:
        my_task.workflow.top_workflow.cancelled(my_task)
        super()._on_cancel(my_task)


class PassThrough(FlowNode):
    """A start, a plain throw event, one end of a link: the token goes on at once."""


class EndEvent(PassThrough):
    """A plain end event."""

    is_end = True


class TerminateEndEvent(EndEvent):
    """Ends its own scope, and cancels what is open in it."""

    def _on_complete_hook(self, my_task: SpiffTask) -> None:
        super()._on_complete_hook(my_task)
        my_task.workflow.cancel(success=True)


class BoundarySplit(DeferredSpec, BoundaryEventSplit):
    """Stands before an activity with border events, and holds them and the activity together."""

    def _run_hook(self, my_task: SpiffTask) -> bool | None:
        my_task._sync_children(self.outputs, MAYBE)
        for child in my_task.children:
            child._set_state(WAITING if isinstance(child.task_spec, BoundaryEvent) else FUTURE)
        return True

    chooses = True


class BoundaryJoin(DeferredSpec, BoundaryEventJoin):
    """Behind an activity and its border events: the library's rule says who is cancelled when one
    of them is done.
    """

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        over, rest = self._check_threshold_structured(my_task)
        if over:
            for task in rest:
                task.cancel()
        # it never waits: whoever ends next makes a join of its own
        my_task._set_state(CANCELLED)
        return False


class ScopeClose(DeferredSpec, BpmnTaskSpec):
    """Behind the end events of a scope: it waits until nothing else is left in it.

    Tokens that have ended are alike, so one of them is enough.
    """

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        my_task._set_state(WAITING)
        return False

    def meet(self, scope: Workflow, here: list[SpiffTask]) -> bool:
        """Let the scope end if no other token is left."""
        for task in here[1:]:
            task.cancel()
        if any(t._state & UNFINISHED and t.task_spec is not self for t in scope.tasks.values()):
            return False
        here[0]._ready()
        return True


class ScopeEnd(DeferredSpec, BpmnTaskSpec):
    """The last task of a scope; its name tells the library that the scope is complete."""


class ProcessSpec(BpmnProcessSpec):
    """A process or sub-process, with our specs at its two ends."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.task_specs.clear()
        self.start = BpmnStartTask(self, "Start")
        self.end = ScopeClose(self, f"{name}.EndJoin")
        self.end.connect(ScopeEnd(self, "End"))
        self.triggers: dict[str, list[tuple[str, str]]] = {}
        """Event sub-processes by the message that starts them: (spec, start event)."""
