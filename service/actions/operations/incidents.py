"""Incidents: work that cannot go on. A job is tried again after pauses, then an incident opens.

An incident names the place and the kind of fault; operators see it and retry it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from service.actions.context import Actor, Services
from service.actions.incident_entries import open_incident
from service.actions.ledger_entries import append_entry
from service.errors import NotFound
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters

LETTER = "letter"
"""Kind of an incident about a letter that the mail server did not accept."""
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120))
"""How long a job waits after its first, second … failed try."""


def retry_delay(tries: int) -> timedelta:
    """Return how long to wait after so many tries."""
    return PAUSES[min(max(tries, 1), len(PAUSES)) - 1]


def record_failed_try(
    tx: Tx, services: Services, *, job: jobs.Job, error: str, now: datetime
) -> bool:
    """Record a failed try of a job: it is tried again later, or stops with an incident.

    Args:
        error: the kind of fault and the handler's name; no value of the case.
    Returns:
        Whether an incident opened.
    """
    if job.tries < services.tries:
        jobs.retry(tx, job.key, job.leased_by, at=now + retry_delay(job.tries), error=error)
        return False
    if jobs.stop(tx, job.key, error=error):
        open_incident(
            tx,
            case_id=job.case_id,
            job_key=job.key,
            element=job.element,
            kind="handler" if job.kind == "call" else "timer",
            topic=job.topic,
            error=error,
            now=now,
        )
        return True
    return False


def open_incidents(tx: Tx) -> list[incidents.Incident]:
    """List every open incident, oldest first."""
    rows: list[incidents.Incident] = []
    while page := incidents.still_open(tx, after=rows[-1].id if rows else ""):
        rows += page
    return rows


def retry_incident(tx: Tx, *, incident_id: str, by: Actor, now: datetime) -> None:
    """Try the work of an incident again, with all its tries.

    A part of the background tries by itself; its failures are counted anew.

    Raises:
        NotFound: there is no such open incident.
    """
    row = incidents.get(tx, incident_id)
    if row is None or row.closed_at is not None:
        raise NotFound(
            f"there is no open incident {incident_id}: "
            "`tresteg incident list` shows those that are open"
        )
    if row.job_key:
        (letters if row.kind == LETTER else jobs).resume(tx, row.job_key, at=now)
    incidents.close(tx, incident_id, by=by.id, at=now)
    body = {"incident": row.id, "element": row.element}
    append_entry(tx, incidents.stream_of(row), "incident_retry", by=by, now=now, body=body)
