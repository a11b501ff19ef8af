"""The retention plan in the background: once a day the worker erases what has fallen due."""

from __future__ import annotations

from datetime import datetime

import structlog

from service.casework.retention import due_runs
from service.worker.state import WorkerState

log = structlog.get_logger("worker")


def run_retention(worker: WorkerState, now: datetime) -> int:
    """Erase what has fallen due, a case a transaction; gives the number of erasures.

    Once a day, and once after each start. Cases are listed in a transaction that holds up nobody.
    """
    day = due_runs.today(now)
    if worker.retention_on == day:
        return 0
    services, done = worker.services, 0
    with worker.database.transaction(write=False) as tx:
        if services.has_no_release(tx):
            return 0
        found = {
            one.falls.case
            for one in due_runs.falling_due(tx, services, now, ahead=due_runs.NOW)
            if one.runs
        }
    for case_id in sorted(found):
        if worker.stopping.is_set():
            return done
        with worker.database.transaction() as tx:
            done += len(due_runs.run_case(tx, services, case_id, now))
    worker.retention_on = day
    if done:
        log.info("erased", count=done)
    return done
