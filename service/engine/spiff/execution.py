"""The running case: SpiffWorkflow's workflow with our variables, our steps and our loop.

After any exception throw the object away: what was done before stays done, and the task that failed
is in ERROR. A retry decodes anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from zoneinfo import ZoneInfo

from service.engine.limits import STEPS
from service.engine.spiff.api import (
    LIVE,
    READY,
    STARTED,
    WAITING,
    BpmnWorkflow,
    SpiffTask,
    Workflow,
)
from service.engine.spiff.base import FlowNode, carry_fault, nth_of
from service.engine.spiff.catch_events import BoundaryCatch, interruption
from service.engine.spiff.gateways import Join
from service.engine.spiff.patches import TurnContext, current
from service.engine.spiff.protocols import RunnableDefinition
from service.engine.spiff.script_engine import FeelScriptEngine
from service.engine.spiff.variables import CaseVariables, element_of
from service.engine.spiff.workflow import (
    FlatWorkflow,
    ProcessSpec,
    ScopeClose,
    ScopeWorkflow,
)
from service.engine.timing.calendars import Calendar
from service.engine.types import Json, Step, Thrown
from service.errors import EngineStopped

_DEPTH = attrgetter("depth")


class CaseExecution(CaseVariables, FlatWorkflow, BpmnWorkflow):
    """One running case of one definition, in memory.

    The loop is ours, for the library's runs what was cancelled in the same round (trap 49), looks
    for a scope whose owner is gone (trap 53), and asks joins in the middle of it (traps 4, 6).
    """

    spec: ProcessSpec

    def __init__(self, definition: RunnableDefinition, *, deserializing: bool = False) -> None:
        self.definition = definition
        self.variables: dict[str, Json] = {}
        self.converted = {}
        self.calendars: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.ends: list[str] = []
        self.inner = ""
        """The fault end inside that led to the last of `ends`."""
        self.inside: set[str] = set()
        """Ids of the live tasks whose element a token has entered."""
        self.place = ""
        """The element that runs now; for the incident, should it break."""
        self.budget = STEPS
        self.unattended = False
        """A timer or a handler's answer brought the turn, and no person or message from outside."""
        self.begin_turn()
        super().__init__(
            definition.spec, definition.scopes, FeelScriptEngine(), deserializing=deserializing
        )

    def begin_turn(self) -> None:
        """Empty the steps, and all else that a turn brings; fill the budget of steps."""
        self.steps: list[Step] = []
        self.thrown: list[Thrown] = []
        self.decided: list[tuple[str, str, tuple[int, ...]]] = []
        self.budget = STEPS

    @property
    def turn(self) -> TurnContext:
        """Time and ids of the turn that runs."""
        return current()

    # ---- scopes and tasks

    def create_subprocess(self, my_task: SpiffTask, spec_name: str) -> ScopeWorkflow:
        """The library's hook: a sub-process begins."""
        spec = self.definition.scopes[spec_name]
        scope = self.subprocesses[my_task.id] = ScopeWorkflow(my_task, spec, self)
        return scope

    def scopes(self) -> list[Workflow]:
        """The scopes that live, outermost first, in the order in which they began."""
        if not self.subprocesses:
            return [self]
        running = (
            scope
            for scope in self.subprocesses.values()
            if not scope.completed and scope.owner._state == STARTED
        )
        return [self, *running]

    def owner_of(self, scope: Workflow) -> SpiffTask | None:
        """The task whose activity the scope is; None at top level."""
        return scope.owner if isinstance(scope, ScopeWorkflow) else None

    def used(self) -> set[tuple[str, str]]:
        """Scope and name of the spec of every task that there was since the case was loaded."""
        return {
            (scope.spec.name, name)
            for scope in (self, *self.subprocesses.values())
            for name in scope.removed.union(t.task_spec.name for t in scope.tasks.values())
        }

    def live(self) -> Iterator[SpiffTask]:
        """Every live task of the case."""
        for scope in self.scopes():
            for task in scope.tasks.values():
                if task._state & LIVE:
                    yield task

    def task(self, id_: str) -> SpiffTask | None:
        """The live task of that id."""
        known = (scope.tasks[id_] for scope in self.scopes() if id_ in scope.tasks)
        return next((task for task in known if task._state & LIVE), None)

    # ---- calendars

    def calendar(self, element: str) -> Calendar:
        """The calendar that counts at an element: its role's, else the process's."""
        facts = self.definition.elements.get(element)
        name = self.calendars.get(facts.roles[0], "") if facts is not None and facts.roles else ""
        return self.definition.calendars.get(name) or self.definition.calendar

    def zone(self, task: SpiffTask) -> ZoneInfo:
        """The zone of civil times at a task."""
        return self.calendar(element_of(task)).zone

    # ---- steps

    def note(self, what: str, element: str, nth: int, *detail: str | int) -> None:
        """Add to the steps."""
        self.steps.append(Step(what, element, nth, detail))

    def step(self, what: str, task: SpiffTask, *detail: str | int) -> None:
        """Add to the steps what happened at a task."""
        element = element_of(task)
        self.steps.append(Step(what, element, nth_of(task, element), detail))

    def number(self, element: str) -> int:
        """Count one more opening of an element."""
        self.counts[element] = self.counts.get(element, 0) + 1
        return self.counts[element]

    def enter(self, task: SpiffTask) -> None:
        """Note that a token has come to an element, and number its opening."""
        spec = task.task_spec
        assert isinstance(spec, FlowNode)  # noqa: S101 - only known elements call
        if spec.numbered and "nth" not in task.internal_data:
            task.internal_data["nth"] = self.number(spec.element)
        if spec.carries and not isinstance(spec, BoundaryCatch):
            carry_fault(task)
        if not spec.silent:
            self.inside.add(task.id)
            self.step("entered", task, task.id)

    def leave(self, task: SpiffTask) -> None:
        """Note that a token leaves an element; at top level an end event closes the case."""
        spec = task.task_spec
        assert isinstance(spec, FlowNode)  # noqa: S101 - only known elements call
        self.inside.discard(task.id)
        if not spec.silent:
            self.step("left", task, task.id)
        if spec.is_end:
            self.step("ended", task, task.workflow.spec.name)
            token = task if task.workflow is self else interruption(task.workflow)
            if token is not None:
                # each once, where it was reached last: reminders may end for years
                self.ends = [*(end for end in self.ends if end != spec.element), spec.element]
                self.inner = token.internal_data.get("inner") or ""

    def cancelled(self, task: SpiffTask) -> None:
        """Note that a token was taken away from an element."""
        if task.id in self.inside:
            self.inside.discard(task.id)
            self.step("cancelled", task, task.id)

    # ---- the loop

    def settle(self) -> None:
        """Run what needs no person, innermost scope first, in the order in which tokens arrived,
        until only waiting is left.
        """
        while self._run_ready() or self._join():
            pass

    def _innermost_first(self) -> list[Workflow]:
        """The scopes that live; of the same depth in the order in which they began."""
        scopes = self.scopes()
        return scopes if len(scopes) == 1 else sorted(scopes, key=_DEPTH, reverse=True)

    def _run_ready(self) -> bool:
        moved = False
        for scope in self._innermost_first():
            for task in [
                t for t in scope.tasks.values() if t._state == READY and not t.task_spec.manual
            ]:
                # an earlier task of this round may have cancelled it (trap 49)
                if task._state == READY:
                    self._run(task)
                    moved = True
        return moved

    def _run(self, task: SpiffTask) -> None:
        self.place = element_of(task) or self.place
        self.budget -= 1
        if self.budget < 0:
            raise EngineStopped("steps", self.place, f"more than {STEPS} steps in one turn")
        if (watch := self.turn.watch) is not None:
            watch()
        task.run()

    def _join(self) -> bool:
        """Let waiting tokens meet, now that nothing else moves."""
        moved = False
        for scope in self._innermost_first():
            waiting: dict[Join | ScopeClose, list[SpiffTask]] = {}
            for task in scope.tasks.values():
                if task._state == WAITING and isinstance(task.task_spec, Join | ScopeClose):
                    waiting.setdefault(task.task_spec, []).append(task)
            for spec, tasks in waiting.items():
                moved = spec.meet(scope, tasks) or moved
        return moved
