"""One turn of a case, as a pure function: one stimulus goes in, the new state and all that follows
come out.

No database, no clock, no socket, no file.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, cast

from service.engine.apply_stimulus import apply
from service.engine.definition import Definition
from service.engine.limits import OPEN
from service.engine.migration.move import move
from service.engine.migration.restore import restore
from service.engine.spiff import codec
from service.engine.spiff.base import nth_of
from service.engine.spiff.catch_events import Catcher
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.open_work import (
    armed_timers,
    late_timers,
    message_targets,
    open_work,
)
from service.engine.spiff.patches import turn
from service.engine.stored_state import LastState
from service.engine.types import (
    Advance,
    Answer,
    Complete,
    Correct,
    Due,
    Fail,
    Message,
    Move,
    Open,
    Restore,
    Start,
    Stimulus,
)
from service.errors import CaseEnded, DueFirst, EngineStopped, TrestegError

_NO_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""For questions to which the time does not matter."""
# the kinds are stored with incidents
_STOPS_OF_DIAGRAMS = (
    "no_way_out error_uncaught rule_unique rule_any rule_input expression list lost_token"
)
_STOPS_OF_LIMITS = "steps instances tasks state_size time fuel tripwire broke"
KINDS_OF_STOP = frozenset(f"{_STOPS_OF_DIAGRAMS} {_STOPS_OF_LIMITS}".split())
"""Why a turn may be stopped: `EngineStopped.kind`."""


def advance(
    definition: Definition,
    state: bytes,
    stimulus: Stimulus,
    *,
    now: datetime,
    seed: str,
    watch: Callable[[], None] | None = None,
    old: Definition | None = None,
    last: LastState | None = None,
    used: set[tuple[str, str]] | None = None,
) -> Advance:
    """Apply one stimulus to a case, and run it until it waits again.

    Args:
        definition: of the release that the case is on; for `Move` the new one, for `Restore` the
            one that the earlier state was made with.
        state: as the last `Advance` gave it; `b""` for `Start` only.
        now: aware, UTC, cut to the millisecond.
        seed: number of the fact that is being made, as text; task ids begin with it.
        watch: called at each step; `audit_guard` stops a turn with it that takes too long.
        old: for `Move` the definition that the case was on, if it is another one.
        last: what the turn before left besides its state, where turns of a case follow each other.
        used: is filled with scope and name of every spec that has a task in the turn.
    Raises:
        TaskClosed, NotWaiting, SeveralWait, NotDue, DueFirst, BadVariables, CaseEnded, CannotMove:
            nothing has happened.
        WrongDefinition: the state is not of this definition.
        EngineStopped: the case cannot go on; becomes an incident.
    Source: BPMN 2.0.2, 13.
    """
    if bool(state) is isinstance(stimulus, Start):
        raise ValueError("a case has a state, unless it starts")
    case: CaseExecution | None = None
    with turn(now, seed, watch):
        try:
            case = _case(definition, state, stimulus, old or definition, last)
            outcome = result(case, play(case, stimulus), codec.encode(case, last))
        except TrestegError:
            raise
        except Exception as error:
            # the incident names the place and the kind: the library's words may hold a value
            place = case.place if case is not None else ""
            raise EngineStopped("broke", place, type(error).__name__) from error
    if used is not None:
        used |= case.used()
    return outcome


def _case(
    definition: Definition,
    state: bytes,
    stimulus: Stimulus,
    old: Definition,
    last: LastState | None,
) -> CaseExecution:
    """The case before the stimulus: new, decoded, moved or restored."""
    match stimulus:
        case Start():
            return CaseExecution(definition)
        case Move(relocate, rearm):
            if codec.unpack(state).completed:
                raise CaseEnded
            return move(definition, state, relocate, rearm, old)
        case Restore(then):
            return restore(definition, state, then)
    parts = last.take(state) if last is not None else None
    return codec.decode(definition, parts or codec.unpack(state))


def play(case: CaseExecution, stimulus: Stimulus) -> list[Open]:
    """Apply one stimulus to a running case, inside a turn; what waits afterwards.

    After any exception throw the case away.
    """
    if not isinstance(stimulus, Move):
        case.begin_turn()
    if case.completed:
        raise CaseEnded
    if isinstance(stimulus, Complete | Answer | Fail | Message | Correct):
        _due_first(case)
    case.unattended = isinstance(stimulus, Due | Answer | Fail)
    apply(case, stimulus)
    case.settle()
    for task in case.live():
        if isinstance(task.task_spec, Catcher):
            task.task_spec.arm(task)
    opened = open_work(case)
    if len(opened) > OPEN:
        detail = f"{len(opened)} things wait, and at most {OPEN} may"
        raise EngineStopped("instances", case.place, detail)
    if not opened and not closed(case):
        raise EngineStopped("lost_token", case.place)
    return opened


def _due_first(case: CaseExecution) -> None:
    """Refuse an act while a timer is due that can be fired, oldest first.

    One that would stop the case if it fired must not keep people from their work: it is passed
    over, which the steps say, and stays due.

    Raises:
        DueFirst: the timer, and those behind it.
    """
    late = late_timers(case)
    passed = list[tuple[str, EngineStopped]]()
    for place, id_ in enumerate(late):
        if (stop := _stop_of(case, id_)) is None:
            raise DueFirst(tuple(late[place:]))
        passed.append((id_, stop))
    if not passed:
        return
    armed = {id_: (task, timer) for id_, task, timer in armed_timers(case)}
    for id_, stop in passed:
        task, timer = armed[id_]
        nth = nth_of(task, timer.element)
        case.note("passed", timer.element, nth, id_, stop.kind, stop.element)


def _stop_of(case: CaseExecution, timer: str) -> EngineStopped | None:
    """How the case would stop if a timer fired now; None when it would go on.

    No watch looks at the attempt, so that it ends alike whenever the fact is played again.
    """
    # no case runs on anything but a definition
    definition, now = cast("Definition", case.definition), case.turn.now
    try:
        advance(definition, codec.encode(case), Due(timer), now=now, seed=case.turn.seed)
    except EngineStopped as stop:
        return stop
    return None


def waiting_messages(definition: Definition, state: bytes) -> tuple[Open, ...]:
    """What can take a message in a case, each with the id by which `Message` addresses it; start
    events of event sub-processes among them.

    Raises:
        WrongDefinition: the state is not of this definition.
    """
    with turn(_NO_MOMENT, ""):
        case = codec.decode(definition, codec.unpack(state))
        return () if case.completed else tuple(t.work for t in message_targets(case))


def closed(case: CaseExecution) -> bool:
    """Has the case ended: was an end event reached at top level, and is nothing left? The library's
    own flag is never believed alone.
    """
    return case.completed and bool(case.ends)


def result(case: CaseExecution, opened: list[Open], state: bytes) -> Advance:
    """The outcome of a turn."""
    due = [work.due for work in opened if work.kind == "timer" and work.due is not None]
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
