"""Migration: a running case on another definition, without touching what is open; and the return to
an earlier state.

To move a case is to decode its rows with the new definition, since a state names elements.
`migration_checks` says beforehand why one may not move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from service.engine.definition import Definition
from service.engine.migration_checks import check, left_behind
from service.engine.spiff import codec
from service.engine.spiff.activities import ParallelMultiInstance
from service.engine.spiff.api import (
    COMPLETED,
    FUTURE,
    READY,
    STARTED,
    WAITING,
    SpiffTask,
    TaskSpec,
    Workflow,
)
from service.engine.spiff.base import BoundarySplit, FlowNode
from service.engine.spiff.catch_events import (
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
from service.errors import CannotMove, TaskClosed


def move(
    definition: Definition, state: bytes, relocate: Mapping[str, str], rearm: frozenset[str]
) -> CaseExecution:
    """Build the case on the new definition, before its loop runs.

    Raises:
        CannotMove: see `migration_checks.check`.
        TaskClosed: a relocated task, or a timer to be armed anew, is not open.
    """
    problems = check(state, definition, relocate)
    if problems:
        raise CannotMove(tuple(problem.message for problem in problems))
    stored = codec.unpack(state)
    case = codec.decode(definition, _relocated(stored, relocate), moving=True)
    for id_, element in relocate.items():
        _relocate(case, stored, id_, element)
    _fit(case)
    armed = {id_: (task, timer) for id_, task, timer in armed_timers(case)}
    for id_ in sorted(rearm):
        if id_ not in armed:
            raise TaskClosed(id_, id=id_)
        task, timer = armed[id_]
        timer.rearm(task)
    return case


def _relocated(stored: codec.StoredState, relocate: Mapping[str, str]) -> codec.StoredState:
    """The state without what is left behind; rows keep their places, for others point to them, so a
    row that goes becomes a row without element.
    """
    left = left_behind(stored, relocate)
    scopes = [
        (owner, name, [row if row[0] not in left else [row[0], -1, "", *row[3:]] for row in rows])
        for owner, name, rows in stored.scopes
    ]
    return replace(stored, scopes=[scope for scope in scopes if scope[0] not in left])


def _relocate(case: CaseExecution, stored: codec.StoredState, id_: str, element: str) -> None:
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


def _fit(case: CaseExecution) -> None:
    """Give each open activity exactly the boundary events that the new diagram draws on it; a new
    deadline begins now (trap 39).
    """
    for scope in case.scopes():
        for task in list(scope.tasks.values()):
            if task._state & (READY | STARTED) and isinstance(task.task_spec, FlowNode):
                _fit_boundary_events(scope, task)
        _fit_event_timers(case, scope)
    for task in list(case.live()):
        spec = task.task_spec
        if isinstance(spec, Catcher) and task._state == WAITING:
            if isinstance(spec, EventBasedGateway):
                _number_new_events(case, task, spec)
            spec.arm(task)


def _fit_event_timers(case: CaseExecution, scope: Workflow) -> None:
    """Arm the timers of event sub-processes that the old diagram did not have; one that has been
    armed in the case and waits no more has fired.
    """
    for event_sub in listening(scope):
        if isinstance(event_sub.event, Timer) and not case.counts.get(event_sub.start):
            arm(scope, event_sub.start)


def _fit_boundary_events(scope: Workflow, activity: SpiffTask) -> None:
    drawn = scope.spec.task_specs.get(f"{activity.task_spec.name}.BoundaryEventSplit")
    if drawn is None or isinstance(activity.parent.task_spec, ParallelMultiInstance):
        return
    if not isinstance(activity.parent.task_spec, BoundarySplit):
        _put_split_before(scope, activity, drawn)
    split = activity.parent
    present = {child.task_spec.name for child in split.children}
    for event in drawn.outputs:
        if isinstance(event, BoundaryCatch) and event.name not in present:
            event._update(split._add_child(event, WAITING))


def _put_split_before(scope: Workflow, activity: SpiffTask, spec: TaskSpec) -> None:
    activity.parent._children.remove(activity.id)
    split = SpiffTask(scope, spec, scope.task_tree, COMPLETED)
    activity.parent = split
    split._children.append(activity.id)


def _number_new_events(case: CaseExecution, task: SpiffTask, spec: EventBasedGateway) -> None:
    """Number the events that the new diagram adds to an event-based gateway."""
    nths: dict[str, int] = task.internal_data["nths"]
    for element in spec.events:
        if element not in nths:
            nths[element] = case.number(element)


def restore(definition: Definition, state: bytes, then: bytes) -> CaseExecution:
    """Build the case as it was in an earlier state, each live task with a new id, so that no row,
    job or idempotency key is used twice.

    Counters go on from the higher of both states; timers keep their due times.
    """
    now, earlier, draw = codec.unpack(state), codec.unpack(then), current().draw
    ids = {row[0]: draw() for _, _, rows in earlier.scopes for row in rows}
    scopes = [
        (ids.get(owner or ""), name, [[ids[row[0]], *row[1:]] for row in rows])
        for owner, name, rows in earlier.scopes
    ]
    counts = {
        name: max(now.counts.get(name, 0), earlier.counts.get(name, 0))
        for name in now.counts.keys() | earlier.counts.keys()
    }
    return codec.decode(definition, replace(earlier, scopes=scopes, counts=counts))
