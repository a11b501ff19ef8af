"""Flow nodes: what the task specs of all elements have in common, plain starts and ends, and what
the library needs around an activity with boundary events.

Specs are shared by all cases and never changed by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from service.engine.feel import Expression
from service.engine.spiff.api import (
    CANCELLED,
    BoundaryEventJoin,
    BoundaryEventSplit,
    BpmnProcessSpec,
    BpmnTaskSpec,
    SpiffTask,
)
from service.engine.spiff.protocols import case_of
from service.engine.spiff.workflow import DeferredSpec
from service.engine.types import Open, Variables

_NO_MAPPING: Mapping[str, Expression] = MappingProxyType({})


class FlowNode(DeferredSpec, BpmnTaskSpec):
    """An element that people see in the diagram."""

    numbered = False
    """It can be open between two turns, so its openings are counted (`nth`)."""
    silent = False
    """Only its instances appear in the steps."""
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
        self.input_mapping = _NO_MAPPING
        """Targets of the `ioMapping` with their FEEL; both are set by `builder`."""
        self.output_mapping = _NO_MAPPING
        """Empty: what the element brings goes to the variables of its names."""

    def opens(self, _task: SpiffTask) -> Iterable[Open]:
        """The open work of a task at this element."""
        return ()

    def receive(
        self, my_task: SpiffTask, brought: Variables, inputs: Variables | None = None
    ) -> None:
        """Take what comes from outside: answers, or a rule's result with its inputs.

        The output mapping reads them when the element completes; without one each goes to the
        variable of its name.
        """
        if self.output_mapping:
            my_task.internal_data["brought"] = {**(inputs or {}), **brought}
        else:
            case_of(my_task).write(my_task, brought)

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        case_of(my_task).enter(my_task)
        return True

    def _on_complete_hook(self, my_task: SpiffTask) -> None:
        case = case_of(my_task)
        if self.output_mapping:
            memory = my_task.internal_data
            brought = {**memory.get("inputs", {}), **memory.pop("brought", {})}
            case.write(my_task, case.mapped(self.output_mapping, my_task, brought))
        case.leave(my_task)
        super()._on_complete_hook(my_task)
        if self.flow_to:
            tasks = my_task.workflow.tasks
            for id_ in my_task._children:
                if flow := self.flow_to.get(tasks[id_].task_spec.name):
                    case.step("took", my_task, flow)
        if "key_or_index" in my_task.internal_data:
            # an instance: the activity that repeats it listens
            self.completed_event.emit(my_task.workflow, my_task)

    def _on_cancel(self, my_task: SpiffTask) -> None:
        case_of(my_task).cancelled(my_task)
        super()._on_cancel(my_task)


class PassThrough(FlowNode):
    """A start, a plain throw event, one end of a link: the token goes on at once."""


class EndEvent(PassThrough):
    """A plain end event."""

    is_end = True


class TerminateEndEvent(EndEvent):
    """A terminate end event: it ends its own scope, and cancels what is open in it."""

    def _on_complete_hook(self, my_task: SpiffTask) -> None:
        super()._on_complete_hook(my_task)
        my_task.workflow.cancel(success=True)


class BoundarySplit(DeferredSpec, BoundaryEventSplit):
    """The split before an activity with boundary events: parent of the activity and of them."""

    chooses = True

    def _run_hook(self, my_task: SpiffTask) -> bool | None:
        # its children are all that the library would predict here, and it lets the events wait
        self._predict_hook(my_task)
        return BoundaryEventSplit._run_hook(self, my_task)


class BoundaryJoin(DeferredSpec, BoundaryEventJoin):
    """The join behind an activity and its boundary events: the library's rule says who is cancelled
    when one of them is done.

    The library's own waits, and is asked again after every step; ours is asked once. Shown by
    `test_what_is_open_is_what_the_blocks_mean`.
    """

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        over, rest = self._check_threshold_structured(my_task)
        if over:
            for task in rest:
                task.cancel()
        # it never waits: whoever ends next makes a join of its own
        my_task._set_state(CANCELLED)
        return False


def nth_of(task: SpiffTask, element: str) -> int:
    """The number of an element's opening, of those that a task counts; 0 when it counts none."""
    memory = task.internal_data
    nths = memory.get("nths")
    return int((nths and nths.get(element)) or memory.get("nth", 0))


def carry_fault(task: SpiffTask) -> None:
    """Hand the fault on that the token began with; a split before the activity is passed over."""
    before = task.parent
    if isinstance(before.task_spec, BoundarySplit) and before.parent is not None:
        before = before.parent
    if "inner" in before.internal_data:
        task.internal_data["inner"] = before.internal_data["inner"]
