"""The commands of a job: a timer fires, a handler answers, a handler reports a BPMN error."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.binding import Answer as HandlerAnswer
from service.casework.cases.loaded_case import LoadedCase, Submission, load_case
from service.casework.cases.turn import TurnResult
from service.casework.commands import handler_output
from service.casework.commands.handler_papers import HandlerPaper
from service.casework.commands.turn_consequences import Origin, follow, reads_of_follow
from service.engine import Answer, Due, Fail
from service.errors import TaskClosed
from service.records.context import CLOCK, WORKER, Services
from service.store.changes import Changes
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.work import jobs
from service.store.writing import write


def fire_timer(tx: Tx, services: Services, now: datetime, *, job_key: str) -> TurnResult:
    """Fire one timer that is due.

    Raises:
        TaskClosed: the timer is gone.   NotDue: its moment moved.
    """
    job, loaded = load_job(tx, services, job_key)
    given = Submission(CLOCK, now, job.element, job.nth, job.work_id)
    changes = Changes.of(tx)
    moved = follow(services, loaded, Due(job.work_id), given, Origin(), changes)
    write(tx, changes)
    return moved.result


def answer_call(
    tx: Tx,
    services: Services,
    now: datetime,
    *,
    job_key: str,
    answer: HandlerAnswer,
    made: Sequence[HandlerPaper] = (),
) -> TurnResult:
    """Take a handler's answer: its routing values, letters, papers, appointments and requests are
    written together, once.

    Args:
        made: the papers that it asks for, made before this transaction began.
    Raises:
        TaskClosed: the job is gone meanwhile.   CaseMoved: the case moved since they were made.
        HandlerFailed: a letter is for a role that no office holds, a channel is not set, or papers
            may not be made any more.
    """
    job, loaded = load_job(tx, services, job_key, answer)
    given = Submission(WORKER, now, job.element, job.nth, job.work_id, letters=answer.letters)
    changes, stimulus = Changes.of(tx), Answer(job.work_id, answer.values)
    moved = follow(services, loaded, stimulus, given, Origin(), changes)
    handler_output.add_output(
        changes, services, loaded, job, by=WORKER, answer=answer, made=made, now=now
    )
    write(tx, changes)
    return moved.result


def fail_call(tx: Tx, services: Services, now: datetime, *, job_key: str, code: str) -> TurnResult:
    """Take a BPMN error that a handler reported.

    Raises:
        TaskClosed: the job is gone.   EngineStopped: nothing in the diagram catches the code.
    """
    job, loaded = load_job(tx, services, job_key)
    given = Submission(WORKER, now, job.element, job.nth, job.work_id)
    changes = Changes.of(tx)
    moved = follow(services, loaded, Fail(job.work_id, code), given, Origin(), changes)
    write(tx, changes)
    return moved.result


def load_job(
    tx: Tx, services: Services, job_key: str, answer: HandlerAnswer | None = None
) -> tuple[jobs.Job, LoadedCase]:
    """An open job with its case, which is locked.

    Args:
        answer: of its handler, for which more is needed.
    Raises:
        TaskClosed: it is gone.
    """
    case_id, _, _ = job_key.partition(":")
    found = turn_rows.read_of_job(tx, case_id, job_key)
    if found is None:
        raise TaskClosed(job_key)
    job, rows, at_hand = found
    services.release(tx, rows.case.release_id)
    loaded = load_case(at_hand, services, rows)
    needs = reads_of_follow(loaded)
    if answer is not None:
        needs += handler_output.reads_of_output(case_id, answer)
    if needs:
        loaded.take(tx.read(*needs))
    return job, loaded
