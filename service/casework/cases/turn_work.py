"""The open work of a case after a turn: tasks, calls and timers become what the engine has open.

Of a case that goes to another release, ids, claims, unsent answers and documents stay. A task whose
role is another one now goes to the office that holds that role; a claim that does not fit any more
is put back. A call whose handler is another one now is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from service.casework.cases import progress
from service.casework.cases.loaded_case import LoadedCase, Submission
from service.engine import Advance, Open, bare
from service.records.context import Services
from service.records.ids import RANDOM_BYTES, ulid, ulid_of
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.purposes import TASK
from service.security.vault import OwnerKey
from service.store.changes import Changes
from service.store.installation import people
from service.store.lists import open_work_ids
from service.store.work import incidents, jobs, tasks

TIMER, CALL = "timer", "call"
NO_OFFICE = "no_office"
"""Kind of the incident of a task for a role that no office holds in the case."""
CLAIM_ENDED = "claim_ended"
"""Kind of the entry about a task that was put back because its role is another one now."""


@dataclass(frozen=True, slots=True)
class TurnWork:
    """The open work of a case after a turn."""

    opened: tuple[tasks.Task, ...]
    """Tasks that are new, or another office's now."""
    waiting: Sequence[tasks.Task]
    """Every open task."""
    jobs: dict[str, datetime | None]
    """Calls and timers by the engine's id, with the moment at which each may be taken first."""


def set_work(
    changes: Changes,
    services: Services,
    loaded: LoadedCase,
    outcome: Advance,
    holders: Mapping[str, str],
    submission: Submission,
    known: open_work_ids.OpenWorkIds,
) -> TurnWork:
    """Bring tasks and jobs in line with the engine; a new task without an office is an incident.

    Args:
        holders: role to the office that holds it after the turn.
        known: the rows as the turn found them, each with the office that holds its role now.
    """
    case_id, stages, now = loaded.case.id, progress.stages(loaded.definition), submission.now
    open_tasks = [o for o in outcome.open if o.kind == "task"]
    open_jobs = [o for o in outcome.open if o.kind in ("job", "timer")]
    wanted = [_task(loaded, o, stages, holders, submission) for o in open_tasks]
    new = [t for t in wanted if t.id not in known.tasks]
    tasks.sync(changes, case_id, wanted, known.tasks)
    made = [_job(services, loaded, o, outcome.variables, now, known) for o in open_jobs]
    jobs.sync(changes, case_id, made, known.jobs, now=now)
    for task in new:
        if task.office_id is None:
            report_without_office(changes, task, now)
    stay = [
        replace(row, due=waits.due, follow_up=waits.follow_up)
        for waits in open_tasks
        if (row := known.tasks.get(waits.id)) is not None
    ]
    moved = [row for row in stay if row.office_id and _office_before(loaded, row) != row.office_id]
    due = {row.work_id: row.due for row in made}
    return TurnWork((*new, *moved), [*stay, *new], due)


def _office_before(loaded: LoadedCase, row: tasks.Task) -> str | None:
    """The office that had an open task before the turn."""
    before = loaded.work.tasks.get(row.id)
    return before.office_id if before is not None else None


def task_key(key: OwnerKey, case_id: str, id_: str, rev: int, at: datetime) -> str:
    """The public id of a task.

    It follows from the turn that opened it, so that whoever replays the case knows it.

    Args:
        id_: the engine's id.
        rev: number of the fact that opened it, of the moment `at`.
    """
    chosen = bytes.fromhex(key.digest(TASK, f"{case_id}|{rev}|{id_}".encode()))
    return ulid_of(at, chosen[:RANDOM_BYTES])


def report_without_office(changes: Changes, task: tasks.Task, now: datetime) -> None:
    """Open an incident about a task whose role no office holds in the case."""
    row = incidents.Incident(
        id=ulid(now),
        case_id=task.case_id,
        job_key="",
        element=task.element,
        kind=NO_OFFICE,
        topic="",
        error=f"no office for role {task.role} in this case",
        opened_at=now,
    )
    incidents.add(changes, row)


def _task(
    loaded: LoadedCase,
    waits: Open,
    stages: Mapping[str, str],
    holders: Mapping[str, str],
    submission: Submission,
) -> tasks.Task:
    element = loaded.definition.elements[waits.element]
    role, now = element.roles[0] if element.roles else "", submission.now
    return tasks.Task(
        key=task_key(loaded.key, loaded.case.id, waits.id, loaded.case.rev + 1, now),
        case_id=loaded.case.id,
        id=waits.id,
        element=waits.element,
        nth=waits.nth,
        role=role,
        office_id=holders.get(role),
        stage=stages.get(waits.element, ""),
        due=waits.due,
        follow_up=waits.follow_up,
        priority=element.priority,
        opened_at=now,
        ref=loaded.case.ref,
        sender=submission.by.office,
    )


def _job(
    services: Services,
    loaded: LoadedCase,
    waits: Open,
    variables: Mapping[str, Any],
    now: datetime,
    known: open_work_ids.OpenWorkIds,
) -> jobs.Job:
    """A timer is due at its moment.

    A call is due when it is made; what its handler reads is frozen then, so that a later change
    alters no call in flight.
    """
    key = f"{loaded.case.id}:{waits.id}"
    job = partial(
        jobs.Job,
        key=key,
        case_id=loaded.case.id,
        work_id=waits.id,
        topic=waits.what,
        element=waits.element,
        nth=waits.nth,
        priority=loaded.definition.elements[waits.element].priority,
    )
    if waits.kind == "timer":
        return job(kind=TIMER, due=waits.due)
    if waits.id in known.jobs:
        return job(kind=CALL, due=known.jobs[waits.id])
    return job(kind=CALL, due=now, inputs=sealed_inputs(services, loaded, waits, variables))


def sealed_inputs(
    services: Services, loaded: LoadedCase, waits: Open, variables: Mapping[str, Any]
) -> bytes:
    """Inputs of a handler's call, sealed for the row of its job."""
    inputs = ledger_lines.canonical(_inputs(services, waits, variables))
    row = f"{loaded.case.id}:{waits.id}"
    return loaded.key.seal("routing", inputs, table="job", column="inputs", row=row)


def _inputs(services: Services, waits: Open, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs of a handler's call by name: of the diagram, else of the instance that the call is in,
    else routing values.
    """
    declared = services.topics.get(waits.what)
    reads = declared.reads if declared is not None else ()
    known = {**variables, **waits.local, **waits.inputs}
    return {name: bare(known.get(name)) for name in reads}


def refit(
    changes: Changes,
    services: Services,
    loaded: LoadedCase,
    outcome: Advance,
    work: TurnWork,
    submission: Submission,
) -> TurnWork:
    """Give the rows that stay what the new release draws.

    Args:
        loaded: with the new release; what waits was loaded for a move (`turn_loading.MOVE`).
        work: as `set_work` left it.
    """
    now, handed, waiting = submission.now, list[tasks.Task](), list[tasks.Task]()
    drawn, new = {waits.id: waits for waits in outcome.open}, {row.id for row in work.opened}
    for task in work.waiting:
        fitted = task if task.id in new else _fitted(loaded, task, drawn[task.id])
        if fitted != task:
            tasks.refit(changes, task, fitted)
            fitted_and_free = _end_claim(changes, loaded, task, fitted, submission)
            waiting.append(fitted_and_free)
        else:
            waiting.append(task)
        if fitted.office_id is None and task.office_id is not None:
            report_without_office(changes, fitted, now)
        if fitted.office_id not in (None, task.office_id):
            handed.append(fitted)
    stored = {row.work_id: row for row in jobs.of_case(loaded.at_hand, loaded.case.id)}
    for waits in outcome.open:
        if (job := stored.get(waits.id)) is not None:
            _refit_job(changes, services, loaded, outcome, job, waits)
    return replace(work, opened=(*work.opened, *handed), waiting=waiting)


def _fitted(loaded: LoadedCase, task: tasks.Task, waits: Open) -> tasks.Task:
    """A task as the new release draws it."""
    drawn = loaded.definition.elements[waits.element]
    role = drawn.roles[0] if drawn.roles else ""
    return replace(
        task,
        element=waits.element,
        nth=waits.nth,
        role=role,
        office_id=task.office_id if role == task.role else loaded.parties.get(role),
        stage=progress.stages(loaded.definition).get(waits.element, ""),
        priority=drawn.priority,
    )


def _end_claim(
    changes: Changes,
    loaded: LoadedCase,
    task: tasks.Task,
    fitted: tasks.Task,
    submission: Submission,
) -> tasks.Task:
    """Put a task back that its holder may not do any more; gives it as it is then."""
    if task.claimed_by is None or fitted.role == task.role:
        return fitted
    office = fitted.office_id
    fits = people.with_role(loaded.at_hand, office, fitted.role) if office else []
    if task.claimed_by in {known.person.id for known in fits}:
        return fitted
    body = {"task": task.key, "element": fitted.element}
    stream = f"case/{task.case_id}"
    append_entry(changes, stream, CLAIM_ENDED, by=submission.by, now=submission.now, body=body)
    return tasks.free(changes, fitted)


def _refit_job(
    changes: Changes,
    services: Services,
    loaded: LoadedCase,
    outcome: Advance,
    job: jobs.Job,
    waits: Open,
) -> None:
    """A call or timer as the new release draws it; its moment is that which `jobs.sync` gave it."""
    fitted = replace(
        job,
        topic=waits.what,
        element=waits.element,
        nth=waits.nth,
        priority=loaded.definition.elements[waits.element].priority,
        due=waits.due if job.kind == TIMER else job.due,
    )
    if job.kind == jobs.CALL and (waits.element, waits.what) != (job.element, job.topic):
        inputs = sealed_inputs(services, loaded, waits, outcome.variables)
        jobs.refit(changes, fitted, anew=inputs)
    elif fitted != job:
        jobs.refit(changes, fitted)
