"""The unit of work: one transaction for one piece of work, in web, worker, demo and command line.

Timers that were due before it are fired first, each in a transaction of its own. A transaction that
lost a race is tried again. A stop of the engine becomes an incident.
"""

from __future__ import annotations

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Final, Protocol, TypeVar

from service import fault_points
from service.casework import clock_guard
from service.casework.commands.job_commands import fire_timer
from service.casework.incidents import record_engine_stop
from service.errors import (
    Busy,
    CaseMoved,
    DueFirst,
    EngineStopped,
    NotDue,
    TaskClosed,
    TrestegError,
)
from service.records.context import Services
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.drivers.worker_lease import WorkerLease
from service.store.transaction import MustWrite, Tx

Result = TypeVar("Result")
CHANNEL = "tresteg_work"
"""Where worker processes hear on PostgreSQL that something was committed."""
PROCESS = secrets.token_hex(4)
"""What this process calls itself there: its own worker is woken without it."""
LOST = 0.005
"""Backoff after a lost race, in seconds: the second try waits a random time up to this, and the
bound grows by as much with each further try."""
_AUDIT_GUARD = "tripwire"
"""Kind of the stop after which a turn is tried once more."""
DUE_SECONDS = 20.0
"""How long somebody waits for timers that are fired first. Then she is asked to send again: what
she typed is kept, and so is every timer that has fired."""


class Again(Enum):
    """Reasons for which work is done once more from the beginning: nothing of it was written."""

    BUSY = "the database did not answer in time"
    RACE = "somebody was faster with what it read"
    GUARD = "the audit guard stopped its turn, which reads the case anew then"
    DUE_FIRST = "a timer of its case is due first; it has fired meanwhile"
    MUST_WRITE = "a page changes more than the read log; it is done in a transaction that writes"


MOST: Final[Mapping[Again, int]] = {
    Again.BUSY: 3,
    Again.RACE: 12,
    Again.GUARD: 2,
    Again.DUE_FIRST: 2_000,
    Again.MUST_WRITE: 2,
}
"""How often a piece of work is begun at most, for each reason.

It may lose many races while workers drain timers of the same case; a person whose task somebody
else has completed hears so at her next try. More timers that are due first are a fault of the
diagram: rounds that are made up one by one are at most a thousand.
"""


def reason_for(fault: TrestegError) -> Again | None:
    """Why work that failed so is done once more; None where it is not."""
    # with facts a lost race says what is in the way, which another try would find again
    if isinstance(fault, Busy):
        return Again.BUSY
    if isinstance(fault, CaseMoved):
        return None if fault.facts.get("clashes") else Again.RACE
    if isinstance(fault, DueFirst):
        return Again.DUE_FIRST
    if isinstance(fault, EngineStopped) and fault.kind == _AUDIT_GUARD:
        return Again.GUARD
    return None


@dataclass
class _Tries:
    """How often one piece of work was begun in vain, for each reason."""

    lost: Counter[Again] = field(default_factory=Counter)
    begun: float = field(default_factory=time.monotonic)

    def again(self, fault: TrestegError) -> Again:
        """Why to begin once more; waits a little after a lost race.

        Raises:
            Busy: timers that are due first take too long.
            EngineStopped: they never end.
            The fault, where no other try may help.
        """
        why = reason_for(fault)
        if why is None:
            raise fault
        self.lost[why] += 1
        if self.lost[why] >= MOST[why]:
            if why is Again.DUE_FIRST:
                raise EngineStopped("steps", "", "deadlines never cease to be due") from fault
            raise fault
        if why is Again.DUE_FIRST and time.monotonic() - self.begun > DUE_SECONDS:
            said = "timers of this case are still being fired; nothing was saved"
            raise Busy(said) from fault
        if why in (Again.BUSY, Again.RACE):
            races = self.lost[Again.RACE]
            time.sleep(random.uniform(0, LOST * races))  # noqa: S311 - nobody gains from a guess
        return why


class LocalWorker(Protocol):
    """The worker of this process, as a unit of work sees it."""

    def offer(self) -> WorkerLease | None:
        """Give a lease for the work that a transaction makes; None when the worker takes none."""
        ...

    def begin(self, lease: WorkerLease) -> object:
        """Begin the work of a lease that `offer` gave, once it is committed."""
        ...

    def wake(self) -> object:
        """Wake the worker: there is work that it finds when it looks."""
        ...


def run(
    database: Database,
    services: Services,
    work: Callable[[Tx], Result],
    *,
    now: datetime,
    job_key: str = "",
    worker: LocalWorker | None = None,
) -> Result:
    """Run work in a transaction of its own, and commit it.

    Args:
        work: is handed the transaction; may be run again from the beginning (`Again`), so it keeps
            nothing of its own between runs.
        job_key: the job that led here, so that a stop of the engine can rest it.
        worker: of this process, which is handed what it can do after the commit, or woken.
    Raises:
        ClockJumped: a timer is due first, and firing is paused.
        Busy: the database did not answer in time, or timers that are due first take too long.
        Otherwise whatever the work raises; nothing of it has been written then.
        After EngineStopped there is an incident.
    """
    tries = _Tries()
    while True:
        try:
            return _commit(database, work, announce=True, worker=worker)
        except (Busy, CaseMoved, DueFirst, EngineStopped) as fault:
            try:
                why = tries.again(fault)
            except EngineStopped as stop:
                _open_incident(database, stop, job_key, now)
                raise
            if why is Again.DUE_FIRST and isinstance(fault, DueFirst):
                _fire_oldest_timer(database, services, fault, now)


def read_and_log(database: Database, work: Callable[[Tx], Result]) -> Result:
    """Read a page, and write who reads it before it is sent.

    So nobody is sent what the read log does not name. The page is read first, without a lock, and
    the entry is written at the end. Where reading changes more, such as a receipt, all of it is
    done once more in a transaction that writes from the beginning (`Again.MUST_WRITE`). Nothing of
    it is for the worker. Tried again when it lost a race.
    """
    tries = _Tries()
    while True:
        try:
            with database.transaction(reads_first=True) as tx:
                return work(tx)
        except MustWrite:
            return write(database, work)
        except (Busy, CaseMoved) as fault:
            tries.again(fault)


def write(database: Database, work: Callable[[Tx], Result]) -> Result:
    """Change what is not for the worker, in one transaction; tried again when it lost a race."""
    tries = _Tries()
    while True:
        try:
            return _commit(database, work)
        except (Busy, CaseMoved, EngineStopped) as fault:
            tries.again(fault)


def _commit(
    database: Database,
    work: Callable[[Tx], Result],
    *,
    announce: bool = False,
    worker: LocalWorker | None = None,
) -> Result:
    """Run work and commit."""
    with database.transaction(grouped=True) as tx:
        if announce:
            fault_points.hit("w1")
        tx.changes.lease = worker.offer() if worker is not None else None
        result = work(tx)
        if announce:
            tell_worker(tx, worker)
        return result  # leaving the block commits, and then wakes the worker


def tell_worker(tx: Tx, worker: LocalWorker | None) -> None:
    """Have the worker of this process do what was leased for it, after the commit; for what else
    may be done now any worker is woken, those of other processes by a notification on PostgreSQL.
    """
    lease = tx.changes.lease
    if worker is not None and lease is not None and (lease.calls or lease.letters):
        tx.after_commit(partial(worker.begin, lease))
    if tx.changes.has_work:
        tx.notify(CHANNEL, PROCESS)
        if worker is not None:
            tx.after_commit(worker.wake)


def _fire_oldest_timer(
    database: Database, services: Services, first: DueFirst, now: datetime
) -> None:
    """Fire the oldest due timer as a fact of its own: it stays, whatever becomes of the work that
    waited for it. A worker may fire the same timer at this moment: then there is nothing to do.
    """
    key = f"{first.facts['case']}:{first.ids[0]}"

    def fire(tx: Tx) -> None:
        clock_guard.refuse_when_paused(tx)
        fire_timer(tx, services, now=now, job_key=key)

    try:
        write(database.within(WHOLE), fire)
    except (TaskClosed, NotDue):
        return
    except EngineStopped as e:
        _open_incident(database, e, key, now)
        raise


def _open_incident(database: Database, stop: EngineStopped, job_key: str, now: datetime) -> None:
    case_id = str(stop.facts.get("case", ""))
    if case_id:
        with database.within(WHOLE).transaction() as tx:
            record_engine_stop(tx, case_id=case_id, job_key=job_key, stop=stop, now=now)
