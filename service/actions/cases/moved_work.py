"""The open work of a case that another release takes over: rows that stay get what it draws.

Ids, claims, unsent answers and documents stay. A task whose role is another one now goes to the
office that holds that role; a claim that does not fit any more is put back. A call whose handler is
another one now is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.actions.cases import progress
from service.actions.cases.loaded_case import LoadedCase, Submission
from service.actions.cases.turn_work import report_without_office, sealed_inputs
from service.actions.context import Services
from service.actions.ledger_entries import append_entry
from service.engine import Advance, Open
from service.store.installation import people
from service.store.transaction import Tx
from service.store.work import jobs, tasks

CLAIM_ENDED = "claim_ended"
"""Kind of the entry about a task that was put back because its role is another one now."""


@dataclass(frozen=True, slots=True)
class WaitingRows:
    """What waited in a case before it moved, by the engine's id."""

    tasks: Mapping[str, tasks.Task]
    jobs: Mapping[str, jobs.Job]


def load_waiting(tx: Tx, case_id: str) -> WaitingRows:
    """Load what waits in a case."""
    return WaitingRows(
        {row.id: row for row in tasks.of_case(tx, case_id)},
        {row.work_id: row for row in jobs.of_case(tx, case_id)},
    )


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
        if (task := waiting.tasks.get(waits.id)) is not None:
            fitted = _fitted(loaded, task, waits)
            if fitted != task:
                tasks.refit(tx, fitted)
                _end_claim(tx, task, fitted, submission)
            if fitted.office_id is None and task.office_id is not None:
                report_without_office(tx, fitted, submission.now)
            if fitted.office_id not in (None, task.office_id):
                handed.append(fitted)
        if (job := waiting.jobs.get(waits.id)) is not None:
            _refit_job(tx, services, loaded, outcome, job, waits)
    return handed


def _fitted(loaded: LoadedCase, task: tasks.Task, waits: Open) -> tasks.Task:
    """A task as the new release draws it; its dates follow in `tasks.sync`."""
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
    tx: Tx, services: Services, loaded: LoadedCase, outcome: Advance, job: jobs.Job, waits: Open
) -> None:
    """A call or timer as the new release draws it; a timer's moment follows in `jobs.sync`."""
    priority = loaded.definition.elements[waits.element].priority
    fitted = replace(job, element=waits.element, nth=waits.nth, priority=priority)
    if job.kind == jobs.CALL and (waits.element, waits.what) != (job.element, job.topic):
        inputs = sealed_inputs(services, loaded, waits, outcome.variables)
        jobs.refit(tx, replace(fitted, topic=waits.what), anew=inputs)
    elif fitted != job:
        jobs.refit(tx, fitted)
