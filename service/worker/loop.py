"""The loop of a worker: look what is due, do it, wait.

Everything that a worker has is a lease in the database, so it is safe to kill at any moment. It
wakes at once after a commit and looks by itself every second, so a lost wake-up costs a second.
Letters have a thread of their own, so that a mail server that hangs holds up no timer and no call.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from service.application import unit_of_work
from service.casework import clock_guard, incidents
from service.clock import read_clock, wall_clock
from service.operations import background, housekeeping, postponed_work, reminders, sequencer
from service.store.installation import checkpoints, installation_values
from service.store.transaction import Tx
from service.store.work import batches, jobs, letters
from service.worker.batches import run_portion
from service.worker.erasures import look_after_erasures
from service.worker.glass_letters import send_glass_letters
from service.worker.jobs import run_due, run_leased
from service.worker.letters import give_back, send_due
from service.worker.log_review import begin_due_reviews, send_review_letters
from service.worker.retention import run_retention
from service.worker.state import BATCH, WorkerState

log = structlog.get_logger("worker")
POLL = timedelta(seconds=1)
LAST_LETTER = timedelta(seconds=10)
"""How long the end of a worker waits for the letter in hand; a mail server may hang."""
LAST_NOTIFICATION = timedelta(seconds=1)
"""How long the end of a worker waits for its listener; on SQLite it hears nothing when nobody
commits any more."""
CALLERS = ("calls-0", "calls-1")
"""Threads of calls of handlers: as many go on at the same time. A call mostly waits, for its
process and for the database."""
HELD_UP = 2 * POLL.total_seconds()
"""Seconds after which the thread of letters looks by itself: the other is busy with a long call."""
LISTEN = timedelta(seconds=60)
"""How long the listener waits for one notification before it asks whether to go on."""
REMIND = timedelta(minutes=1)
"""How often it looks for tasks to remind of, and throws away what has had its time."""


@dataclass(frozen=True, slots=True)
class Look:
    """Result of a worker's look for work: which kinds are due, and why timers are paused."""

    now: datetime
    jobs: bool
    letters: bool
    batches: bool
    """Whether jobs, letters and batches are due."""
    why: str
    """Why timers are paused; empty while they fire."""
    entries: int
    """How many entries of the ledger wait for their places."""


@dataclass
class Worker(WorkerState):
    """One worker. `step` does what is due now; `run` goes on until it is stopped."""

    threads: dict[str, threading.Thread] = field(default_factory=dict)
    """Threads that `run` has begun, by name."""

    def stop(self) -> None:
        """Finish the piece of work in hand, then end."""
        self.stopping.set()
        self.wake()
        self.letters_woken.set()

    def run(self) -> None:
        """Work until stopped."""
        self.runs, self.loop = True, threading.get_ident()
        self._begin_threads()
        try:
            while not self.stopping.is_set():
                self.woken.clear()
                self.safely(self._round)
                self._write_failures()
                self._begin_threads()
                if not self.has_more or self.room <= 0:
                    self.woken.wait(POLL.total_seconds())
        finally:
            self.runs = self.takes = False
            callers = [thread for name, thread in self.threads.items() if name in CALLERS]
            for _ in callers:
                self.to_call.put(None)
            for caller in callers:
                caller.join()
            self.handlers.close()
            self.providers.close()
            self.safely(self._give_back)
            if background.LISTENER in self.threads:
                self.threads[background.LISTENER].join(LAST_NOTIFICATION.total_seconds())
            self.threads[background.LETTERS].join(LAST_LETTER.total_seconds())
            self.loop = None
            if self.to_send or self.outcomes:
                self.safely(lambda: give_back(self))

    def step(self) -> int:
        """Do everything that is due at this moment, once; gives how many pieces of work were done.

        Looks without a lock first: idle costs nothing.
        """
        return self._work() + self._letters()

    def _begin_threads(self) -> None:
        """Begin the threads that are not there; one that has ended counts as a failure."""
        works = {background.LETTERS: self._send, **dict.fromkeys(CALLERS, self._call)}
        if self.database.postgres or self.is_alone:
            works[background.LISTENER] = self._listen
        ended = False
        for name, work in works.items():
            before = self.threads.get(name)
            if before is not None and (before.is_alive() or self.stopping.is_set()):
                continue
            if before is not None:
                self.failures.failed(background.THREADS, "thread_ended", {"error": name})
                ended = True
            self.threads[name] = threading.Thread(target=work, name=name, daemon=True)
            self.threads[name].start()
        if not ended:
            self.failures.succeeded(background.THREADS)

    def _write_failures(self) -> None:
        """Write down which parts fail and which are over it; nothing while all is well."""
        if self.failures.parts:
            now = wall_clock(self.clock).now()
            self.failures.write_down(self.database, self.name, now=now)

    def _piece(self, part: str, work: Callable[[], int]) -> int:
        """Do a piece of a round. One that fails holds up no other while the worker goes on by
        itself; whoever asked for a single step gets the fault.
        """
        return self.safely(work, part) if self.runs else work()

    def next_moment(self, tx: Tx) -> datetime | None:
        """When the next job or letter is due; for those who set the clock."""
        moments = [m for m in (jobs.next_moment(tx), letters.next_moment(tx)) if m is not None]
        return min(moments, default=None)

    def timers_and_calls(self) -> int:
        """Do the jobs that are due, at most a batch; gives their number."""
        return run_due(self)

    def send_letters(self) -> int:
        """Send the letters that are due, at most a batch; gives their number."""
        return send_due(self)

    def _work(self) -> int:
        """Do everything but letters that is due now."""
        self.has_more = False
        self.beat()
        look = self._look()
        self._log_pause(look.why)
        is_held = look.why == clock_guard.RESTORED
        self.takes = self.runs and not is_held
        if is_held:
            return 0
        done = 0
        if look.letters:
            self._look_for_letters()
        if look.jobs:
            done = self._piece(background.JOBS, self.timers_and_calls)
        if not look.why and self._is_time_to_remind(look.now):
            done += self._piece(background.REMINDERS, partial(self._remind, look.now))
            done += self._piece(background.LOG_REVIEW, partial(begin_due_reviews, self, look.now))
            done += self._piece(background.RETENTION, partial(run_retention, self, look.now))
            done += self._piece(background.ERASURES, partial(look_after_erasures, self, look.now))
            self._look_for_letters()
        if look.batches:
            portion = self._piece(background.BATCHES, partial(run_portion, self, busy=done > 0))
            done += portion
            self.has_more |= portion > 0
        if self.sequencer.is_due(look.entries):
            self._piece("", self._sequence)
        return done

    def _sequence(self) -> int:
        """Give new ledger entries their places; what stands in the way of some is a failure."""
        done = self.sequencer.run()
        if complaint := self.sequencer.complaint:
            said = {"error": complaint, "where": self.sequencer.where}
            self.failures.failed(background.SEQUENCER, "not_sequenced", said)
        else:
            self.failures.succeeded(background.SEQUENCER)
        return done

    def _round(self) -> int:
        """Look for work: for calls alone when the worker was just woken, since a wake-up is nearly
        always for a call; for everything when there are none, or the last look is a while ago.
        """
        is_fresh = time.monotonic() - self.looked < POLL.total_seconds()
        asked, self.asked = self.asked, False
        calls = partial(run_due, self, kinds=(jobs.CALL,))
        return (self._piece(background.JOBS, calls) if asked and is_fresh else 0) or self._work()

    def _call(self) -> None:
        """Do the calls that it has leased, until it is stopped. What is left then is given back."""
        while (job := self.to_call.get()) is not None and not self.stopping.is_set():
            self.safely(partial(run_leased, self, job), background.CALLS)
            if self.has_more and self.to_call.empty():
                self.woken.set()

    def _letters(self) -> int:
        """Send what is due now; nothing from a restored copy that nobody has confirmed.

        Those that came of this worker's own jobs are in its hands; others are looked for where
        they may be due.
        """
        own = self.send_letters() if self.to_send or self.outcomes else 0
        if own and not self.letters_due:
            return own
        self.letters_due = False
        with self.database.transaction(write=False) as tx:
            held = clock_guard.why_paused(tx) == clock_guard.RESTORED
            moment = None if held else letters.next_moment(tx)
        now = self.clock.now()
        sent = own + (self.send_letters() if moment is not None and moment <= now else 0)
        if held:
            return sent
        return sent + send_review_letters(self, now) + send_glass_letters(self, now)

    def _look_for_letters(self) -> None:
        """Have the thread of letters look for some that are due."""
        self.letters_due = True
        self.letters_woken.set()

    def _send(self) -> None:
        """Send letters until stopped."""
        while not self.stopping.is_set():
            self.letters_woken.clear()
            if self.safely(self._letters, background.LETTERS) < BATCH:
                self._wait_for_letters()

    def _wait_for_letters(self) -> None:
        """Wait until woken, or until the other thread, which looks for letters too, is held up."""
        while not self.letters_woken.wait(POLL.total_seconds()):
            if self.to_send or self.outcomes or time.monotonic() - self.looked > HELD_UP:
                self.letters_due = True
                return

    def _look(self) -> Look:
        """Look what is due, in one round trip."""
        reading = read_clock(self.clock)
        now = reading.at
        jumped = None
        with self.database.transaction(write=False) as tx:
            at_hand = tx.read(
                (jobs.NEXT, {}),
                (letters.NEXT, {}),
                (batches.NEXT, {"now": now}),
                (checkpoints.SOME, {"limit": sequencer.ENOUGH}),
                *installation_values.reads_of(clock_guard.ASKED),
                last=True,
            )
        job = jobs.next_moment(at_hand)
        letter = letters.next_moment(at_hand)
        why = clock_guard.why_paused(at_hand)
        batch = batches.waiting(at_hand, now=now)
        entries = checkpoints.count_waiting(at_hand, limit=sequencer.ENOUGH)
        if wall_clock(self.clock) is self.clock:  # a demo's clock is there to be moved
            moved = reading.moved(self.last_reading)
            jumped = clock_guard.measure_jump(at_hand, now=now, moved=moved)
        if jumped and not why:
            self._pause(now, jumped)
        self.last_reading, self.looked = reading, time.monotonic()
        return Look(
            now,
            jobs=job is not None and job <= now,
            letters=letter is not None and letter <= now,
            batches=batch is not None,
            why=why or (clock_guard.CLOCK if jumped else ""),
            entries=entries,
        )

    def _log_pause(self, why: str) -> None:
        """Log once that timers are paused and why, and once that they fire again."""
        if why != self.why_paused:
            self.why_paused = why
            if why:
                log.warning("timers_paused", error=why)
            else:
                log.warning("timers_fire")

    def _pause(self, now: datetime, jumped: timedelta) -> None:
        """Note that the clock jumped: nothing fires until an operator has confirmed it."""
        with self.database.transaction() as tx:
            if clock_guard.pause(tx, now=now, by=jumped):
                log.error("clock_jumped", seconds=int(jumped.total_seconds()))

    def _is_time_to_remind(self, now: datetime) -> bool:
        return self.reminded is None or not self.reminded <= now < self.reminded + REMIND

    def _remind(self, now: datetime) -> int:
        """Queue reminders and sweep what has had its time; gives the number of reminders."""
        self.reminded = now
        with self.database.transaction() as tx:
            queued = reminders.queue_reminders(tx, self.services, now=now)
            housekeeping.sweep_expired(tx, now=wall_clock(self.clock).now())
            housekeeping.drop_unsent(tx, self.services, now=now)
            housekeeping.expire_approvals(tx, self.services, now=now)
            housekeeping.sweep_batches(tx, now=now)
            housekeeping.sweep_draft_states(tx, now=now)
            incidents.record_refused_rows(tx, now)
            clock_guard.record_worker_moment(tx, now=now)
        with self.database.transaction() as tx:
            postponed_work.make_due(tx, now=now)
        with self.database.transaction() as tx:
            housekeeping.sweep_lists(tx, now=now)
        return queued

    def _listen(self) -> None:
        """Wake at once when another process commits something for a worker.

        On SQLite that is any commit, so a worker that shares its process with who wakes it does not
        listen there. A lost connection costs a second a try.
        """
        while not self.stopping.is_set():
            self.safely(self._hear, background.LISTENER)
            self.stopping.wait(POLL.total_seconds())

    def _hear(self) -> int:
        """Listen until nothing comes for a while; gives how often it was woken."""
        woken = 0
        for process in self.database.listen(unit_of_work.CHANNEL, LISTEN.total_seconds()):
            self.failures.succeeded(background.LISTENER)
            if process != unit_of_work.PROCESS:
                self.wake()
                woken += 1
            if self.stopping.is_set():
                break
        return woken

    def _give_back(self) -> int:
        """End all leases; the notification also ends the wait of this worker's own listener."""
        with self.database.transaction() as tx:
            tx.notify(unit_of_work.CHANNEL)
            batches.give_back(tx, self.name)
            return jobs.give_back(tx, self.name, at=self.clock.now())
