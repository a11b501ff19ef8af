"""The retention plan in the background: once a day the worker erases what has fallen due."""

from __future__ import annotations

from datetime import datetime

import structlog

from service.casework.retention import due_runs, retention_tasks
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
    with worker.database.transaction() as tx:
        retention_tasks.write_late_letters(tx, now)
    with worker.database.transaction(write=False) as tx:
        if services.has_no_release(tx):
            return 0
        found = due_runs.cases_to_run(tx, services, now)
    for case_id in found:
        if worker.stopping.is_set():
            return done
        with worker.database.transaction() as tx:
            acts = due_runs.run_case(tx, services, case_id, now)
        if acts:
            log.info("erased", case=case_id)
        done += len(acts)
    worker.retention_on = day
    return done
