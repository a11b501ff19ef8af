"""The retention plan in the background: once a day the worker erases what has fallen due."""

from __future__ import annotations

from datetime import datetime

import structlog

from service import logs
from service.casework import incidents
from service.casework.break_glass import late_reviews
from service.casework.document_requests import deciding
from service.casework.retention import due_runs, retention_tasks
from service.casework.subject_requests import asking
from service.errors import RowRefused
from service.worker.state import WorkerState

log = structlog.get_logger("worker")


class CasesNotRun(Exception):
    """The rules that had fallen due could not be run in some case; in every other they were."""


def run_retention(worker: WorkerState, now: datetime) -> int:
    """Erase what has fallen due, a case a transaction; gives the number of erasures.

    Once a day, and once after each start; a case that was refused is tried again each time, until
    the day is over. Cases are listed in a transaction that holds up nobody.

    Raises:
        CasesNotRun: a case was refused; all others were run.
    """
    _list_cases(worker, now)
    done, refused = 0, list[str]()
    for case_id in worker.retention_left:
        if worker.stopping.is_set():
            return done
        try:
            done += _run(worker, case_id, now)
        except due_runs.REFUSED as e:
            refused.append(case_id)
            if case_id not in worker.retention_refused:
                log.error("not_erased", case=case_id, **logs.described(e))  # noqa: TRY400 - a traceback may hold a value
            if isinstance(e, RowRefused):
                with worker.database.transaction() as tx:
                    incidents.record_refused_row(tx, e, now)
    worker.retention_left, worker.retention_refused = (*refused,), frozenset(refused)
    if refused:
        raise CasesNotRun
    return done


def _list_cases(worker: WorkerState, now: datetime) -> None:
    """List the cases of the day, unless they are listed."""
    day = due_runs.today(now)
    if worker.retention_on == day:
        return
    with worker.database.transaction(write=False) as tx:
        if worker.services.has_no_release(tx):
            return
        worker.retention_left = (*due_runs.cases_to_run(tx, worker.services, now),)
    with worker.database.transaction() as tx:
        retention_tasks.write_late_letters(tx, now)
        asking.write_late_letters(tx, now)
        deciding.write_late_letters(tx, now)
        deciding.end_words(tx, now)
        late_reviews.write_late_letters(tx, worker.services, now)
    worker.retention_on = day


def _run(worker: WorkerState, case_id: str, now: datetime) -> int:
    with worker.database.transaction() as tx:
        acts = due_runs.run_case(tx, worker.services, case_id, now)
    if acts:
        log.info("retention_ran", case=case_id)
    return len(acts)
