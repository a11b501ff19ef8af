"""A case as it runs: SpiffWorkflow's workflow with our variables, our loop, and what waits after a
turn.

After any exception throw the object away: the library leaves it half advanced (trap 25). A retry
decodes anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from service.engine.feel import Expression
from service.engine.feel.conversion import typed
from service.engine.feel.errors import FuelSpent
from service.engine.feel.types import Type
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
from service.engine.spiff.base import BoundarySplit, FlowNode, ProcessSpec, ScopeClose
from service.engine.spiff.boundary_events import BoundaryCatch
from service.engine.spiff.catch_events import Catcher, MessageDefinition
from service.engine.spiff.gateways import Join
from service.engine.spiff.message_targets import MessageTarget, nth_of
from service.engine.spiff.patches import TurnContext, current
from service.engine.spiff.runnable import RunnableDefinition
from service.engine.spiff.timers import Timer
from service.engine.spiff.workflow import FlatWorkflow, NoScripts, ScopeWorkflow
from service.engine.types import Json, Open, Step, Thrown, Variables
from service.errors import EngineStopped

if TYPE_CHECKING:
    from service.engine.timing.calendars import Calendar

_ANY = Type("any")


class CaseExecution(FlatWorkflow, BpmnWorkflow):
    """One case of one definition, in memory."""

    spec: ProcessSpec

    def __init__(self, definition: RunnableDefinition, *, deserializing: bool = False) -> None:
        self.definition = definition
        self.variables: dict[str, Json] = {}
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
        self.begin_turn()
        super().__init__(
            definition.spec, definition.scopes, NoScripts(), deserializing=deserializing
        )

    def begin_turn(self) -> None:
        """Forget what the last turn told."""
        self.steps: list[Step] = []
        self.thrown: list[Thrown] = []
        self.decided: list[tuple[str, str, tuple[int, ...]]] = []
        self.budget = STEPS

    @property
    def turn(self) -> TurnContext:
        """What this call knows of the world."""
        return current()

    # ---- scopes and tasks

    def create_subprocess(self, my_task: SpiffTask, spec_name: str) -> ScopeWorkflow:
        """The library's hook: a sub-process begins."""
        scope = self.subprocesses[my_task.id] = ScopeWorkflow(my_task, spec_name, self)
        return scope

    def scopes(self) -> list[Workflow]:
        """The scopes that live, outermost first, in the order in which they began."""
        return [
            self,
            *(
                s
                for s in self.subprocesses.values()
                if not s.completed and s.owner._state == STARTED
            ),
        ]

    def owner_of(self, scope: Workflow) -> SpiffTask | None:
        """The task whose activity the scope is; None at top level."""
        return scope.owner if isinstance(scope, ScopeWorkflow) else None

    def live(self) -> Iterator[SpiffTask]:
        """Every live task of the case."""
        for scope in self.scopes():
            for task in scope.tasks.values():
                if task._state & LIVE:
                    yield task

    def task(self, id_: str) -> SpiffTask | None:
        """The live task of that id."""
        return next(
            (s.tasks[id_] for s in self.scopes() if id_ in s.tasks and s.tasks[id_]._state & LIVE),
            None,
        )

    # ---- variables

    def instances(self, task: SpiffTask) -> Iterator[SpiffTask]:
        """The multi-instance instances around a task, innermost first: each holds a small scope of
        variables.
        """
        here: SpiffTask | None = task
        while here is not None:
            if "key_or_index" in here.internal_data:
                yield here
            here = self.owner_of(here.workflow)

    def item(self, task: SpiffTask) -> Json:
        """The item of the instance that the task belongs to."""
        for instance in self.instances(task):
            items: list[Json] = instance.parent.internal_data["items"]
            place: int = instance.internal_data["key_or_index"]
            return items[place]
        return None

    def values(
        self, task: SpiffTask, names: Iterable[str], extra: Variables | None = None
    ) -> dict[str, object]:
        """The values of some variables at a task, as FEEL sees them."""
        around: list[Mapping[str, Json]] = [
            *([] if extra is None else [extra]),
            *(i.data for i in self.instances(task)),
            self.variables,
        ]
        zone, types, found = self.zone(task), self.definition.types, dict[str, object]()
        for name in names:
            for values in around:
                if name in values:
                    found[name] = typed(values[name], types.get(name, _ANY), zone)
                    break
        return found

    def ask(
        self, expression: Expression, task: SpiffTask, extra: Variables | None = None
    ) -> object:
        """What an expression gives at a task."""
        try:
            return expression.evaluate(
                self.values(task, expression.reads, extra), now=self.turn.now, zone=self.zone(task)
            )
        except FuelSpent as spent:
            raise EngineStopped("fuel", _element(task)) from spent

    def holds(self, condition: Expression, task: SpiffTask) -> bool:
        """Is a condition true? Empty is not; anything but yes, no and empty stops the case."""
        answer = self.ask(condition, task)
        if answer is not None and not isinstance(answer, bool):
            raise EngineStopped(
                "expression", _element(task), "a condition that is neither yes nor no"
            )
        return answer is True

    def write(self, task: SpiffTask | None, values: Variables, element: str = "") -> None:
        """Set variables: in the instance around the task, if there is one, else in the case."""
        if not values:
            return
        instance = None if task is None else next(self.instances(task), None)
        (self.variables if instance is None else instance.data).update(values)
        self.note(
            "set",
            element or (_element(task) if task else ""),
            0 if task is None else nth_of(task, _element(task)),
            *sorted(values),
        )

    def calendar(self, element: str) -> Calendar:
        """The calendar that counts at an element: its role's, else the process's."""
        known = self.definition.elements.get(element)
        named = self.calendars.get(known.roles[0], "") if known is not None and known.roles else ""
        return self.definition.calendars.get(named) or self.definition.calendar

    def zone(self, task: SpiffTask) -> ZoneInfo:
        """The zone of civil times at a task."""
        return self.calendar(_element(task)).zone

    # ---- what happens

    def note(self, what: str, element: str, nth: int, *detail: str | int) -> None:
        """Add to the steps."""
        self.steps.append(Step(what, element, nth, detail))

    def step(self, what: str, task: SpiffTask, *detail: str | int) -> None:
        """Add to the steps what happened at a task."""
        element = _element(task)
        self.note(what, element, nth_of(task, element), *detail)

    def number(self, element: str) -> int:
        """Count one more opening of an element."""
        self.counts[element] = self.counts.get(element, 0) + 1
        return self.counts[element]

    def enter(self, task: SpiffTask) -> None:
        """A token has come to an element."""
        spec = task.task_spec
        assert isinstance(spec, FlowNode)
        if spec.numbered and "nth" not in task.internal_data:
            task.internal_data["nth"] = self.number(spec.element)
        came = (
            task.parent.parent
            if isinstance(task.parent.task_spec, BoundarySplit) and task.parent.parent is not None
            else task.parent
        )
        if spec.carries and not isinstance(spec, BoundaryCatch) and "inner" in came.internal_data:
            task.internal_data["inner"] = came.internal_data["inner"]
        if not spec.silent:
            self.inside.add(task.id)
            self.step("entered", task, task.id)

    def leave(self, task: SpiffTask) -> None:
        """A token leaves an element; at top level an end event closes the case."""
        spec = task.task_spec
        assert isinstance(spec, FlowNode)
        self.inside.discard(task.id)
        if not spec.silent:
            self.step("left", task, task.id)
        if spec.is_end:
            self.step("ended", task, task.workflow.spec.name)
            if task.workflow is self:
                # each once, where it was reached last: reminders may end for years
                self.ends = [*(end for end in self.ends if end != spec.element), spec.element]
                self.inner = task.internal_data.get("inner") or ""

    def cancelled(self, task: SpiffTask) -> None:
        """A token was taken away from an element."""
        if task.id in self.inside:
            self.inside.discard(task.id)
            self.step("cancelled", task, task.id)

    def takers(self, name: str) -> Iterator[MessageTarget]:
        """The places that wait for a message."""
        for task in self.live():
            spec = task.task_spec
            if isinstance(spec, Catcher) and task._state == WAITING:
                for _, element, _, event in spec.ways(task):
                    if isinstance(event, MessageDefinition) and event.name == name:
                        yield MessageTarget(self, element, task, name)
        for sub, start in self.spec.triggers.get(name, ()):
            yield MessageTarget(self, start, None, name, sub)

    # ---- the loop

    def settle(self) -> None:
        """Run what needs no person, innermost scope first, in the order in which tokens arrived,
        until only waiting is left.
        """
        while self._run_ready() or self._join():
            pass

    def _run_ready(self) -> bool:
        moved = False
        for scope in sorted(self.scopes(), key=lambda s: -s.depth):
            for task in [
                t for t in scope.tasks.values() if t._state == READY and not t.task_spec.manual
            ]:
                # an earlier task of this round may have cancelled it
                if task._state == READY and task.id in scope.tasks:
                    self._run(task)
                    moved = True
        return moved

    def _run(self, task: SpiffTask) -> None:
        self.place = _element(task) or self.place
        self.budget -= 1
        if self.budget < 0:
            raise EngineStopped("steps", self.place, f"more than {STEPS} steps in one turn")
        if (watch := self.turn.watch) is not None:
            watch()
        task.run()

    def _join(self) -> bool:
        """Let waiting tokens meet, now that nothing else moves."""
        moved = False
        for scope in sorted(self.scopes(), key=lambda s: -s.depth):
            waiting: dict[Join | ScopeClose, list[SpiffTask]] = {}
            for task in scope.tasks.values():
                if task._state == WAITING and isinstance(task.task_spec, Join | ScopeClose):
                    waiting.setdefault(task.task_spec, []).append(task)
            for spec, here in waiting.items():
                moved = spec.meet(scope, here) or moved
        return moved

    # ---- what waits

    def opens(self) -> list[Open]:
        """All that waits, sorted by element and number."""
        found = [
            o
            for task in self.live()
            if isinstance(task.task_spec, FlowNode)
            for o in task.task_spec.opens(task)
        ]
        return sorted(found, key=lambda o: (o.element, o.nth, o.kind))

    def timers(self) -> Iterator[tuple[str, SpiffTask, Timer]]:
        """Every timer that a live task waits for."""
        for task in self.live():
            if isinstance(task.task_spec, Catcher) and task._state == WAITING:
                for id_, _, _, event in task.task_spec.ways(task):
                    if isinstance(event, Timer):
                        yield id_, task, event

    def late(self) -> list[str]:
        """Ids of the timers that are due, oldest first."""
        due: list[tuple[datetime, str]] = [
            (when, id_)
            for id_, task, timer in self.timers()
            if (when := timer.due(task)) and when <= self.turn.now
        ]
        return [id_ for _, id_ in sorted(due)]


def _element(task: SpiffTask) -> str:
    return task.task_spec.bpmn_id or ""
