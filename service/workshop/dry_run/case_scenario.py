"""The road of a past case as a scenario: its routing values and the answers of its automatic steps.

No sealed answer is opened: what people wrote stays in the case. That somebody looked is an entry of
the case, written before anything is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from service.access import Viewer
from service.casework.casefile.read_log import record_read
from service.casework.cases import protection
from service.casework.cases.locked_records import load_locked
from service.casework.history.replay import ReplayedTurn, replay_turns
from service.engine import Answer, Complete, Correct, Fail, Message, Start
from service.errors import CannotOpen, NotAllowed, NotFound, TrestegError
from service.records.context import Services, require_act
from service.store.casefile import cases
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import BatchCase
from service.workshop.drafts import require_draft
from service.workshop.dry_run import dry_runs
from service.workshop.trial.job_answers import looks_personal
from service.workshop.trial.scenario_file import MOST_STEPS, Scenario, ScenarioStep

PROTECTED, UNREADABLE, TOO_LONG, PERSONAL = "protected", "unreadable", "too_long", "personal"
LOCKED = "locked"
"""Why the road of a case cannot be taken."""
PURPOSE: Final = "trial"


def case_in_run(tx: Tx, viewer: Viewer, draft_id: str, position: int) -> BatchCase:
    """One case of the newest dry run of a draft.

    Raises:
        NotAllowed: the viewer does not own the process.   NotFound: there is none.
    """
    require_act(viewer, "edit_process")
    require_draft(tx, viewer, draft_id)
    run = batches.newest(tx, dry_runs.KIND, draft_id)
    found = batches.of_batch(tx, run.id, after=position - 1, limit=1) if run is not None else []
    if not found or found[0].position != position:
        raise NotFound
    return found[0]


def take_case_scenario(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    draft_id: str,
    position: int,
    name: str,
) -> Scenario:
    """Read the road of a case of the newest dry run; that it was read is an entry of the case.

    The scenario must come to where the case came.

    Raises:
        NotFound: there is no such case in the run.
        NotAllowed: the viewer does not own the process; or the identity is protected, the case
            cannot be read, is locked in part, has too many steps, or a routing value looks like a
            personal number:
            `why` is one of the words above.
    """
    found = case_in_run(tx, by, draft_id, position)
    case = cases.get(tx, found.case_id)
    if case is None:
        raise NotFound
    if protection.is_protected(case.marking):
        raise NotAllowed(why=PROTECTED)
    if load_locked(tx, case, now).by_office:  # a routing value does not say who wrote it
        raise NotAllowed(why=LOCKED)
    try:
        turns = [*replay_turns(tx, services, case.id)]
    except (CannotOpen, TrestegError) as e:
        raise NotAllowed(why=UNREADABLE) from e
    record_read(tx, by=by, now=now, case_id=case.id, purpose=PURPOSE, classes=())
    return case_scenario(turns, name)


def case_scenario(turns: Sequence[ReplayedTurn], name: str) -> Scenario:
    """The road of a case, played on its own releases, as a scenario.

    Raises:
        NotAllowed: as `take_case_scenario`.
    """
    if not turns:
        raise NotAllowed(why=UNREADABLE)
    steps = tuple(_steps(turns))
    if len(steps) > MOST_STEPS:
        raise NotAllowed(why=TOO_LONG)
    texts = (value for step in steps for value in (step.values or {}).values())
    if any(looks_personal(text) for text in texts if isinstance(text, str)):
        raise NotAllowed(why=PERSONAL)
    last = turns[-1].outcome
    end = last.inner_end or (last.ends[-1] if last.ends else "")
    return Scenario(
        name,
        "",
        _whole(turns[0].fact.at).isoformat(),
        steps,
        open=tuple(sorted(work.element for work in last.open if work.kind == "task")),
        end=end if last.finished else "",
        by_hand=True,
    )


def _steps(turns: Sequence[ReplayedTurn]) -> Iterator[ScenarioStep]:
    """One step for each act; timers go off by themselves, and a move to another release is none."""
    before = _whole(turns[0].fact.at)
    for turn in turns:
        step = _step(turn)
        if step is None:
            continue
        at = max(_whole(turn.fact.at), before)
        yield replace(step, after=_length(at - before))
        before = at
    last = max(_whole(turns[-1].fact.at), before)
    if last > before:
        yield ScenarioStep(wait=_length(last - before))


def _step(turn: ReplayedTurn) -> ScenarioStep | None:
    """What was done in one turn, with its routing values; None for a timer or a move."""
    element = turn.fact.element
    match turn.stimulus:
        case Start(variables=values):
            start = element or turn.definition.plain_start or ""
            return ScenarioStep(start=start, values=dict(values))
        case Complete(variables=values):
            return ScenarioStep(task=element, values=dict(values))
        case Message(name=named, variables=values):
            return ScenarioStep(message=named, values=dict(values))
        case Answer(variables=values):
            return ScenarioStep(answer=element, values=dict(values))
        case Fail(code=code):
            return ScenarioStep(fail=element, code=code)
        case Correct(variables=values):
            return ScenarioStep(correct=element, values=dict(values))
    return None


def _whole(moment: datetime) -> datetime:
    """The whole minute at or after a moment: a timer that had gone off then has gone off."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


def _length(time: timedelta) -> str:
    """A time in whole minutes as ISO 8601 duration; empty for none."""
    minutes = int(time.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    if not days and not minutes:
        return ""
    return f"P{days}DT{minutes}M"
