"""Move: a running case on another definition, without touching what is open.

A state names elements, so to move a case is to decode its rows with the new definition, and then to
give what is open the boundary events and the times that the new definition draws. `refusals` says
beforehand why one may not move.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.engine.definition import Definition
from service.engine.migration.new_frames import framed
from service.engine.migration.refusals import refusals
from service.engine.migration.state_rows import awaited_events, place_of, readable
from service.engine.spiff import codec
from service.engine.spiff.api import (
    COMPLETED,
    FUTURE,
    LIVE,
    WAITING,
    SpiffTask,
    TaskSpec,
    Workflow,
)
from service.engine.spiff.base import BoundarySplit, FlowNode
from service.engine.spiff.catch_events import (
    AwaitedEvent,
    BoundaryCatch,
    Catcher,
    EventBasedGateway,
    listening,
)
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.open_work import armed_timers
from service.engine.spiff.patches import current
from service.engine.spiff.timers import Timer
from service.engine.spiff.workflow import arm
from service.engine.stored_state import StoredState
from service.errors import CannotMove, TaskClosed, WrongDefinition


def move(
    definition: Definition,
    state: bytes,
    relocate: Mapping[str, str],
    rearm: frozenset[str],
    old: Definition,
) -> CaseExecution:
    """Build the case on the new definition, before its loop runs.

    Args:
        old: the definition that the case is on.
    Raises:
        CannotMove: see `refusals`.
        TaskClosed: a relocated task, or a timer to be armed anew, is not open.
        WrongDefinition: the case is not on `old`.
    """
    stored = codec.unpack(state)
    if stored.digest != old.digest:
        raise WrongDefinition(f"made for definition {stored.digest}, not {old.digest}")
    if problems := refusals(stored, old, definition, relocate):
        raise CannotMove(tuple(problem.message for problem in problems))
    moved = framed(stored, definition, relocate, current().draw)
    case = codec.decode(definition, readable(moved.stored, old, definition, relocate))
    for element, id_ in moved.begun:
        case.note("entered", element, 0, id_)
    for id_, element in relocate.items():
        _relocate(case, stored, id_, element)
    _Fitting(case, old).fit()
    armed = {id_: (task, timer) for id_, task, timer in armed_timers(case)}
    for id_ in sorted(rearm):
        if id_ not in armed:
            raise TaskClosed(id_, id=id_)
        task, timer = armed[id_]
        timer.rearm(task)
    return case


def _relocate(case: CaseExecution, stored: StoredState, id_: str, element: str) -> None:
    """Open an element as if a token had arrived there, in the scope where the other task was."""
    rows = {row[0]: (owner, row) for owner, _, rows in stored.scopes for row in rows}
    if id_ not in rows:
        raise TaskClosed(id_, id=id_)
    owner, row = rows[id_]
    scope = case if owner is None else case.subprocesses[owner]
    case.note("moved", row[2].removesuffix(" [child]"), row[7].get("nth", 0), id_, element)
    specs = scope.spec.task_specs
    spec = specs.get(f"{element}.BoundaryEventSplit", specs[element])
    opened = scope.task_tree._add_child(spec, FUTURE)
    opened.triggered = True
    opened.task_spec._update(opened)


class _Fitting:
    """Gives what is open in a moved case what the new definition draws: boundary events, events
    behind gateways, and times. A new deadline begins now (trap 39).
    """

    def __init__(self, case: CaseExecution, old: Definition) -> None:
        self.case = case
        self.old = old
        self.before = awaited_events(old)

    def fit(self) -> None:
        """Fit every live task; what is already as it is drawn is left alone."""
        waiting = [task for task in self.case.live() if isinstance(task.task_spec, Catcher)]
        for scope in self.case.scopes():
            for task in list(scope.tasks.values()):
                if task._state & LIVE and isinstance(task.task_spec, FlowNode):
                    self._boundary_events(scope, task)
            self._event_sub_processes(scope)
        # what has begun just now is as it is drawn
        for task in waiting:
            spec = task.task_spec
            if isinstance(spec, Catcher) and task._state == WAITING:
                self._events(task, spec)
                spec.arm(task)

    def _boundary_events(self, scope: Workflow, activity: SpiffTask) -> None:
        """Wait for exactly the boundary events that are drawn on an activity.

        Those that are drawn no more went with their rows.
        """
        host = activity.task_spec.name
        drawn = scope.spec.task_specs.get(f"{host}.BoundaryEventSplit")
        if drawn is None:
            return
        if not isinstance(activity.parent.task_spec, BoundarySplit):
            _put_split_before(scope, activity, drawn)
        split = activity.parent
        present = {child.task_spec.name for child in split.children}
        for event in drawn.outputs:
            if not isinstance(event, BoundaryCatch) or event.name in present:
                continue
            if not self._is_spent(event.element, event.event, host):
                waits = split._add_child(event, WAITING)
                event._update(waits)
                self._count_what_came(waits, event.event, host)

    def _event_sub_processes(self, scope: Workflow) -> None:
        """Wait for the timers that start event sub-processes of a scope; what else starts one is
        asked of the drawing.
        """
        waiting = {task.task_spec.name for task in scope.tasks.values() if task._state & LIVE}
        for event_sub in listening(scope):
            start, event = event_sub.start, event_sub.event
            if not isinstance(event, Timer) or start in waiting:
                continue
            if not self._is_spent(start, event, scope.spec.name):
                self._count_what_came(arm(scope, start), event, scope.spec.name)

    def _is_spent(self, element: str, now: AwaitedEvent, place: str) -> bool:
        """Did an event that does not wait come already? Then it does not come again, unless it is
        drawn as a cycle only now.
        """
        before = self._came(element, place)
        if before is None or not isinstance(now, Timer):
            return False
        return before.kind == "cycle" or now.kind != "cycle"

    def _came(self, element: str, place: str) -> Timer | None:
        """The timer that waited on this activity, or in this scope, before: as it does not wait, it
        came.
        """
        before = self.before.get(element)
        is_here = place_of(self.old, element) == place
        return before if is_here and isinstance(before, Timer) else None

    def _count_what_came(self, task: SpiffTask, now: AwaitedEvent, place: str) -> None:
        """What came once uses a round of the cycle that it becomes."""
        if isinstance(now, Timer) and self._came(now.element, place) is not None:
            is_left = now.use_round(task)
            if not is_left:
                task.cancel()

    def _events(self, task: SpiffTask, spec: Catcher) -> None:
        """Let a waiting task know its events as they are drawn now."""
        memory = task.internal_data
        if isinstance(spec, EventBasedGateway):
            known: dict[str, int] = memory["nths"]
            memory["nths"] = {
                element: known.get(element) or self.case.number(element) for element in spec.events
            }
        timers = {
            event.element: event
            for _, _, _, event in spec.awaited(task)
            if isinstance(event, Timer)
        }
        for key in ("timers", "cycles"):
            if key in memory:
                memory[key] = {at: kept for at, kept in memory[key].items() if at in timers}
        for element, timer in timers.items():
            self._time(task, timer, self.before.get(element))

    def _time(self, task: SpiffTask, timer: Timer, before: AwaitedEvent | None) -> None:
        """Let a running timer follow the new drawing, if that is another one."""
        if isinstance(before, Timer) and before.drawing != timer.drawing:
            timer.follow(task, before)


def _put_split_before(scope: Workflow, activity: SpiffTask, spec: TaskSpec) -> None:
    activity.parent._children.remove(activity.id)
    split = SpiffTask(scope, spec, scope.task_tree, COMPLETED)
    activity.parent = split
    split._children.append(activity.id)
