"""Incidents: places where a case, or a part of the background, cannot go on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BindParameter,
    Integer,
    ScalarSelect,
    bindparam,
    case,
    func,
    select,
    update,
)

from service.store.checked_rows import CheckedRows, Refused
from service.store.installation import newest_rows
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import columns
from service.store.row_scope import as_system
from service.store.tables import case_access, cases, incident

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Incident:
    """One technical stop. `error` says what kind of fault and where, never a value."""

    id: str
    case_id: str | None
    job_key: str
    element: str
    kind: str
    topic: str
    error: str
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None


ROWS = CheckedRows(incident, Incident, Refused.MISSING)
COLUMNS = columns(incident, Incident)
"""Of a list: one that somebody else has written is seen too. Which one is retried is checked."""
GET = PreparedStatement(select(*ROWS.columns).where(incident.c.id == bindparam("id")))
OF_CASE = PreparedStatement(
    select(*COLUMNS).where(incident.c.case_id == bindparam("case_id")).order_by(incident.c.id)
)
STILL_OPEN = PreparedStatement(
    as_system(
        "operate",
        select(*COLUMNS)
        .where(incident.c.closed_at.is_(None), incident.c.id > bindparam("after"))
        .order_by(incident.c.id)
        .limit(bindparam("limit", type_=Integer)),
    )
)
OPEN_OF_INSTALLATION = PreparedStatement(
    as_system(
        "operate",
        select(*COLUMNS)
        .where(
            incident.c.case_id.is_(None),
            incident.c.closed_at.is_(None),
            incident.c.kind == bindparam("kind"),
        )
        .order_by(incident.c.id),
    )
)
STOPPED = PreparedStatement(
    select(incident.c.case_id, incident.c.closed_at).where(in_list(incident.c.case_id, "case_ids"))
)
"""Closed ones too: a database that is to leave them out enters by all that are open."""


def first_open(case_id: BindParameter[str]) -> ScalarSelect[datetime]:
    """When the first of the open incidents of a case opened; NULL while it has none."""
    is_open = case((incident.c.closed_at.is_(None), incident.c.opened_at))  # enters by the case
    return select(func.min(is_open)).where(incident.c.case_id == case_id).scalar_subquery()


LOCK_CASE = PreparedStatement(
    select(cases.c.id).where(cases.c.id == bindparam("case_id")).with_for_update()
)
STOP = PreparedStatement(
    update(case_access)
    .where(case_access.c.case_id == bindparam("b_case_id"))
    .values(stopped_since=first_open(bindparam("b_case_id")))
)


def add(writer: Writer, row: Incident) -> None:
    ROWS.add(writer, row, stream=stream_of(row))
    if row.case_id:
        write_in_lists(writer, row.case_id)


def stream_of(row: Incident) -> str:
    """The stream of the ledger that tells of an incident."""
    return f"case/{row.case_id}" if row.case_id else "system"


def get(reader: Reader, id: str) -> Incident | None:
    return ROWS.one(reader, GET, {"id": id})


def of_case(reader: Reader, case_id: str) -> list[Incident]:
    return reader.all(Incident, OF_CASE, {"case_id": case_id})


def stopped(reader: Reader, case_ids: Collection[str]) -> frozenset[str]:
    """Those of several cases that have an open incident."""
    rows = reader.all(lambda *row: row, *read_of_stopped(case_ids))
    return frozenset(case_id for case_id, closed_at in rows if closed_at is None)


def read_of_stopped(case_ids: Collection[str]) -> Read:
    """What `stopped` reads."""
    return STOPPED, {"case_ids": (*sorted(case_ids),)}


def still_open(reader: Reader, *, after: str = "", limit: int = 50) -> list[Incident]:
    """One page of open incidents, oldest first."""
    return reader.all(Incident, STILL_OPEN, {"after": after, "limit": limit})


def open_of_installation(reader: Reader, kind: str) -> list[Incident]:
    """Open incidents of one kind that belong to no case, oldest first."""
    return reader.all(Incident, OPEN_OF_INSTALLATION, {"kind": kind})


def close(tx: Tx, id: str, *, at: datetime, by: str) -> bool:
    """False when it was closed before.

    Raises:
        RowRefused: it was put back to an older state, such as before it was closed.
    """
    row = get(tx, id)
    if row is None or row.closed_at is not None:
        return False
    newest_rows.require_newest(tx, stream_of(row), "incident", row)
    ROWS.change(tx, row, replace(row, closed_at=at, closed_by=by), stream=stream_of(row))
    if row.case_id:
        write_in_lists(tx, row.case_id)
    return True


def write_in_lists(writer: Writer, case_id: str) -> None:
    """Write into the rows of a case in lists since when it is stopped.

    It is locked before, so that a turn that makes further rows is over, or reads what was written.
    """
    writer.later(LOCK_CASE, {"case_id": case_id})
    writer.later(STOP, {"b_case_id": case_id})
