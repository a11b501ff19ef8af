"""Gateways: which ways out a token takes, and how tokens meet.

The joins are ours, because the library's go wrong in loops: in the second pass a parallel join
fires before all its branches came (trap 4), and a gateway deletes what hangs below its first pass
(trap 5). Its inclusive join does not wait for a branch that is inside a sub-process (trap 6), and
follows only the first way into an element before it (trap 50). Conditions are asked in the order of
the file, where the library asks what is drawn higher first (trap 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.engine.feel import Expression
from service.engine.spiff.api import (
    COMPLETED,
    FUTURE,
    LIVE,
    WAITING,
    BpmnProcessSpec,
    SpiffTask,
    Workflow,
)
from service.engine.spiff.base import FlowNode
from service.engine.spiff.protocols import case_of
from service.engine.spiff.workflow import follow
from service.engine.types import Open
from service.errors import EngineStopped


@dataclass(frozen=True, slots=True)
class OutgoingFlow:
    """A flow out of a gateway; without a condition it is the default, or the only one."""

    flow: str
    target: str
    """Name of the spec that it leads to."""
    condition: Expression | None = None


class ConditionalGateway(FlowNode):
    """A gateway that asks conditions, in the order of the file."""

    chooses = True

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str) -> None:
        super().__init__(wf_spec, name, element=element)
        self.outgoing: list[OutgoingFlow] = []

    def pick(self, task: SpiffTask, *, first_only: bool) -> list[OutgoingFlow]:
        """The flows whose condition is true, else the default; notes in the steps which names were
        read.

        Raises:
            EngineStopped: `no_way_out`.
        """
        case = case_of(task)
        read = set[str]()
        picked = list[OutgoingFlow]()
        for flow in self.outgoing:
            if flow.condition is None or (first_only and picked):
                continue
            read |= flow.condition.reads
            if case.holds(flow.condition, task):
                picked.append(flow)
        picked = picked or [flow for flow in self.outgoing if flow.condition is None]
        if not picked:
            raise EngineStopped("no_way_out", self.element)
        if len(self.outgoing) > 1:
            for flow in picked:
                case.step("chose", task, *sorted(read), flow.flow)
        return picked

    def go(self, task: SpiffTask, flows: list[OutgoingFlow]) -> bool:
        """Send a token along each of the flows."""
        specs = task.workflow.spec.task_specs
        follow(task, [specs[flow.target] for flow in flows])
        return True


class ExclusiveGateway(ConditionalGateway):
    """An exclusive gateway: the first condition that is true, else the default."""

    def _run_hook(self, my_task: SpiffTask) -> bool | None:
        return self.go(my_task, self.pick(my_task, first_only=True)[:1])


class Join(FlowNode):
    """A gateway at which tokens meet: it keeps one WAITING task for each token that arrived; `from`
    is the element it came through.

    Each is used once, so loops do not confuse it.
    """

    numbered = True

    def _update_hook(self, my_task: SpiffTask) -> bool | None:
        if len(self._inputs) == 1:
            # a split: nothing to wait for
            return super()._update_hook(my_task)
        # the library may ask a waiting join again; our loop does not
        if "from" not in my_task.internal_data:  # pragma: no branch - see above
            case_of(my_task).enter(my_task)
            my_task.internal_data["from"] = my_task.parent.task_spec.name
            my_task._set_state(WAITING)
        return False

    def opens(self, task: SpiffTask) -> Iterable[Open]:
        if task._state == WAITING:  # pragma: no branch - a join that goes on runs in the same turn
            yield Open(
                "join",
                task.id,
                self.element,
                task.internal_data["nth"],
                case_of(task).item(task),
            )

    def complete(self, scope: Workflow, arrived: frozenset[str]) -> bool:
        """May the tokens that came through `arrived` go on?"""
        raise NotImplementedError

    def meet(self, scope: Workflow, waiting: list[SpiffTask]) -> bool:
        """Join one token of each way in, the oldest first, if the rule says so; others go on
        waiting.
        """
        first: dict[str, SpiffTask] = {}
        for task in waiting:
            first.setdefault(task.internal_data["from"], task)
        if not self.complete(scope, frozenset(first)):
            return False
        goes_on, *joined = first.values()
        faults = (task.internal_data.get("inner") for task in first.values())
        if fault := next(filter(None, faults), ""):
            goes_on.internal_data["inner"] = fault
        for task in joined:
            case_of(task).inside.discard(task.id)
            task.cancel()
        goes_on._ready()
        return True


class ParallelGateway(Join):
    """A parallel gateway: waits for a token on each way in, sends one on each way out."""

    def complete(self, _scope: Workflow, arrived: frozenset[str]) -> bool:
        return arrived.issuperset(self._inputs)


class InclusiveGateway(Join, ConditionalGateway):
    """An inclusive gateway: waits for every token that can still reach an empty way in and no
    filled one, and takes each way whose condition is true.
    """

    def __init__(self, wf_spec: BpmnProcessSpec, name: str, *, element: str) -> None:
        super().__init__(wf_spec, name, element=element)
        self.feeders: dict[str, frozenset[str]] = {}
        """By way in: names of the specs from which it can be reached; set by `harden`."""

    def complete(self, scope: Workflow, arrived: frozenset[str]) -> bool:
        filled = self._upstream(arrived)
        awaited = self._upstream(self.feeders.keys() - arrived) - filled
        return not any(t.task_spec.name in awaited and self._comes(t) for t in scope.tasks.values())

    def _upstream(self, inputs: Iterable[str]) -> frozenset[str]:
        """The specs from which one of the ways in can be reached."""
        return frozenset[str]().union(*(self.feeders.get(name, ()) for name in inputs))

    def _comes(self, task: SpiffTask) -> bool:
        """Is it a live token, or a task that is about to begin, since its parent is done?"""
        return bool(task._state & LIVE) or (
            task._state == FUTURE and task.parent._state == COMPLETED
        )

    def _run_hook(self, my_task: SpiffTask) -> bool | None:
        return self.go(my_task, self.pick(my_task, first_only=False))


def upstream(spec: BpmnProcessSpec, name: str, stop: str) -> frozenset[str]:
    """The names of `name` and of all specs from which it can be reached without passing `stop`."""
    reached, todo = set[str](), [name]
    while todo:
        next_name = todo.pop()
        if next_name not in reached and next_name != stop:
            reached.add(next_name)
            todo += spec.task_specs[next_name]._inputs
    return frozenset(reached)
