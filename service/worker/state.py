"""State of one worker: its program, its name, and until when it leaves the mail server alone."""

from __future__ import annotations

import math
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from queue import SimpleQueue

from service.clock import Clock, ClockReading, wall_clock
from service.engine import TIME_WORKER
from service.mail import MailServer
from service.operations import background, health
from service.operations.sequencer import Sequencer
from service.records.context import Services
from service.sandbox.handler_process import HandlerProcess
from service.sandbox.paper_compilers import SHARED as SHARED_COMPILERS
from service.sandbox.paper_compilers import PaperCompilers
from service.security.checkpoint_folder import CheckpointFolder
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.drivers.worker_lease import WorkerLease
from service.store.transaction import Tx
from service.store.work.jobs import Job
from service.store.work.letters import Letter
from service.worker.part_failures import Failures

BATCH = 10
"""How many jobs or letters are leased at once."""


def new_name() -> str:
    """A name for one worker, as its leases bear it."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


@dataclass
class WorkerState:
    """The program that a worker works for, and what it remembers between two rounds."""

    database: Database
    services: Services
    clock: Clock
    mail: MailServer
    lease_seconds: int = 60
    name: str = field(default_factory=new_name)
    handlers: HandlerProcess = field(default_factory=HandlerProcess)
    providers: HandlerProcess = field(default_factory=HandlerProcess)
    """Runs channels of installed packages, so that one that hangs holds up no handler."""
    compilers: PaperCompilers = SHARED_COMPILERS
    """Compilers of the papers that handlers ask for."""
    woken: threading.Event = field(default_factory=threading.Event)
    letters_woken: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    checkpoints: CheckpointFolder | None = None
    """Where checkpoints of the ledger are kept outside the database."""
    sequencer: Sequencer = field(init=False)
    is_alone: bool = False
    """Whether it has a process of its own, in which nobody wakes it; on SQLite it then looks for
    the commits of others."""
    reminded: datetime | None = None
    """When it last looked for tasks that are due."""
    review_letters_at: datetime | None = None
    """When it last looked for letters of log reviews."""
    glass_letters_at: datetime | None = None
    """When it last looked for letters about cases that somebody tried to open in danger."""
    retention_on: date | None = None
    """The day for which it has listed the cases in which something had fallen due."""
    retention_left: tuple[str, ...] = ()
    """Those of them that it has not run, in order."""
    retention_refused: frozenset[str] = frozenset()
    """Those of them that were refused when it last tried."""
    list_compared_at: datetime | None = None
    """When it last compared the list of erasures with every act."""
    erasures_looked_at: datetime | None = None
    """When it last searched the live files for what was erased."""
    erasures_again: timedelta = timedelta()
    """After what time it does so again."""
    erasures_left: frozenset[str] = frozenset()
    """Ids of acts of which something was there then."""
    mail_paused_until: datetime | None = None
    """Until when it leaves the mail server alone."""
    renew_seconds: float = 0.0
    """Seconds after which the lease of a call that goes on is renewed: a third of it."""
    beaten: float = -math.inf
    """When it last gave a sign of life, in seconds of the steady clock."""
    last_reading: ClockReading | None = None
    """Its last look at the clock."""
    failures: Failures = field(default_factory=Failures)
    loop: int | None = None
    """The thread of its loop, while it goes on by itself."""
    why_paused: str = ""
    """Why timers were paused when it last looked."""
    runs: bool = False
    """Whether it goes on by itself."""
    takes: bool = False
    """Whether it takes the calls and letters that are made in its process: they are leased as they
    are made."""
    to_call: SimpleQueue[Job | None] = field(default_factory=SimpleQueue)
    """Calls that it has leased, until they are begun; None ends the thread that finds it."""
    to_send: deque[Letter] = field(default_factory=deque)
    """Letters that it has leased, until they are sent."""
    outcomes: deque[Callable[[Tx], object]] = field(default_factory=deque)
    """Outcomes of letters that are not written yet."""
    asked: bool = False
    """Whether it was woken to look for work."""
    has_more: bool = False
    """Whether the last round left due work; the next round then begins without waiting."""
    letters_due: bool = False
    """Whether letters may be due that it has not leased."""
    looked: float = -math.inf
    """When it last looked what is due, letters too, in seconds of the steady clock."""

    def __post_init__(self) -> None:
        self.database = self.database.within(WHOLE)
        self.services = replace(self.services, seconds=max(self.services.seconds, TIME_WORKER))
        self.sequencer = Sequencer(self.database, self.services, self.clock, self.checkpoints)
        self.renew_seconds = self.renew_seconds or self.lease_seconds / 3

    def wake(self) -> None:
        """There may be work now: who looks for it finds letters too."""
        self.asked = True
        self.woken.set()

    def offer(self) -> WorkerLease | None:
        """A lease by which a transaction of this process may lease what it makes for this worker.
        None when it takes none; then whoever looks first finds it.

        When this process dies before it is done, the lease ends, and another worker does it.
        """
        if not self.takes or self.stopping.is_set():
            return None
        return WorkerLease(
            self.name,
            self.lease_end(),
            takes_calls=self.room > 0,
            takes_letters=len(self.to_send) < BATCH and self.mail_paused_until is None,
        )

    def begin(self, lease: WorkerLease) -> None:
        """Begin with what was leased for this worker."""
        for call in lease.calls:
            self.to_call.put(call)
        self.to_send.extend(lease.letters)
        if lease.letters:
            self.letters_woken.set()

    @property
    def room(self) -> int:
        """How many more calls it may lease."""
        return BATCH - self.to_call.qsize()

    def beat(self) -> int:
        """Give a sign of life, if the last one is a while ago; gives their number.

        A worker that goes on by itself lives by its loop: no other thread gives the sign for it.
        """
        now = time.monotonic()
        if now - self.beaten < health.BEAT.total_seconds() or self.failures.unsaid:
            return 0
        if self.loop not in (None, threading.get_ident()):
            return 0
        at = wall_clock(self.clock).now()
        with self.database.transaction() as tx:
            health.beat(tx, health.WORKER, now=at)
            background.close_gone(tx, now=at)
        self.beaten = now
        return 1

    def safely(self, work: Callable[[], int], part: str = background.ROUNDS) -> int:
        """Survive whatever a piece of work brings; its leases end by themselves.

        Args:
            part: whose failures are counted, one of `background.PARTS`; "" counts nothing.
        """
        try:
            done = work()
        except Exception as e:  # noqa: BLE001 - a loop that must not end; the kind of fault is logged, never a value
            self.failures.fault(part, e)
            return 0
        self.failures.succeeded(part)
        return done

    def lease_end(self) -> datetime:
        """When a lease ends that begins now."""
        return self.clock.now() + timedelta(seconds=self.lease_seconds)
