"""The commands of a job: a timer fires, a handler answers, a handler reports a BPMN error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.binding import Answer as HandlerAnswer
from service.casework.cases.loaded_case import LoadedCase, Submission, load_case
from service.casework.cases.turn import TurnResult
from service.casework.commands import handler_output
from service.casework.commands.handler_papers import HandlerPaper
from service.casework.commands.turn_consequences import Origin, take_turn
from service.engine import Answer, Due, Fail
from service.errors import TaskClosed
from service.records.context import CLOCK, WORKER, Services
from service.store.ahead import turn_reads
from service.store.casefile import cases
from service.store.transaction import Tx
from service.store.work import jobs


@dataclass(frozen=True, slots=True)
class FireTimer:
    """Fire a timer that is due."""

    job_key: str

    def perform(self, tx: Tx, services: Services, *, now: datetime) -> TurnResult:
        """Fire it, as `fire_timer` does."""
        return fire_timer(tx, services, now=now, job_key=self.job_key)


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """Take the answer of a handler."""

    job_key: str
    answer: HandlerAnswer
    made: tuple[HandlerPaper, ...] = ()
    """The papers that it asks for, made before this transaction began."""

    def perform(self, tx: Tx, services: Services, *, now: datetime) -> TurnResult:
        """Take it, as `answer_call` does."""
        return answer_call(
            tx, services, now=now, job_key=self.job_key, answer=self.answer, made=self.made
        )


@dataclass(frozen=True, slots=True)
class FailCall:
    """Take the BPMN error that a handler reported."""

    job_key: str
    code: str

    def perform(self, tx: Tx, services: Services, *, now: datetime) -> TurnResult:
        """Take it, as `fail_call` does."""
        return fail_call(tx, services, now=now, job_key=self.job_key, code=self.code)


def fire_timer(tx: Tx, services: Services, *, now: datetime, job_key: str) -> TurnResult:
    """Fire one timer that is due.

    Raises:
        TaskClosed: the timer is gone.   NotDue: its moment moved.
    """
    job, loaded = _open_job(tx, services, job_key)
    given = Submission(CLOCK, now, job.element, job.nth, job.work_id)
    return take_turn(tx, services, loaded, Due(job.work_id), given, Origin())


def answer_call(
    tx: Tx,
    services: Services,
    *,
    now: datetime,
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
    job, loaded = _open_job(tx, services, job_key, letters=bool(answer.letters))
    given = Submission(WORKER, now, job.element, job.nth, job.work_id, letters=answer.letters)
    result = take_turn(tx, services, loaded, Answer(job.work_id, answer.values), given, Origin())
    handler_output.write_output(
        tx, services, loaded, job, by=WORKER, answer=answer, made=made, now=now
    )
    return result


def fail_call(tx: Tx, services: Services, *, now: datetime, job_key: str, code: str) -> TurnResult:
    """Take a BPMN error that a handler reported.

    Raises:
        TaskClosed: the job is gone.   EngineStopped: nothing in the diagram catches the code.
    """
    job, loaded = _open_job(tx, services, job_key)
    given = Submission(WORKER, now, job.element, job.nth, job.work_id)
    return take_turn(tx, services, loaded, Fail(job.work_id, code), given, Origin())


def _open_job(
    tx: Tx, services: Services, job_key: str, *, letters: bool = False
) -> tuple[jobs.Job, LoadedCase]:
    """An open job with its loaded case.

    Args:
        letters: whether its turn surely brings letters.
    Raises:
        TaskClosed: it is gone.
    """
    found = cases.load_for_job(tx, job_key)
    if found is None:
        raise TaskClosed(job_key)
    job, rows = found
    turn_reads.ask_ahead(tx, job.case_id, letters=letters)
    return job, load_case(tx, services, rows)
