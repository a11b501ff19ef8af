"""Due jobs: each is leased and done between two transactions of its own.

A job that fails is tried again with patience, and becomes an incident after the last try. A crash
between the transactions repeats a call with the same key; only a job that had begun loses a try
(`service.store.work.jobs` says how that is known). Papers that a handler asks for are made between
the two as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from service import fault_points, logs
from service.application.submit import submit_job
from service.binding import Answer, BusinessError, Call
from service.casework import clock_guard, incidents
from service.casework.commands import complaints, handler_call, said_words
from service.casework.commands.command import JobCommand
from service.casework.commands.handler_papers import HandlerPaper, compose_papers
from service.casework.commands.job_commands import answer_call, fail_call, fire_timer
from service.casework.referrals import referral_answers
from service.errors import (
    Busy,
    CannotOpen,
    CaseEnded,
    CaseMoved,
    EngineStopped,
    HandlerFailed,
    NotDue,
    PaperFailed,
    TaskClosed,
    TimersPaused,
)
from service.sandbox.child_processes import Meanwhile
from service.store.installation import installation_values
from service.store.work import jobs
from service.worker.state import BATCH, WorkerState

log = structlog.get_logger("worker")
OWN_TOPICS = {
    said_words.TOPIC: said_words.deliver_words,
    complaints.FIND_OFFICE: complaints.find_office,
    complaints.LEAVE: complaints.let_leave,
}
"""Topics of steps that the worker does itself: they read or change more than their own case."""
CLOCK_WAIT = timedelta(minutes=1)
"""How long a timer waits whose case refuses it because timers are paused."""


def run_due(worker: WorkerState, kinds: Sequence[str] = jobs.ALL) -> int:
    """Lease due jobs of some kinds and do each, or leave it to a thread of calls; gives their
    number.

    While the clock is not to be trusted, only calls of handlers are done; in a restored copy that
    nobody has confirmed, nothing is.
    """
    now, room = worker.clock.now(), worker.room
    if room <= 0:
        kinds = [kind for kind in kinds if kind != jobs.CALL]
    with worker.database.transaction() as tx:
        at_hand = tx.read(
            *installation_values.reads_of(clock_guard.ASKED_WHY), jobs.read_of_levels(now)
        )
        why = clock_guard.why_paused(at_hand)
        if why == clock_guard.RESTORED:
            return 0
        kinds = (jobs.CALL,) if why else kinds
        limit = room if room > 0 else BATCH
        leased = jobs.lease(
            tx,
            now=now,
            who=worker.name,
            seconds=worker.lease_seconds,
            limit=limit,
            kinds=kinds,
            levels=jobs.due_levels(at_hand, now),
        )
        incidents.record_refused_rows(tx, now)
    worker.has_more = len(leased) == limit or room <= 0
    for job in leased:
        if worker.runs and job.kind == jobs.CALL:
            worker.to_call.put(job)
        else:
            run_leased(worker, job)
    return len(leased)


def run_leased(worker: WorkerState, job: jobs.Job) -> int:
    """Do one job that this worker has leased; gives 1."""
    worker.beat()
    fault_points.hit("k1")
    run_job(worker, job)
    return 1


def run_job(worker: WorkerState, job: jobs.Job) -> None:
    """Do one job. Whatever goes wrong is its own failed try, so that the others go on."""
    begun = begin_again(worker, job) if job.error else job
    if begun is None:
        return
    job = begun
    try:
        if job.kind == jobs.CALL:
            _call_handler(worker, job)
        elif job.kind == jobs.REFERRAL:
            _finish(worker, job, partial(referral_answers.lapse, job_key=job.key))
        elif keep_lease(worker, job):
            fault_points.hit("k2")
            _finish(worker, job, partial(fire_timer, job_key=job.key))
    except Busy:
        raise
    except Exception as e:  # noqa: BLE001 - one case must not stop the others; the kind of fault is kept, never a value
        _fail(worker, job, e, type(e).__name__)


def _fail(worker: WorkerState, job: jobs.Job, fault: Exception, error: str) -> None:
    """Log where a job failed, and note the try."""
    described = logs.described(fault)
    log.warning("job_failed", job=job.key, topic=job.topic, case=job.case_id, **described)
    record_failure(worker, job, error, worker.clock.now())


def record_failure(worker: WorkerState, job: jobs.Job, error: str, now: datetime) -> None:
    """Note a failed try; after the last one an incident opens."""
    with worker.database.transaction() as tx:
        if incidents.record_failed_try(tx, worker.services, job=job, error=error, now=now):
            log.error("job_gave_up", job=job.key, topic=job.topic)


def begin_again(worker: WorkerState, job: jobs.Job) -> jobs.Job | None:
    """Count a further try before it begins, so that it counts even if the process dies in it.

    Returns:
        The job with a longer lease; None when the lease was lost, or when the job has had its tries
        and becomes an incident.
    """
    if job.tries >= worker.services.tries:
        record_failure(worker, job, job.error, worker.clock.now())
        return None
    until = worker.lease_end()
    with worker.database.transaction() as tx:
        is_mine = jobs.begin(tx, job, until)
    return replace(job, lease_until=until) if is_mine else None


def keep_lease(worker: WorkerState, job: jobs.Job) -> bool:
    """Whether this worker still has the job.

    One that has waited behind others for longer than `renew_seconds` is leased anew.
    """
    renewal = timedelta(seconds=worker.renew_seconds)
    if job.lease_until is not None and worker.lease_end() - job.lease_until < renewal:
        return True
    return renew_lease(worker, job)


def renew_lease(worker: WorkerState, job: jobs.Job) -> bool:
    """Lease a job for the whole time from now on; False when the lease was lost."""
    with worker.database.transaction() as tx:
        return jobs.keep(tx, job.key, worker.name, worker.lease_end())


def _call_handler(worker: WorkerState, job: jobs.Job) -> None:
    """Call the handler between two transactions, and write what came of it."""
    if (own := OWN_TOPICS.get(job.topic or "")) is not None:
        if keep_lease(worker, job):
            fault_points.hit("k2")
            _finish(worker, job, partial(own, job_key=job.key))
        return
    try:
        with worker.database.transaction(write=False) as tx:
            call, seconds = handler_call.build_call(
                tx, worker.services, job_key=job.key, now=worker.clock.now()
            )
    except TaskClosed:
        return
    except (HandlerFailed, CannotOpen) as e:
        _fail(worker, job, e, str(e))
        return
    if not keep_lease(worker, job):
        return
    fault_points.hit("k2")
    try:
        command = _outcome(worker, job, call, seconds)
    except TaskClosed:
        return
    except HandlerFailed as e:
        _fail(worker, job, e, str(e))
        return
    _finish(worker, job, command)


def _outcome(worker: WorkerState, job: jobs.Job, call: Call, seconds: int) -> JobCommand[object]:
    """Call the handler; gives the command that writes its answer, or its BPMN error.

    The lease is renewed for as long as the call goes on. So a lease is short, however long the work
    may take: when this process dies, it ends soon.

    Raises:
        HandlerFailed: there is neither, or a paper that it asks for cannot be made.
    """

    def renew() -> None:
        worker.safely(lambda: renew_lease(worker, job), "")
        worker.safely(worker.beat, "")

    try:
        given = worker.handlers.ask(call, seconds, Meanwhile(worker.renew_seconds, renew))
    except BusinessError as e:
        return partial(fail_call, job_key=job.key, code=e.code)
    fault_points.hit("k3")
    return partial(answer_call, job_key=job.key, answer=given, made=made_papers(worker, job, given))


def made_papers(worker: WorkerState, job: jobs.Job, answer: Answer) -> tuple[HandlerPaper, ...]:
    """The papers of an answer, with their content.

    Raises:
        TaskClosed: the job is gone.
        HandlerFailed: a paper may not be made, or its template does not work.
    """
    if not answer.papers:
        return ()
    now = worker.clock.now()
    with worker.database.transaction(write=False) as tx:
        composed = compose_papers(
            tx, worker.services, job_key=job.key, papers=answer.papers, now=now
        )
    made = []
    for paper in composed:
        try:
            content = worker.compilers.compile(paper.source, paper.data, at=now)
        except PaperFailed as e:
            raise HandlerFailed(f"no paper comes of {paper.template}: {e.facts['why']}") from e
        made.append(replace(paper, content=content))
    return tuple(made)


def _finish(worker: WorkerState, job: jobs.Job, command: JobCommand[object]) -> None:
    """Run the command of a job, at this moment, in a unit of work of its own."""
    now = worker.clock.now()
    try:
        submit_job(
            worker.database, worker.services, command, job_key=job.key, now=now, worker=worker
        )
    except (TaskClosed, CaseEnded):
        log.info("work_was_gone", job=job.key)
    except NotDue:
        log.info("moment_moved", job=job.key)
    except TimersPaused:
        with worker.database.transaction() as tx:
            jobs.wait(tx, job, at=now + CLOCK_WAIT)
    except EngineStopped as e:
        log.error("engine_stopped", job=job.key, case=job.case_id, **logs.described(e))  # noqa: TRY400 - a traceback would hold values
    except HandlerFailed as e:
        _fail(worker, job, e, f"{type(e).__name__}: {e}")
    except (CaseMoved, Busy, CannotOpen) as e:
        _fail(worker, job, e, type(e).__name__)
