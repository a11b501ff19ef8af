"""Approvals: what one person asks for, and what a second one decided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Select, bindparam, select

from service.store.checked_rows import CheckedRows, Refused
from service.store.prepared import PreparedStatement, in_list
from service.store.row_scope import as_system
from service.store.statement_shapes import by_shape
from service.store.tables import approval

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer

ASKED, APPROVED, REFUSED, EXPIRED, USED = "asked", "approved", "refused", "expired", "used"
ENDED = "ended"
"""State of what opened something for a time, and of a request that was taken back."""
REVIEWED = "reviewed"
"""State of what was opened in danger to life, once data protection has looked at it."""
ERASE_EARLY, LONG_HOLD, PACKAGE_CASE = "erase_early", "long_hold", "package_case"
"""Kinds that are about what an office keeps. Their reason is sealed under the key of the office, so
that it outlasts what is erased."""
OF_OFFICE = frozenset({ERASE_EARLY, LONG_HOLD, PACKAGE_CASE})
OPEN = (ASKED, APPROVED)
"""States from which something can still follow."""


@dataclass(frozen=True, slots=True)
class Approval:
    """One request for a second person's approval.

    `subjects` are ids and codes of what is to be done; `digest` is that of what is approved, so
    that nothing else can be done with it. `case_id` is None for what belongs to no case.
    """

    id: str
    case_id: str | None
    kind: str
    subjects: dict[str, Any]
    digest: str
    state: str
    asked_by: str
    asked_office: str
    asked_at: datetime
    expires: datetime
    reason: bytes | None = field(default=None, repr=False)
    decided_by: str | None = None
    decided_at: datetime | None = None
    used_at: datetime | None = None


ROWS = CheckedRows(approval, Approval, Refused.STOPS)
COLUMNS = ROWS.columns
GET = PreparedStatement(
    as_system("approve", select(*COLUMNS).where(approval.c.id == bindparam("id")))
)
OF_CASE = ROWS.reads_of_case(approval.c.id, reason="approve")
WAITING = PreparedStatement(
    as_system(
        "approve",
        select(*COLUMNS)
        .where(
            approval.c.state == bindparam("state"),
            approval.c.expires > bindparam("now"),
            in_list(approval.c.kind, "kinds"),
        )
        .order_by(approval.c.id)
        .limit(bindparam("limit", type_=Integer)),
    )
)


def reason_owner(row: Approval) -> str:
    """Owner of the key that seals the reason of a request, as `vault_key` names it."""
    if row.kind in OF_OFFICE:
        return f"office:{row.asked_office}"
    return f"case:{row.case_id}" if row.case_id else f"person:{row.asked_by}"


def add(writer: Writer, row: Approval) -> None:
    ROWS.add(writer, row, stream=stream_of(row))


def stream_of(row: Approval) -> str:
    """The stream of the ledger that tells of a request."""
    return f"case/{row.case_id}" if row.case_id else "system"


def get(reader: Reader, id_: str) -> Approval | None:
    return ROWS.one(reader, GET, {"id": id_})


def require_newest(reader: Reader, row: Approval) -> None:
    """Refuse a request of a case that was put back to an older state, such as before it was used.

    Raises:
        RowRefused: it was, or another request of the case was, or one was taken away.
    """
    if row.case_id is not None:
        ROWS.of_case(reader, OF_CASE, row.case_id)


def waiting(
    reader: Reader,
    kinds: Collection[str],
    now: datetime,
    *,
    state: str = ASKED,
    limit: int = 200,
) -> list[Approval]:
    """Requests of some kinds that wait for a decision, of all cases, the oldest first; with another
    state those that are in it and have not run out.
    """
    read = read_of_waiting(kinds, now, state=state, limit=limit)
    return ROWS.all(reader, *read, listed=True)


def read_of_waiting(
    kinds: Collection[str], now: datetime, *, state: str = ASKED, limit: int = 200
) -> Read:
    """What `waiting` reads."""
    return WAITING, {"now": now, "kinds": (*sorted(kinds),), "state": state, "limit": limit}


def asked_by(
    reader: Reader, person: str, *, kind: str = "", case_id: str = "", limit: int = 50
) -> list[Approval]:
    """What a person asked for, the newest first; of one kind and about one case when these are
    named.
    """
    return ROWS.all(reader, *read_of_asked_by(person, kind, case_id, limit), listed=True)


@by_shape
def read_of_asked_by(person: str, kind: str | None, case_id: str | None, limit: int) -> Select[Any]:
    """What `asked_by` reads."""
    wanted = select(*COLUMNS).where(approval.c.asked_by == person)
    wanted = wanted.where(approval.c.kind == kind) if kind is not None else wanted
    wanted = wanted.where(approval.c.case_id == case_id) if case_id is not None else wanted
    return as_system("approve", wanted.order_by(approval.c.id.desc()).limit(limit))


def of_kind(reader: Reader, kind: str, *, limit: int = 50) -> list[Approval]:
    """Requests of one kind, whoever asked, the newest first."""
    wanted = select(*COLUMNS).where(approval.c.kind == kind)
    newest = wanted.order_by(approval.c.id.desc()).limit(limit)
    return ROWS.all(reader, as_system("approve", newest), listed=True)


def unreviewed(reader: Reader, kind: str, *, limit: int = 200) -> list[Approval]:
    """Requests of a kind that nobody has reviewed, the oldest first."""
    wanted = select(*COLUMNS).where(approval.c.kind == kind, approval.c.state != REVIEWED)
    oldest = wanted.order_by(approval.c.id).limit(limit)
    return ROWS.all(reader, as_system("approve", oldest), listed=True)


def over(reader: Reader, now: datetime, *, limit: int = 200) -> list[Approval]:
    """Requests that ran out before anybody decided or used them."""
    wanted = select(*COLUMNS).where(approval.c.state.in_(OPEN), approval.c.expires <= now)
    oldest = wanted.order_by(approval.c.id).limit(limit)
    return ROWS.all(reader, as_system("approve", oldest), listed=True)


def settle(writer: Writer, row: Approval, *, state: str, **marks: Any) -> None:  # noqa: ANN401 - fields of a request
    """Take one request, as it was read, to its next state.

    Args:
        marks: `decided_by` and moments, as far as they change.
    Raises:
        CaseMoved: it is not as it was read any more; perhaps only at the next question.
    """
    ROWS.change(writer, row, replace(row, state=state, **marks), stream=stream_of(row))
