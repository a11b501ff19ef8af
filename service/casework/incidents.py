"""Incidents: work that cannot go on, kept as a row and as an entry of its case.

An incident names the place and the kind of fault. A job gets one after its last failed try, a
letter when it was given up, a case where the engine stopped; operators see it and retry it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from service.errors import EngineStopped, NotFound, RowRefused
from service.records.context import WORKER, Actor, Services
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.store.at_hand import Reader
from service.store.changes import Writer
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters

ROW_REFUSED = "row_refused"
"""Kind of an incident of the installation about a row that somebody else has written."""
LETTER = "letter"
"""Kind of an incident about a letter that the mail server did not accept."""
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120))
"""How long a job waits after its first, second … failed try."""


def record_engine_stop(
    tx: Tx, *, case_id: str, job_key: str, stop: EngineStopped, now: datetime
) -> None:
    """Record that the engine could not go on, with one open incident a place and kind.

    The case keeps its last good state; the job that led here, if any, is not tried again by itself.
    """
    known = incidents.of_case(tx, case_id)
    note_engine_stop(tx, known, case_id=case_id, job_key=job_key, stop=stop, now=now)


def note_engine_stop(
    writer: Writer,
    known: Iterable[incidents.Incident],
    *,
    case_id: str,
    job_key: str,
    stop: EngineStopped,
    now: datetime,
) -> list[incidents.Incident]:
    """As `record_engine_stop`; gives the incident that opened, if one did.

    Args:
        known: the incidents of the case.
    """
    if job_key:
        jobs.rest(writer, job_key, error=str(stop))
    places = {(row.element, row.kind) for row in known if row.closed_at is None}
    if (stop.element, stop.kind) in places:
        return []
    return [
        open_incident(
            writer,
            case_id=case_id,
            job_key=job_key,
            element=stop.element,
            kind=stop.kind,
            topic="",
            error=str(stop),
            now=now,
        )
    ]


def record_refused_row(tx: Tx, refused: RowRefused, now: datetime) -> None:
    """Record that rows are not as this installation has written them, with one open incident for
    each table and case; it belongs to the installation, since nobody knows what else was written by
    others.
    """
    table, case = str(refused.facts["table"]), str(refused.facts["case"])
    where = f"; case {case}" if case else ""
    error = f"rows of {table} are not as this installation has written them{where}"
    open_of_installation(tx, ROW_REFUSED, element=table, error=error, now=now)


def record_refused_rows(tx: Tx, now: datetime) -> None:
    """Record each row that this transaction has left out, as `record_refused_row` does."""
    for refused in tx.refused:
        record_refused_row(tx, refused, now)
    tx.refused.clear()


def open_of_installation(tx: Tx, kind: str, *, element: str, error: str, now: datetime) -> bool:
    """Open an incident of the installation, unless an equal one is open; gives whether it did.

    Args:
        error: what is wrong and where; no value of a case.
    """
    if any(row.error == error[:300] for row in incidents.open_of_installation(tx, kind)):
        return False
    row = incidents.Incident(ulid(now), None, "", element, kind, "", error[:300], now)
    incidents.add(tx, row)
    body = {"incident": row.id, "element": element, "what": kind}
    append_entry(tx, incidents.stream_of(row), "incident", by=WORKER, now=now, body=body)
    return True


def record_failed_try(
    tx: Tx, services: Services, *, job: jobs.Job, error: str, now: datetime
) -> bool:
    """Record a failed try of a job: it is tried again later, or stops with an incident.

    Args:
        job: as it was leased; its tries are those before this one.
        error: the kind of fault and the handler's name; no value of the case.
    Returns:
        Whether an incident opened.
    """
    tries = job.tries + 1
    if tries < services.tries:
        jobs.retry(tx, job, at=now + retry_delay(tries), error=error)
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


def retry_delay(tries: int) -> timedelta:
    """How long a job or a letter waits after so many failed tries."""
    return PAUSES[min(max(tries, 1), len(PAUSES)) - 1]


def open_incident(
    writer: Writer,
    *,
    case_id: str,
    job_key: str,
    element: str,
    kind: str,
    topic: str,
    error: str,
    now: datetime,
) -> incidents.Incident:
    """Open an incident, with its entry in the case's stream; gives its row."""
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
    incidents.add(writer, row)
    body = {"incident": row.id, "element": element, "what": kind}
    append_entry(writer, f"case/{case_id}", "incident", by=WORKER, now=now, body=body)
    return row


def open_incidents(reader: Reader) -> list[incidents.Incident]:
    """List every open incident, oldest first."""
    rows: list[incidents.Incident] = []
    while page := incidents.still_open(reader, after=rows[-1].id if rows else ""):
        rows += page
    return rows


def retry_incident(tx: Tx, *, incident_id: str, by: Actor, now: datetime) -> None:
    """Try the work of an incident again, with all its tries.

    A part of the background tries by itself; its failures are counted anew.

    Raises:
        NotFound: there is no such open incident.
        RowRefused: it, or its letter, was put back to an older state.
    """
    row = incidents.get(tx, incident_id)
    if row is None or row.closed_at is not None:
        raise NotFound(
            f"there is no open incident {incident_id}: "
            "`tresteg incident list` shows those that are open"
        )
    incidents.close(tx, incident_id, by=by.id, at=now)
    if row.job_key:
        (letters if row.kind == LETTER else jobs).resume(tx, row.job_key, at=now)
        record_refused_rows(tx, now)
    body = {"incident": row.id, "element": row.element}
    append_entry(tx, incidents.stream_of(row), "incident_retry", by=by, now=now, body=body)
