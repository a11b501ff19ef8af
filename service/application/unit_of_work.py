"""How every door moves a case: one transaction for one verb; what was due before it is fired first;
a stop of the engine becomes an incident.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from service import fault_points
from service.actions.commands import case_commands
from service.actions.context import Services
from service.actions.operations import clock_guard, incidents
from service.errors import Busy, CaseMoved, DueFirst, EngineStopped
from service.store.database import Database
from service.store.transaction import Tx

Brought = TypeVar("Brought")
CHANNEL = "tresteg_work"
"""Where worker processes hear on PostgreSQL that something was committed."""
TRIES = 3
_TRIPWIRE = "tripwire"
DUE_MOST = 200
"""Timers that may have to be fired before one act; more is a fault of the diagram."""


def run(
    database: Database,
    services: Services,
    verb: Callable[[Tx], Brought],
    *,
    now: datetime,
    job_key: str = "",
    wake: Callable[[], object] | None = None,
) -> Brought:
    """Run a verb in a transaction of its own.

    Args:
        verb: handed the transaction; may be run again from the beginning when it lost a race, so it
            keeps nothing of its own between runs.
        job_key: the job that led here, so that a stop of the engine can rest it.
        wake: told after the commit that there may be work for the worker.
    Raises:
        ClockJumped: a timer is due first, and firing is paused.
        Otherwise whatever the verb raises; nothing of it has been written then.
        After EngineStopped there is an incident; a touched tripwire is tried once more first.
    """
    lost, fired = 0, 0
    while True:
        try:
            return _twice(database, _announced(verb, wake))
        except DueFirst as e:
            fired += len(e.ids)
            if fired > DUE_MOST:
                raise EngineStopped("steps", "", "deadlines never cease to be due") from e
            _fire(database, services, e, now)
        except (Busy, CaseMoved):
            lost += 1
            if lost == TRIES:
                raise
        except EngineStopped as e:
            _note(database, e, job_key, now)
            raise


def _announced(
    verb: Callable[[Tx], Brought], wake: Callable[[], object] | None
) -> Callable[[Tx], Brought]:
    """The verb, and word of it after the commit."""

    def act(tx: Tx) -> Brought:
        if wake is not None:
            tx.after_commit(wake)
        tx.notify(CHANNEL)
        fault_points.hit("w1")
        return verb(tx)

    return act


def _fire(database: Database, services: Services, first: DueFirst, now: datetime) -> None:
    """Fire the oldest due timer as a fact of its own, in a transaction of its own: it stands
    whatever becomes of the act that waited for it.
    """
    key = f"{first.facts['case']}:{first.ids[0]}"

    def fire(tx: Tx) -> None:
        clock_guard.refuse_when_paused(tx)
        case_commands.fire_timer(tx, services, job_key=key, now=now)

    try:
        _twice(database, fire)
    except EngineStopped as e:
        _note(database, e, key, now)
        raise


def _twice(database: Database, verb: Callable[[Tx], Brought]) -> Brought:
    """Run a verb, and once more if the tripwire was touched: nothing of that turn is left, so the
    next begins with a case that is read anew.
    """
    try:
        with database.transaction() as tx:
            return verb(tx)
    except EngineStopped as e:
        if e.kind != _TRIPWIRE:
            raise
        with database.transaction() as tx:
            return verb(tx)


def _note(database: Database, stop: EngineStopped, job_key: str, now: datetime) -> None:
    case_id = str(stop.facts.get("case", ""))
    if case_id:
        with database.transaction() as tx:
            incidents.record_engine_stop(tx, case_id=case_id, job_key=job_key, stop=stop, now=now)
