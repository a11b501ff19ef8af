"""Moving a running case to another definition without touching what is open, and putting one back
to an earlier state.

To move a case is to decode its rows with the new definition: a state names elements. `check` says
beforehand, in sentences, why one may not move.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from service.engine.lint.analysis import reachability
from service.engine.snapshot_codes import BOUNDARY, CLOSE, SPLIT
from service.engine.spiff import codec
from service.engine.spiff.activities import ParallelMultiInstance
from service.engine.spiff.api import (
    COMPLETED,
    FUTURE,
    LIVE,
    READY,
    STARTED,
    WAITING,
    BpmnProcessSpec,
    SpiffTask,
    Workflow,
)
from service.engine.spiff.base import BoundarySplit, FlowNode
from service.engine.spiff.boundary_events import BoundaryCatch
from service.engine.spiff.catch_events import Catcher, EventBasedGateway, EventGatewayTarget
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.gateways import Join, ParallelGateway, upstream
from service.engine.spiff.patches import current
from service.engine.spiff.task_codes import code_of
from service.engine.types import Row
from service.errors import CannotMove, TaskClosed

if TYPE_CHECKING:
    from service.engine.definition import Definition

SENTENCES = {
    "gone": "{x} is open, and the new version does not have it in {scope}. Choose where to go.",
    "kind": "{x} is open as {kind}, and the new version makes it {other}. Choose where to go.",
    "scope": "{x} is running, and the new version has none of that name.",
    "way": "The branch through {way} already arrived at {x}, and the new version leads it elsewhere.",
    "waits": "{x} would wait for the branch through {way}, where nothing is open.",
    "one": "{x} is open once for each item of a list. One of them cannot go elsewhere alone.",
    "target": "{x} cannot be the place to go on: it is not a step of {scope}.",
}

OTHER = "Other"
"""Key in `KINDS` for what nothing waits at."""

KINDS = {
    "Person": "a task for a person",
    "Job": "a handler's work",
    "JobThrow": "a message on the way",
    "JobEnd": "a message at the end",
    "Catch": "an event that waits",
    "Race": "an event gateway",
    "Sub": "a sub-process",
    "Call": "a called process",
    "Each": "a step for each item of a list",
    "EachInTurn": "a step for each item of a list, in turn",
    "And": "a parallel gateway",
    "Or": "an inclusive gateway",
    OTHER: "something else",
}
"""What a step is, by the code of the class that runs it (`codes`)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a case may not move.

    `message` is English; `code` and `facts` let `service/text` say it in Swedish (`move_text`).
    Facts hold keys of `KINDS`, not their words.
    """

    code: str
    element: str
    message: str
    facts: Mapping[str, str] = field(default_factory=dict)


def check(
    state: bytes, new: Definition, relocate: Mapping[str, str] | None = None
) -> list[Problem]:
    """Why a case may not move to a definition; empty when it may. Reads the stored rows only.

    Args:
        relocate: task id to the element where its token goes on; such tasks are judged by where
            they go.
    Source: engine.md 12.2.
    """
    stored = codec.unpack(state)
    if stored.digest == new.digest and not relocate:
        return []
    moved = relocate or {}
    left = _left(stored, moved)
    scopes = [
        (owner, name, [row for row in rows if _speaks(row, left, moved)])
        for owner, name, rows in stored.scopes
        if owner not in left
    ]
    problems = [
        problem
        for owner, name, live in scopes
        for problem in _check_scope(new, owner, name, live, moved)
    ]
    # what stands where it cannot is told first, for it says what to do
    return problems or [
        problem for _, name, live in scopes for problem in _check_future(new, name, live, moved)
    ]


def _speaks(row: Row, left: set[str], relocate: Mapping[str, str]) -> bool:
    """A live token that goes on: border events follow their activity, and tokens that have ended
    are alike.
    """
    return (
        bool(row[4] & LIVE)
        and row[3] not in {BOUNDARY, CLOSE}
        and (row[0] not in left or row[0] in relocate)
    )


def _check_scope(
    new: Definition, owner: str | None, name: str, live: list[Row], relocate: Mapping[str, str]
) -> Iterator[Problem]:
    spec = new.scopes.get(name) if owner else new.spec
    if spec is None:
        yield _problem(new, "scope", name)
        return
    for row in live:
        if row[0] not in relocate:
            yield from _check_row(new, spec, row)
        elif "key_or_index" in row[7]:
            yield _problem(new, "one", row[2].removesuffix(" [child]"))
        else:
            yield from _check_target(new, spec, relocate[row[0]])
    yield from _check_joins(new, spec, live, {relocate.get(row[0], row[2]) for row in live})


def _check_joins(
    new: Definition, spec: BpmnProcessSpec, live: list[Row], here: set[str]
) -> Iterator[Problem]:
    """A parallel join at which a token waits: something must be open on every other way to it."""
    for join in sorted(here):
        target = spec.task_specs.get(join)
        if isinstance(target, ParallelGateway):
            came = {row[7].get("from") for row in live if row[2] == join}
            for way in sorted(set(target._inputs) - came):
                if not here & upstream(spec, way, join):
                    yield _problem(new, "waits", join, way=_label(new, way))


def _check_future(
    new: Definition, name: str, live: list[Row], relocate: Mapping[str, str]
) -> Iterator[Problem]:
    """Could the case come to a bad end from here?"""
    for code, element, facts in reachability.judge(new.nets[name], live, relocate):
        yield Problem(code, element, reachability.sentence(code, facts), facts)


def _check_row(new: Definition, spec: BpmnProcessSpec, row: Row) -> Iterator[Problem]:
    element, made = str(row[2]), str(row[3])
    target = spec.task_specs.get(element)
    if target is None:
        yield _problem(new, "gone", element.removesuffix(" [child]"), scope=_label(new, spec.name))
    elif (other := code_of(target)) != made:
        yield _problem(
            new,
            "kind",
            element.removesuffix(" [child]"),
            kind=made if made in KINDS else OTHER,
            other=other if other in KINDS else OTHER,
        )
    elif isinstance(target, Join) and row[7].get("from") not in target._inputs:
        yield _problem(new, "way", element, way=_label(new, row[7].get("from", "")))


def _check_target(new: Definition, spec: BpmnProcessSpec, element: str) -> Iterator[Problem]:
    target = spec.task_specs.get(element)
    if (
        not isinstance(target, FlowNode)
        or isinstance(target, BoundaryCatch | Join | EventGatewayTarget)
        or not new.nets[spec.name].view.into.get(element)
    ):
        yield _problem(new, "target", element, scope=_label(new, spec.name))


def _problem(new: Definition, code: str, element: str, **facts: str) -> Problem:
    told = {"x": _label(new, element), **facts}
    said = {
        name: KINDS[value] if name in {"kind", "other"} else value for name, value in told.items()
    }
    return Problem(code, element, SENTENCES[code].format(**said), told)


def _label(new: Definition, element: str) -> str:
    known = new.elements.get(element)
    names = known.names if known is not None else new.names.get(element, {})
    return names.get("sv") or element


def move(
    definition: Definition, state: bytes, relocate: Mapping[str, str], rearm: frozenset[str]
) -> CaseExecution:
    """The case on the new definition, before its loop runs.

    Raises:
        CannotMove: see `check`.
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
    armed = {id_: (task, timer) for id_, task, timer in case.timers()}
    for id_ in sorted(rearm):
        if id_ not in armed:
            raise TaskClosed(id_, id=id_)
        task, timer = armed[id_]
        timer.rearm(task)
    return case


def _left(stored: codec.StoredState, relocate: Mapping[str, str]) -> set[str]:
    """Ids of all that is left behind: tasks that go elsewhere, their border events and instances,
    and what runs inside them.
    """
    left = set(relocate)
    for owner, _, rows in stored.scopes:
        if owner in left:
            left |= {row[0] for row in rows}
            continue
        # a split, and what hangs on it, goes with its activity; so do instances with theirs
        splits = {
            row[1] for row in rows if row[0] in left and row[1] >= 0 and rows[row[1]][3] == SPLIT
        }
        for place, row in enumerate(rows):
            if place in splits or row[1] in splits or (row[1] >= 0 and rows[row[1]][0] in left):
                left.add(row[0])
    return left


def _relocated(stored: codec.StoredState, relocate: Mapping[str, str]) -> codec.StoredState:
    """The state without what is left behind; rows keep their places, for others point to them: a
    row that goes becomes a row of nothing.
    """
    left = _left(stored, relocate)
    scopes = [
        (owner, name, [row if row[0] not in left else [row[0], -1, "", *row[3:]] for row in rows])
        for owner, name, rows in stored.scopes
    ]
    return replace(stored, scopes=[scope for scope in scopes if scope[0] not in left])


def _relocate(case: CaseExecution, stored: codec.StoredState, id_: str, element: str) -> None:
    """Open an element as if a token had arrived there, in the scope where the other task was."""
    found = next(
        ((owner, row) for owner, _, rows in stored.scopes for row in rows if row[0] == id_), None
    )
    if found is None:
        raise TaskClosed(id_, id=id_)
    owner, row = found
    scope = case if owner is None else case.subprocesses[owner]
    case.note("moved", row[2].removesuffix(" [child]"), row[7].get("nth", 0), id_, element)
    specs = scope.spec.task_specs
    opened = scope.task_tree._add_child(
        specs.get(f"{element}.BoundaryEventSplit", specs[element]), FUTURE
    )
    opened.triggered = True
    opened.task_spec._update(opened)


def _fit(case: CaseExecution) -> None:
    """Each open activity gets exactly the border events that the new diagram draws on it; a new
    deadline begins now (trap 39).
    """
    for scope in case.scopes():
        _fit_borders(scope)
    for task in list(case.live()):
        spec = task.task_spec
        if isinstance(spec, Catcher) and task._state == WAITING:
            if isinstance(spec, EventBasedGateway):
                _number_new_ways(case, task, spec)
            spec.arm(task)


def _fit_borders(scope: Workflow) -> None:
    for host in [
        t
        for t in scope.tasks.values()
        if t._state & (READY | STARTED) and isinstance(t.task_spec, FlowNode)
    ]:
        drawn, split = (
            scope.spec.task_specs.get(f"{host.task_spec.name}.BoundaryEventSplit"),
            host.parent,
        )
        if drawn is None or isinstance(split.task_spec, ParallelMultiInstance):
            continue
        if not isinstance(split.task_spec, BoundarySplit):
            split._children.remove(host.id)
            split = SpiffTask(scope, drawn, scope.task_tree, COMPLETED)
            host.parent = split
            split._children.append(host.id)
        there = {child.task_spec.name for child in split.children}
        for event in drawn.outputs:
            if isinstance(event, BoundaryCatch) and event.name not in there:
                event._update(split._add_child(event, WAITING))


def _number_new_ways(case: CaseExecution, task: SpiffTask, spec: EventBasedGateway) -> None:
    """An event gateway may have got another event."""
    nths: dict[str, int] = task.internal_data["nths"]
    for element in spec.events:
        if element not in nths:
            nths[element] = case.number(element)


def restore(definition: Definition, state: bytes, then: bytes) -> CaseExecution:
    """The case as it was in an earlier state, each live task with a new id, so that no row, job or
    idempotency key is used twice.

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
