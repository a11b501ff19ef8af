"""When work cannot go on: it is tried again with patience, then it becomes an incident that names
the place and the reason, never silence.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from service.actions.context import WORKER, Actor, Services
from service.actions.ids import ulid
from service.actions.ledger_entries import append_entry
from service.errors import EngineStopped, NotFound
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters

LETTER = "letter"
"""Kind of an incident about a letter that was not taken."""
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120))
"""How long a job waits after its first, second … failed try."""


def retry_delay(tries: int) -> timedelta:
    """How long to wait after so many tries."""
    return PAUSES[min(max(tries, 1), len(PAUSES)) - 1]


def record_failed_try(
    tx: Tx, services: Services, *, job: jobs.Job, error: str, now: datetime
) -> bool:
    """Note a failed try of a job: it waits and is tried again, or after the last try it stops and
    an incident opens.

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


def record_engine_stop(
    tx: Tx, *, case_id: str, job_key: str, stop: EngineStopped, now: datetime
) -> None:
    """Note that the engine could not go on.

    The case keeps its last good state; the job that led here, if any, is not tried by itself again.
    """
    if job_key:
        jobs.stop(tx, job_key, error=str(stop))
    if not any(
        i.element == stop.element and i.kind == stop.kind
        for i in incidents.of_case(tx, case_id)
        if i.closed_at is None
    ):
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
    """Open an incident and write its line in the case's stream."""
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
    append_entry(
        tx,
        f"case/{case_id}",
        "incident",
        by=WORKER,
        now=now,
        body={"incident": row.id, "element": element, "what": kind},
    )


def open_incidents(tx: Tx) -> list[incidents.Incident]:
    """Every open incident, oldest first."""
    found: list[incidents.Incident] = []
    while page := incidents.still_open(tx, after=found[-1].id if found else ""):
        found += page
    return found


def retry_incident(tx: Tx, *, incident_id: str, by: Actor, now: datetime) -> None:
    """Try the work of an incident again, with all its tries.

    Raises:
        NotFound: there is no such open incident.
    """
    row = incidents.get(tx, incident_id)
    if row is None or row.closed_at is not None:
        raise NotFound(
            f"there is no open incident {incident_id}: `tresteg incident list` shows those that are open"
        )
    if row.job_key:
        (letters if row.kind == LETTER else jobs).resume(tx, row.job_key, at=now)
    incidents.close(tx, incident_id, by=by.id, at=now)
    if row.case_id:
        append_entry(
            tx,
            f"case/{row.case_id}",
            "incident_retry",
            by=by,
            now=now,
            body={"incident": row.id, "element": row.element},
        )
