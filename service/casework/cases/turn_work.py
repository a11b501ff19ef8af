"""The open work of a case after a turn: tasks, calls and timers become what the engine has open.

Of a case that goes to another release, ids, claims, unsent answers and documents stay. A task whose
role is another one now goes to the office that holds that role; a claim that does not fit any more
is put back. A call whose handler is another one now is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from service.store.at_hand import Reader
from service.store.changes import Writer
from service.store.installation import people
from service.store.lists import open_work_ids
from service.store.transaction import Tx
from service.store.work import incidents, jobs, tasks

TIMER, CALL = "timer", "call"
NO_OFFICE = "no_office"
"""Kind of the incident of a task for a role that no office holds in the case."""
CLAIM_ENDED = "claim_ended"
"""Kind of the entry about a task that was put back because its role is another one now."""


def write_work(
    writer: Writer,
    services: Services,
    loaded: LoadedCase,
    outcome: Advance,
    holders: Mapping[str, str],
    submission: Submission,
    known: open_work_ids.OpenWorkIds,
) -> list[tasks.Task]:
    """Bring the rows of tasks and jobs in line with the engine; a task without an office is an
    incident.

    Args:
        holders: role to the office that holds it after the turn.
        known: ids of the rows as the turn found them.
    Returns: the tasks that are new.
    """
    case_id, stages, now = loaded.case.id, progress.stages(loaded.definition), submission.now
    open_tasks = [o for o in outcome.open if o.kind == "task"]
    open_jobs = [o for o in outcome.open if o.kind in ("job", "timer")]
    wanted = [_task(loaded, o, stages, holders, submission) for o in open_tasks]
    new = [t for t in wanted if t.id not in known.tasks]
    tasks.sync(writer, case_id, wanted, known.tasks)
    made = [_job(services, loaded, o, outcome.variables, now, known) for o in open_jobs]
    jobs.sync(writer, case_id, made, known.jobs, now=now)
    for task in new:
        if task.office_id is None:
            report_without_office(writer, task, now)
    return new


def task_key(key: OwnerKey, case_id: str, id_: str, rev: int, at: datetime) -> str:
    """The public id of a task.

    It follows from the turn that opened it, so that whoever replays the case knows it.

    Args:
        id_: the engine's id.
        rev: number of the fact that opened it, of the moment `at`.
    """
    chosen = bytes.fromhex(key.digest(TASK, f"{case_id}|{rev}|{id_}".encode()))
    return ulid_of(at, chosen[:RANDOM_BYTES])


def report_without_office(writer: Writer, task: tasks.Task, now: datetime) -> None:
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
    incidents.add(writer, row)


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


@dataclass(frozen=True, slots=True)
class WaitingRows:
    """Open tasks and jobs of a case before it moved, by the engine's id."""

    tasks: Mapping[str, tasks.Task]
    jobs: Mapping[str, jobs.Job]


def load_jobs(reader: Reader, case_id: str) -> dict[str, jobs.Job]:
    """Load what the engine holds open in a case, besides tasks, by its id."""
    return {row.work_id: row for row in jobs.of_case(reader, case_id)}


def refit(
    tx: Tx,
    services: Services,
    loaded: LoadedCase,
    outcome: Advance,
    waiting: WaitingRows,
    submission: Submission,
) -> list[tasks.Task]:
    """Give the rows that stay what the new release draws.

    Args:
        loaded: with the new release.
    Returns: the tasks that are another office's now.
    """
    handed = []
    for waits in outcome.open:
        if (stays := waiting.tasks.get(waits.id)) is not None:
            task = replace(stays, due=waits.due, follow_up=waits.follow_up)  # as `sync` left it
            fitted = _fitted(loaded, task, waits)
            if fitted != task:
                tasks.refit(tx, task, fitted)
                _end_claim(tx, task, fitted, submission)
            if fitted.office_id is None and task.office_id is not None:
                report_without_office(tx, fitted, submission.now)
            if fitted.office_id not in (None, task.office_id):
                handed.append(fitted)
        if (job := waiting.jobs.get(waits.id)) is not None:
            _refit_job(tx, services, loaded, outcome, job, waits)
    return handed


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


def _end_claim(tx: Tx, task: tasks.Task, fitted: tasks.Task, submission: Submission) -> None:
    """Put a task back that its holder may not do any more."""
    if task.claimed_by is None or fitted.role == task.role:
        return
    fits = people.with_role(tx, fitted.office_id, fitted.role) if fitted.office_id else []
    if task.claimed_by in {known.person.id for known in fits}:
        return
    tasks.put_back(tx, task.key)
    body = {"task": task.key, "element": fitted.element}
    stream = f"case/{task.case_id}"
    append_entry(tx, stream, CLAIM_ENDED, by=submission.by, now=submission.now, body=body)


def _refit_job(
    writer: Writer,
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
        jobs.refit(writer, fitted, anew=inputs)
    elif fitted != job:
        jobs.refit(writer, fitted)
