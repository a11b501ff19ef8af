"""The worker: due timers, handler calls and letters.

Leased, tried again with patience, an incident after the last try; safe to kill at any moment.

Everything it holds is a lease in the database. It wakes at once after a commit and looks by itself
every second, so a lost wake-up costs a second.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from service import fault_points
from service.actions.commands import handler_call
from service.actions.commands.command import JobCommand
from service.actions.commands.job_commands import AnswerCall, FailCall, FireTimer
from service.actions.context import Services
from service.actions.operations import (
    clock_guard,
    housekeeping,
    incidents,
    mail_delivery,
    reminders,
)
from service.actions.referrals.referral_commands import LapseReferral
from service.application import unit_of_work
from service.application.submit import submit_job
from service.binding import Answer, BusinessError
from service.clock import Clock, ClockReading, read_clock, wall_clock
from service.engine import TIME_WORKER
from service.errors import (
    Busy,
    CannotOpen,
    CaseEnded,
    CaseMoved,
    ClockJumped,
    EngineStopped,
    HandlerFailed,
    MailRefused,
    NotDue,
    TaskClosed,
)
from service.mail import MailServer, send
from service.sandbox.handlers import HandlerProcess
from service.store.database import Database
from service.store.transaction import Tx
from service.store.work import jobs, letters

log = structlog.get_logger("worker")
POLL = timedelta(seconds=1)
EAR = timedelta(seconds=60)
"""How long the ear waits for one word before it asks whether to go on."""
REMIND = timedelta(minutes=1)
"""How often it looks for tasks to remind of, and throws away what has had its time."""
BATCH = 10
LETTER_TRIES = 8
"""Refusals of one letter before it rests and an incident opens: some nine hours.

Minutes in which no mail server could be reached do not count.
"""
MAIL_RESTS = timedelta(minutes=1)
"""So long nothing is sent after the mail server could not be reached, and timers and calls go on.
"""


def new_name() -> str:
    """A name for one worker, as its leases bear it."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


@dataclass
class Worker:
    """One worker. `step` does what is due now; `run` goes on until it is told to stop."""

    database: Database
    services: Services
    clock: Clock
    mail: MailServer
    lease_seconds: int = 60
    name: str = field(default_factory=new_name)
    handlers: HandlerProcess = field(default_factory=HandlerProcess)
    woken: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    reminded: datetime | None = None
    """When it last looked for tasks that are due."""
    mail_rests: datetime | None = None
    """Until when it leaves the mail server alone."""
    beat: float = 0.0
    """Seconds after which the lease of a call that goes on is renewed: a third of it."""
    looked: ClockReading | None = None
    """Its last look at the clock."""

    def __post_init__(self) -> None:
        self.services = replace(self.services, seconds=max(self.services.seconds, TIME_WORKER))
        self.beat = self.beat or self.lease_seconds / 3

    def wake(self) -> None:
        """There may be work now."""
        self.woken.set()

    def stop(self) -> None:
        """Finish the piece of work in hand, then end."""
        self.stopping.set()
        self.woken.set()

    def run(self) -> None:
        """Work until stopped."""
        ear = threading.Thread(target=self._hear, name="ear", daemon=True)
        ear.start()
        try:
            while not self.stopping.is_set():
                self.woken.clear()
                if not self._safely(self.step):
                    self.woken.wait(POLL.total_seconds())
        finally:
            self.handlers.close()
            self._safely(self._give_back)
            ear.join(POLL.total_seconds())

    def _hear(self) -> None:
        """Wake at once when another process commits; on SQLite there is nothing to hear, and a lost
        connection costs a second a try.
        """
        while not self.stopping.is_set():
            try:
                for _ in self.database.listen(unit_of_work.CHANNEL, EAR.total_seconds()):
                    self.wake()
                    if self.stopping.is_set():
                        return
            except Busy:
                log.info("listening_again")
            if self.stopping.wait(POLL.total_seconds()) or not self.database.postgres:
                return

    def _safely(self, work: Callable[[], int]) -> int:
        """A worker survives whatever one round brings; what it held comes free when its lease ends."""
        try:
            return work()
        except Busy:
            return 0
        except Exception as e:
            log.error("round_failed", error=type(e).__name__)  # a traceback would hold values
            return 0

    def _give_back(self) -> int:
        """What it holds is free at once; the word of it is also what its own ear hears last."""
        with self.database.transaction() as tx:
            tx.notify(unit_of_work.CHANNEL)
            return jobs.give_back(tx, self.name, at=self.clock.now())

    def step(self) -> int:
        """Do everything that is due at this moment, once; gives how many pieces of work were done.

        Looks without a lock first: idle costs nothing.
        """
        looked = read_clock(self.clock)
        now = looked.at
        with self.database.transaction(write=False) as tx:
            moment = self.next_moment(tx)
            paused = clock_guard.paused(tx)
            jumped = (
                clock_guard.measure_jump(tx, now=now, moved=looked.moved(self.looked))
                if wall_clock(self.clock) is self.clock
                else None
            )
        if jumped and not paused:
            paused = self._pause(now, jumped)
        self.looked = looked
        done = 0
        if moment is not None and moment <= now:
            done = self.timers_and_calls() + self.post()
        if not paused and (
            self.reminded is None or not self.reminded <= now < self.reminded + REMIND
        ):
            self.reminded = now
            with self.database.transaction() as tx:
                done += reminders.queue_reminders(tx, self.services, now=now)
                housekeeping.sweep_expired(tx, now=wall_clock(self.clock).now())
                housekeeping.drop_unsent(tx, self.services, now=now)
                clock_guard.record_worker_moment(tx, now=now)
        return done

    def _pause(self, now: datetime, jumped: timedelta) -> bool:
        """The clock was set: nothing fires until an operator has confirmed it."""
        with self.database.transaction() as tx:
            if clock_guard.pause(tx, now=now, by=jumped):
                log.error("clock_jumped", seconds=int(jumped.total_seconds()))
        return True

    def next_moment(self, tx: Tx) -> datetime | None:
        """When the next job or letter is due; for those who set the clock."""
        moments = [m for m in (jobs.next_moment(tx), letters.next_moment(tx)) if m is not None]
        return min(moments, default=None)

    def timers_and_calls(self) -> int:
        """Lease due jobs, and do each between two transactions of its own; while the clock is not
        to be trusted, only calls.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            kinds = (jobs.CALL,) if clock_guard.paused(tx) else jobs.ALL
            leased = jobs.lease(
                tx, now=now, who=self.name, seconds=self.lease_seconds, limit=BATCH, kinds=kinds
            )
        for job in leased:
            fault_points.hit("k1")
            self._job(job)
        return len(leased)

    def _job(self, job: jobs.Job) -> None:
        """One job. Whatever goes wrong with it is its own failed try, so that the others go on."""
        if job.tries > self.services.tries:
            self._tried(job, job.error or "the worker ended while it was at it", self.clock.now())
            return
        try:
            if job.kind == "timer":
                self._timer(job)
            elif job.kind == jobs.REFERRAL:
                now = self.clock.now()
                self._finish(job, now, LapseReferral(job.key))
            else:
                self._call(job)
        except Busy:
            raise
        except Exception as e:
            self._tried(job, type(e).__name__, self.clock.now())

    def _timer(self, job: jobs.Job) -> None:
        if not self._keeps(job):
            return
        fault_points.hit("k2")
        now = self.clock.now()
        self._finish(
            job,
            now,
            FireTimer(job.key),
        )

    def _call(self, job: jobs.Job) -> None:
        """Run the handler between two transactions; a crash in between repeats the call with the
        same key.
        """
        try:
            with self.database.transaction(write=False) as tx:
                call, seconds = handler_call.build_call(
                    tx, self.services, job_key=job.key, now=self.clock.now()
                )
        except TaskClosed:
            return
        except (HandlerFailed, CannotOpen) as e:
            self._tried(job, str(e), self.clock.now())
            return
        if not self._keeps(job):
            return
        command: JobCommand[object]
        fault_points.hit("k2")
        try:
            with self._holding(job):
                answered = self.handlers.ask(call, seconds)
            fault_points.hit("k3")
            command = AnswerCall(job.key, Answer(answered.values, answered.letters))
        except BusinessError as e:
            command = FailCall(job.key, e.code)
        except HandlerFailed as e:
            self._tried(job, str(e), self.clock.now())
            return
        now = self.clock.now()
        self._finish(job, now, command)

    def _finish(self, job: jobs.Job, now: datetime, command: JobCommand[object]) -> None:
        try:
            submit_job(
                self.database, self.services, command, job_key=job.key, now=now, wake=self.wake
            )
        except (TaskClosed, CaseEnded):
            log.info("work_was_gone", job=job.key)
        except NotDue:
            log.info("moment_moved", job=job.key)
        except ClockJumped:
            with self.database.transaction() as tx:
                jobs.wait(tx, job.key, self.name, at=now + REMIND)
        except EngineStopped as e:
            log.error("engine_stopped", job=job.key, error=e.kind)  # same
        except (CaseMoved, Busy, HandlerFailed, CannotOpen) as e:
            self._tried(
                job,
                f"{type(e).__name__}: {e}" if isinstance(e, HandlerFailed) else type(e).__name__,
                now,
            )

    def _tried(self, job: jobs.Job, error: str, now: datetime) -> None:
        with self.database.transaction() as tx:
            if incidents.record_failed_try(tx, self.services, job=job, error=error, now=now):
                log.error("job_gave_up", job=job.key, topic=job.topic)

    def _keeps(self, job: jobs.Job) -> bool:
        """Whether this worker still holds the job; one that has waited behind others for more than
        a beat is leased anew while it is ours.
        """
        until = self.clock.now() + timedelta(seconds=self.lease_seconds)
        if job.lease_until is not None and until - job.lease_until < timedelta(seconds=self.beat):
            return True
        return self._renew(job)

    def _renew(self, job: jobs.Job) -> bool:
        """Hold a lease for its whole time from now on; False when it was lost."""
        with self.database.transaction() as tx:
            return jobs.keep(
                tx, job.key, self.name, self.clock.now() + timedelta(seconds=self.lease_seconds)
            )

    @contextmanager
    def _holding(self, job: jobs.Job) -> Iterator[None]:
        """Renew a job's lease again and again for as long as its work goes on: when this process
        dies, the lease ends soon, however long the work may take.
        """
        done = threading.Event()

        def beat() -> None:
            while not done.wait(self.beat):
                self._safely(lambda: self._renew(job))

        heart = threading.Thread(target=beat, name="heart", daemon=True)
        heart.start()
        try:
            yield
        finally:
            done.set()
            heart.join()

    def post(self) -> int:
        """Send what waits in the outbox.

        A mail server that is down keeps letters waiting, and nothing else.
        """
        now = self.clock.now()
        if self.mail_rests is not None and now < self.mail_rests:
            return 0
        self.mail_rests = None
        with self.database.transaction() as tx:
            leased = letters.lease(
                tx, now=now, who=self.name, seconds=self.lease_seconds, limit=BATCH
            )
        for letter in leased:
            fault_points.hit("l1")
            self._letter(letter)
        return len(leased)

    def _letter(self, letter: letters.Letter) -> None:
        """One letter.

        What goes wrong with it is its own failed try; a server that cannot be reached is nobody's.
        """
        now = self.clock.now()
        if self.mail_rests is not None:
            self._letter_waits(letter, "the mail server could not be reached")
            return
        try:
            with self.database.transaction() as tx:
                if not letters.keep(
                    tx, letter.key, self.name, now + timedelta(seconds=self.lease_seconds)
                ):
                    return
                post = mail_delivery.prepare_mail(
                    tx, self.services, letter=letter, who=self.name, now=now
                )
            if post is None:
                return
            fault_points.hit("l2")
            send(post, self.mail)
            fault_points.hit("l3")
        except MailRefused as e:
            if e.facts["hangs"] or not e.facts["reached"]:
                self.mail_rests = self.clock.now() + MAIL_RESTS
            (self._letter_tried if e.facts["reached"] else self._letter_waits)(letter, str(e))
            return
        except Busy:
            raise
        except Exception as e:
            self._letter_tried(letter, type(e).__name__)
            return
        with self.database.transaction() as tx:
            mail_delivery.record_sent(tx, letter=letter, who=self.name, now=self.clock.now())

    def _letter_waits(self, letter: letters.Letter, error: str) -> None:
        with self.database.transaction() as tx:
            letters.wait(
                tx, letter.key, self.name, at=self.mail_rests or self.clock.now(), error=error
            )

    def _letter_tried(self, letter: letters.Letter, error: str) -> None:
        now = self.clock.now()
        with self.database.transaction() as tx:
            if letter.tries < LETTER_TRIES:
                letters.retry(
                    tx,
                    letter.key,
                    self.name,
                    at=now + incidents.retry_delay(letter.tries),
                    error=error,
                )
            else:
                mail_delivery.give_up(tx, letter=letter, who=self.name, error=error, now=now)
                log.error("letter_gave_up", job=letter.key)
