"""The verification of all cases as a batch: begin it, take each case, sum up at the end.

A worker verifies case by case, each in a transaction of its own that reads. With the last case it
verifies the rest: every other stream, rows that belong to no case, and the one log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from service.access import Viewer
from service.audit import verify
from service.audit.verify import VerifyReport
from service.casework.history.violations import Violation
from service.clock import WallClock
from service.errors import NotAllowed
from service.operations import health
from service.records import batch_runs
from service.records.context import Actor, BatchWork, Services, actor, require_act
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.checkpoint_folder import OutsideLog
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch, BatchCase, CaseOutcome

KIND: Final = batches.VERIFY
WHOLE, FAULTY = "whole", "faulty"
"""Verdicts of a case."""
NEAR: Final = 50
"""So near the end, in cases, checkpoints outside the database are read before each: one of these
cases is the last."""
MOST: Final = 50
"""Faults that are kept of one case, cases that are kept with theirs, and of everything else."""
MOST_BROKE: Final = 500
"""Cases that broke a promise, of which the id is kept."""
PAGE: Final = 500
ReadOutside = Callable[[], OutsideLog]


def begin_verification(
    tx: Tx,
    _services: Services,
    by: Viewer,
    now: datetime,
) -> str:
    """Begin to verify every case; gives the id of the run. One that goes on is taken instead.

    Raises:
        NotAllowed: the viewer is no auditor, or there is no case.
    """
    require_act(by, "audit")
    last = batches.newest(tx, KIND)
    if last is not None and last.state == batches.RUNNING:
        return last.id
    ids = verify.case_ids(tx)
    if not ids:
        raise NotAllowed(why="verify_no_case")
    run = batch_runs.begin(tx, KIND, ids, {"office": by.office}, by=by, now=now)
    body: dict[str, ledger_lines.Canonical] = {"batch": run.id, "cases": run.total}
    append_entry(tx, _stream(by.office), "verify_begun", by=actor(by), now=now, body=body)
    return run.id


def _stream(office: str) -> str:
    return f"office/{office}" if office else "system"


# ---- what a worker does


def verification_work(outside: ReadOutside) -> BatchWork:
    """Work of a batch that verifies cases; it only reads.

    Args:
        outside: reads the checkpoints that are kept outside the database.
    """

    def take_case(
        tx: Tx, services: Services, run: Batch, case_id: str, now: datetime
    ) -> CaseOutcome:
        # Before the first question to the database: a head that is younger than what this
        # transaction sees would look as if entries were lost.
        kept = outside() if run.total - run.done <= NEAR else None
        report = verify.verify(tx, services, case_id, now=now)
        found = _kept(report, _lines(tx, case_id, report.faults))
        left = batches.left(tx, run.id, limit=2)
        if [case.case_id for case in left] == [case_id] and kept is not None:
            rest = verify.verify_all(tx, services, now=now, outside=kept, folded=())
            found["rest"] = _kept(rest, {})
        return CaseOutcome(FAULTY if report.faults else WHOLE, detail=found)

    return BatchWork(take_case, _finish, act="audit", begins="verify_begun")


def _kept(report: VerifyReport, lines: Mapping[str, int]) -> dict[str, Any]:
    """The part of a report that is stored: numbers, codes and ids."""
    faults = [
        [f.invariant, f.case, f.place, f.expected, f.found, lines.get(f.place, 0)]
        for f in report.faults[:MOST]
    ]
    numbers = {"lines": report.lines, "facts": report.facts, "broken": len(report.breaches)}
    return {**numbers, "number": len(report.faults), "faults": faults}


def _lines(tx: Tx, case_id: str, faults: Sequence[Violation]) -> dict[str, int]:
    """Place of a fault to the line of the case that it is in, where it is in one."""
    if not faults:
        return {}
    stream = ledger_entries.of_stream(tx, f"case/{case_id}")
    numbered = {f"line {entry.seq}": entry.seq for entry in stream}
    for entry in stream:
        try:
            rev = json.loads(entry.body).get("rev")
        except (ValueError, AttributeError):
            continue  # the fault itself says that this line cannot be read
        if rev:
            numbered.setdefault(f"fact {rev}", entry.seq)
    return {
        fault.place: numbered[end]
        for fault in faults
        if (end := fault.place.rpartition(" of ")[2]) in numbered
    }


def _finish(tx: Tx, services: Services, run: Batch, now: datetime) -> None:  # noqa: ARG001 - as every batch
    """Sum up a run that has ended, forget its cases, and write the ledger entry."""
    totals = _sum_up(tx, run.id)
    batches.drop_cases(tx, run.id)
    batches.set_detail(tx, run.id, {**run.detail, **totals})
    number = int(totals["number"])
    if run.state == batches.DONE:
        health.beat(tx, health.VERIFIED, now=WallClock().now(), number=number + totals["broken"])
    body: dict[str, ledger_lines.Canonical] = {
        "batch": run.id,
        "state": run.state,
        "cases": int(totals["cases"]),
        "lines": int(totals["lines"]),
        "faults": number,
    }
    office = str(run.detail["office"])
    append_entry(tx, _stream(office), "verified", by=Actor(run.by, office), now=now, body=body)


def _sum_up(tx: Tx, id_: str) -> dict[str, Any]:
    """The sums of a run, the first cases with faults, and what was found outside the cases."""
    totals: dict[str, Any] = {"cases": 0, "lines": 0, "facts": 0, "broken": 0, "number": 0}
    totals |= {"faulty": [], "broke": [], "failed": [], "rest": None}
    after = 0
    while page := batches.of_batch(tx, id_, after=after, limit=PAGE):
        for case in page:
            _add(totals, case)
        after = page[-1].position
    rest = totals["rest"]
    if rest is not None:
        totals["lines"] = rest["lines"]
        totals["number"] += rest["number"]
    return totals


def _add(totals: dict[str, Any], case: BatchCase) -> None:
    """Add one case to the sums."""
    if case.verdict == batches.WAITING:
        return
    totals["cases"] += 1
    if case.verdict == batches.FAILED:
        totals["number"] += 1
        totals["failed"] = [*totals["failed"], [case.case_id, case.ref]][:MOST]
        return
    found = case.detail
    for key in ("lines", "facts", "broken", "number"):
        totals[key] += found[key]
    if found["faults"] and len(totals["faulty"]) < MOST:
        totals["faulty"].append([case.case_id, case.ref, found["faults"]])
    if found["broken"] and len(totals["broke"]) < MOST_BROKE:
        totals["broke"].append([case.case_id, case.ref])
    totals["rest"] = found.get("rest", totals["rest"])
