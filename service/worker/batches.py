"""Batches: work over many cases, done in small portions between timers and calls.

One worker at a time has the lease of a batch. Every case is a transaction of its own, and what was
done is kept with it, so that a worker that dies costs the case in hand. A stop is seen before the
next case.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Final

import structlog

from service import logs
from service.errors import Busy, CaseMoved, RowRefused
from service.records.context import BatchEnds, BatchWork, Services
from service.store.guarded_rows import row_maker
from service.store.installation import ledger_entries
from service.store.installation.ledger_anchor import EntryCheck
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch, CaseOutcome, OrderedCase
from service.worker.state import WorkerState

log = structlog.get_logger("worker")
PORTION: Final = 20
"""Most cases of a batch between two looks at timers and calls."""
SECONDS: Final = 0.25
"""Longest that a portion goes on before it lets timers and calls come first; a case that was begun
is finished."""
TRIES: Final = 3
"""How often a case is tried that somebody else moves at the same moment."""


def run_portion(worker: WorkerState, *, busy: bool = False) -> int:
    """Do some cases of a batch that runs, if one is free; gives their number.

    Args:
        busy: other work was due just now, so only one case is done.
    Raises:
        RowRefused: no entry began it, or it has not the cases with which it began; so nobody works
            on it, or on a later one.
    """
    now = worker.clock.now()
    with worker.database.transaction() as tx:
        row = batches.lease(tx, now=now, who=worker.name, until=worker.lease_end())
        if row is not None:
            _require_begun(tx, worker.services, row)
    if row is None:
        return 0
    done = _run(worker, row, 1 if busy else PORTION)
    with worker.database.transaction() as tx:
        batches.put_back(tx, row.id, worker.name)
    return done


def _require_begun(tx: Tx, services: Services, row: Batch) -> None:
    """Refuse a batch without the entry that its kind writes at the beginning.

    Raises:
        RowRefused: it is not there, or this installation did not write it.
    """
    kind, check = services.batches[row.kind].begins, EntryCheck(tx, row_maker(tx))
    for entry in ledger_entries.written_at(tx, kind, row.at, row.by) if kind else ():
        body = json.loads(entry.body)
        about = body["batch"] == row.id if "batch" in body else body.get("plan") == row.subject
        if about and check.is_genuine(entry):
            return
    if kind:
        log.error("row_refused", where="batch", person=row.by, case="")
        raise RowRefused(table="batch", case="")


def _run(worker: WorkerState, row: Batch, most: int) -> int:
    """Do at most so many cases of a leased batch, and end it behind the last one."""
    work = worker.services.batches[row.kind]
    began, done = time.monotonic(), 0
    with worker.database.transaction(write=False) as tx:
        left = batches.left(tx, row.id, limit=most)
        if not left:
            batches.require_whole(tx, replace(row, state=batches.DONE))
    if not left:
        _end(worker, row, work, batches.DONE)
        return 1
    for case in left:
        worker.beat()
        try:
            if not _do(worker, row, work, case):
                return done
        except BatchEnds as ends:
            _end(worker, row, work, batches.STOPPED, ends.reason)
            return done
        done += 1
        if worker.stopping.is_set() or time.monotonic() - began >= SECONDS:
            break
    return done


def _do(worker: WorkerState, row: Batch, work: BatchWork, case: OrderedCase) -> bool:
    """Do one case; False when the batch was stopped or the lease was lost, and nothing was kept.

    Whatever goes wrong in a case is its verdict, so that the others go on.
    """
    for _ in range(TRIES):
        try:
            return (_write if work.writes else _read)(worker, row, work, case)
        except (Busy, BatchEnds):
            raise
        except CaseMoved:
            continue
        except Exception as e:  # noqa: BLE001 - one case must not stop the others; the kind of fault is kept, never a value
            log.error("batch_case_failed", batch=row.id, case=case.case_id, **logs.described(e))  # noqa: TRY400 - a traceback would hold values
            return _record(worker, row, case, failed(type(e).__name__))
    return _record(worker, row, case, failed(CaseMoved.__name__))


def failed(kind: str) -> CaseOutcome:
    """The outcome of a case in which the work met a fault of this kind."""
    return CaseOutcome(batches.FAILED, detail={"fault": kind})


def _read(worker: WorkerState, row: Batch, work: BatchWork, case: OrderedCase) -> bool:
    """Look at a case in a transaction that reads, and keep what was found in a short one."""
    with worker.database.transaction(write=False) as tx:
        found = work.handle(tx, worker.services, row, case.case_id, worker.clock.now())
    return _record(worker, row, case, found)


def _write(worker: WorkerState, row: Batch, work: BatchWork, case: OrderedCase) -> bool:
    """Change a case, and keep what was done, in one transaction."""
    with worker.database.transaction() as tx:
        if not batches.keep(tx, row.id, worker.name, worker.lease_end()):
            return False
        found = work.handle(tx, worker.services, row, case.case_id, worker.clock.now())
        return batches.record(tx, worker.name, case, found)


def _record(worker: WorkerState, row: Batch, case: OrderedCase, found: CaseOutcome) -> bool:
    """Keep the outcome of a case, and the lease; False when it was lost."""
    with worker.database.transaction() as tx:
        is_kept = batches.keep(tx, row.id, worker.name, worker.lease_end())
        return is_kept and batches.record(tx, worker.name, case, found)


def _end(worker: WorkerState, row: Batch, work: BatchWork, state: str, reason: str = "") -> None:
    """End a batch, with its ledger entry."""
    now = worker.clock.now()
    with worker.database.transaction() as tx:
        current = batches.get(tx, row.id)
        if current is None or not batches.end(tx, row.id, state, at=now):
            return
        if reason:
            batches.set_detail(tx, row.id, {**current.detail, "reason": reason})
        ended = batches.get(tx, row.id)
        if ended is not None:
            work.finish(tx, worker.services, ended, now)
