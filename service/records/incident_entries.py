"""Entries of incidents: where a case cannot go on is kept as a row, and in the stream of the case.

What operators do with incidents: `casework.incidents`.
"""

from __future__ import annotations

from datetime import datetime

from service.errors import EngineStopped
from service.records.context import WORKER
from service.records.ids import ulid
from service.records.ledger_entries import append_entry
from service.store.transaction import Tx
from service.store.work import incidents, jobs


def record_engine_stop(
    tx: Tx, *, case_id: str, job_key: str, stop: EngineStopped, now: datetime
) -> None:
    """Record that the engine could not go on, with one open incident a place and kind.

    The case keeps its last good state; the job that led here, if any, is not tried again by itself.
    """
    if job_key:
        jobs.stop(tx, job_key, error=str(stop))
    known = [row for row in incidents.of_case(tx, case_id) if row.closed_at is None]
    if (stop.element, stop.kind) not in {(row.element, row.kind) for row in known}:
        open_incident(
            tx,
            case_id=case_id,
            job_key=job_key,
            element=stop.element,
            kind=stop.kind,
            topic="",
            error=str(stop),
            now=now,
        )


def open_incident(
    tx: Tx,
    *,
    case_id: str,
    job_key: str,
    element: str,
    kind: str,
    topic: str,
    error: str,
    now: datetime,
) -> None:
    """Open an incident, with its entry in the case's stream."""
    row = incidents.Incident(
        id=ulid(now),
        case_id=case_id,
        job_key=job_key,
        element=element,
        kind=kind,
        topic=topic,
        error=error[:300],
        opened_at=now,
    )
    incidents.add(tx, row)
    body = {"incident": row.id, "element": element, "what": kind}
    append_entry(tx, f"case/{case_id}", "incident", by=WORKER, now=now, body=body)
