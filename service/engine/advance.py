"""The engine as a pure function: one thing happens to a case, and out come its new state and all
that follows.

No database, no clock, no socket, no file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from service.engine import migration as moving
from service.engine.feel.conversion import plain
from service.engine.limits import OPEN
from service.engine.spiff import codec
from service.engine.spiff.activities import ServiceTask, UserTask
from service.engine.spiff.api import SpiffTask
from service.engine.spiff.base import FlowNode
from service.engine.spiff.catch_events import Catcher, ErrorDefinition
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.patches import turn
from service.engine.spiff.throw_events import raise_fault
from service.engine.spiff.variable_checks import check, fits
from service.engine.types import (
    Advance,
    Answer,
    Complete,
    Due,
    Fail,
    Json,
    Message,
    Move,
    Open,
    Restore,
    Start,
    Stimulus,
    Variables,
)
from service.errors import (
    CaseEnded,
    DueFirst,
    EngineStopped,
    NotDue,
    NotWaiting,
    SeveralWait,
    TaskClosed,
    TrestegError,
)

if TYPE_CHECKING:
    from service.engine.definition import Definition

KINDS_OF_STOP = frozenset(
    {
        *(
            "no_way_out",
            "error_uncaught",
            "rule_unique",
            "rule_any",
            "rule_input",
            "expression",
            "list",
        ),
        *(
            "steps",
            "instances",
            "tasks",
            "state_size",
            "time",
            "fuel",
            "tripwire",
            "lost_token",
            "broke",
        ),
    }
)


def advance(
    definition: Definition,
    state: bytes,
    stimulus: Stimulus,
    *,
    now: datetime,
    seed: str,
    watch: Callable[[], None] | None = None,
) -> Advance:
    """Let one thing happen to a case, and run it until it waits again.

    Args:
        definition: of the release that the case is on; for `Move` the new one, for `Restore` the
            one that the earlier state was made with.
        state: as the last `Advance` gave it; `b""` for `Start` only.
        now: aware, UTC, cut to the millisecond.
        seed: number of the fact that is being made, as text; task ids begin with it.
        watch: called at each step; `belt` stops a turn with it that takes too long.
    Raises:
        TaskClosed, NotWaiting, SeveralWait, NotDue, DueFirst, BadVariables, CaseEnded, CannotMove:
            nothing has happened.
        WrongDefinition: the state is not of this definition.
        EngineStopped: the case cannot go on; becomes an incident.
    Source: engine.md 1; BPMN 2.0.2, 13.
    """
    if bool(state) is isinstance(stimulus, Start):
        raise ValueError("a case has a state, unless it starts")
    with turn(now, seed, watch):
        case: CaseExecution | None = None
        try:
            case = _case(definition, state, stimulus)
            opened = play(case, stimulus)
            return result(case, opened, codec.encode(case))
        except TrestegError:
            raise
        except Exception as error:
            # whatever the library raises becomes an incident that names the place; its own words
            # may hold a value, so only the kind is told
            raise EngineStopped(
                "broke", case.place if case is not None else "", type(error).__name__
            ) from error


def _case(definition: Definition, state: bytes, stimulus: Stimulus) -> CaseExecution:
    match stimulus:
        case Start():
            return CaseExecution(definition)
        case Move(relocate, rearm):
            if codec.unpack(state).completed:
                raise CaseEnded
            return moving.move(definition, state, relocate, rearm)
        case Restore(then):
            return moving.restore(definition, state, then)
    return codec.decode(definition, codec.unpack(state))


def play(case: CaseExecution, stimulus: Stimulus) -> list[Open]:
    """One stimulus on a live case, inside a turn; what waits afterwards.

    After any exception throw the case away.
    """
    if not isinstance(stimulus, Move):
        case.begin_turn()
    if case.completed:
        raise CaseEnded
    if isinstance(stimulus, Complete | Answer | Fail | Message) and (late := case.late()):
        raise DueFirst(tuple(late))
    _ACTS[type(stimulus)](case, stimulus)
    case.settle()
    for task in case.live():
        if isinstance(task.task_spec, Catcher):
            task.task_spec.arm(task)
    opened = case.opens()
    if len(opened) > OPEN:
        raise EngineStopped(
            "instances", case.place, f"{len(opened)} things wait, and at most {OPEN} may"
        )
    if not opened and not closed(case):
        raise EngineStopped("lost_token", case.place)
    return opened


def closed(case: CaseExecution) -> bool:
    """An end event was reached at top level, and nothing is left; the library's own flag is never
    believed alone.
    """
    return case.completed and bool(case.ends)


def result(case: CaseExecution, opened: list[Open], state: bytes) -> Advance:
    """What a turn brings."""
    due = [o.due for o in opened if o.kind == "timer" and o.due is not None]
    return Advance(
        state=state,
        open=() if case.completed else tuple(opened),
        steps=tuple(case.steps),
        thrown=tuple(case.thrown),
        variables=dict(case.variables),
        finished=case.completed,
        ends=tuple(case.ends),
        inner_end=case.inner,
        next_due=min(due, default=None),
        decided=tuple(case.decided),
    )


def _start(case: CaseExecution, stimulus: Start) -> None:
    starts = [child for child in case.task_tree.children if child.task_spec.bpmn_id]
    plain_start = case.definition.plain_start
    wanted = stimulus.element or plain_start
    if wanted not in {child.task_spec.bpmn_id for child in starts}:
        raise NotWaiting(wanted or "start", name=wanted)
    check(stimulus.variables, case.definition.types, {})
    for child in starts:
        if child.task_spec.bpmn_id != wanted:
            case._remove_task(child.id)
    case.calendars = dict(stimulus.calendars)
    case.write(None, stimulus.variables, wanted)


def _complete(case: CaseExecution, stimulus: Complete) -> None:
    task = _open(case, stimulus.task, UserTask, "task")
    _take(case, task, stimulus.variables, stimulus.calendars)
    case.place = task.task_spec.bpmn_id or ""
    task.run()


def _answer(case: CaseExecution, stimulus: Answer) -> None:
    task = _open(case, stimulus.job, ServiceTask, "job")
    _take(case, task, stimulus.variables, stimulus.calendars)
    case.place = task.task_spec.bpmn_id or ""
    task.complete()


def _fail(case: CaseExecution, stimulus: Fail) -> None:
    task = _open(case, stimulus.job, ServiceTask, "job")
    case.place = task.task_spec.bpmn_id or ""
    raise_fault(task, ErrorDefinition("error", stimulus.code), "")


def _due(case: CaseExecution, stimulus: Due) -> None:
    found = next(((task, timer) for id_, task, timer in case.timers() if id_ == stimulus.job), None)
    if found is None:
        raise TaskClosed(stimulus.job, id=stimulus.job)
    task, timer = found
    due = timer.due(task)
    if due is None or due > case.turn.now:
        raise NotDue(stimulus.job, id=stimulus.job, due=due)
    spec = task.task_spec
    assert isinstance(spec, Catcher)
    case.place = timer.element
    nth = next(nth for _, element, nth, _ in spec.ways(task) if element == timer.element)
    case.note("fired", timer.element, nth, due.isoformat())
    spec.wake(task, timer.element)


def _message(case: CaseExecution, stimulus: Message) -> None:
    takers = [t for t in case.takers(stimulus.name) if stimulus.element in {None, t.element}]
    if not takers:
        raise NotWaiting(stimulus.name, name=stimulus.name)
    if len(takers) > 1:
        elements = tuple(taker.element for taker in takers)
        raise SeveralWait(
            f"{stimulus.name}: {', '.join(elements)}", name=stimulus.name, elements=elements
        )
    check(stimulus.variables, case.definition.types, case.variables)
    _set_calendars(case, stimulus.calendars)
    case.place = takers[0].element
    case.write(None, stimulus.variables, takers[0].element)
    takers[0].wake()


def _nothing(_case_: CaseExecution, _stimulus: Stimulus) -> None:
    """The case was moved or restored while it was read; the loop does the rest."""


_ACTS: Mapping[type, Callable[..., None]] = {
    Start: _start,
    Complete: _complete,
    Answer: _answer,
    Fail: _fail,
    Due: _due,
    Message: _message,
    Move: _nothing,
    Restore: _nothing,
}


def _open(case: CaseExecution, id_: str, kind: type[FlowNode], what: str) -> SpiffTask:
    """The task or job that is open under an id."""
    task = case.task(id_)
    if (
        task is None
        or not isinstance(task.task_spec, kind)
        or what not in {o.kind for o in task.task_spec.opens(task)}
    ):
        raise TaskClosed(id_, id=id_)
    return task


def _take(
    case: CaseExecution, task: SpiffTask, answers: Variables, calendars: Mapping[str, str] | None
) -> None:
    """Write the answers of a person or a handler: as the output mapping says, or each to the
    variable of its name.
    """
    types, spec = case.definition.types, task.task_spec
    check(answers, types, case.variables)
    _set_calendars(case, calendars)
    assert isinstance(spec, UserTask | ServiceTask)
    if not spec.gives:
        case.write(task, answers)
        return
    values: dict[str, Json] = {
        name: plain(case.ask(source, task, answers)) for name, source in spec.gives.items()
    }
    if wrong := [
        name for name, value in values.items() if name in types and not fits(value, types[name])
    ]:
        raise EngineStopped(
            "expression",
            spec.element,
            f"the output mapping gives {', '.join(wrong)} a value of another type",
        )
    case.write(task, values)


def _set_calendars(case: CaseExecution, calendars: Mapping[str, str] | None) -> None:
    if calendars is not None:
        case.calendars = dict(calendars)
