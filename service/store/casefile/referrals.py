"""Referrals: a packet of a case, sent from one office to another.

The row is the grant too: the receiver sees the packet while it lives.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from service.store import keyset
from service.store.checked_rows import CheckedRows, Refused
from service.store.installation import newest_rows
from service.store.keyset import ListOrder, ListPage, PageRequest
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import columns
from service.store.tables import referral
from service.store.tables.column_types import DISTANT

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


WAITING = ("sent", "opened")
"""States in which the receiver owes an answer."""
LIVING = (*WAITING, "accepted")
"""States in which the receiver sees the packet."""
BACK = ("refused", "lapsed")
"""States in which a referral comes back to its sender."""


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral.

    `fields` are ids of form fields, `rev` the fact up to which the packet shows the case.
    """

    id: str
    case_id: str
    from_office: str
    to_office: str
    purpose: str
    rev: int
    fields: list[str]
    packet_sha256: str
    by: str
    state: str  # "sent", "opened", "accepted", "refused", "lapsed", "revoked", "done"
    reason: str = ""
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    answered_at: datetime | None = None
    due: datetime | None = None
    to_role: str = ""
    """Role of the receiving office; the packet holds nothing that this role may not see."""
    from_role: str = ""
    """Role of the sender by hand; colleagues who hold it there follow the referral."""
    element: str = ""
    """The step of the diagram that sent it; empty when a person did by hand."""
    ground: str = ""
    consents: list[str] = field(default_factory=list)
    """Purposes whose consent must be live at each look."""
    asked_at: datetime | None = None
    """When the receiver asked something that nobody has answered yet."""
    ended_at: datetime | None = None
    """When it lapsed, was revoked or was done."""
    acknowledged_at: datetime | None = None
    """When its sender took note that it came back."""

    @property
    def job(self) -> str:
        """Key of the job that is its deadline."""
        return f"{self.case_id}:{self.id}"

    @property
    def has_deadline(self) -> bool:
        """Whether a job waits for its deadline: one of a step is answered by a task."""
        return self.state in WAITING and not self.element


def _in_state(states: Sequence[str]) -> ColumnElement[bool]:
    """One of these states, as conditions of their own that can be prepared."""
    return or_(*(referral.c.state == state for state in states))


ROWS = CheckedRows(referral, Referral, Refused.MISSING)
COLUMNS = ROWS.columns
LISTED = columns(referral, Referral)
"""Of a list, from which one is read once more before anything is shown of its packet."""
GET = PreparedStatement(select(*COLUMNS).where(referral.c.id == bindparam("id")))
OF_CASE = PreparedStatement(
    select(*COLUMNS).where(referral.c.case_id == bindparam("case_id")).order_by(referral.c.id)
)
NEWEST: ListOrder[Referral] = ListOrder((referral.c.id,), lambda row: (row.id,), down=True)
BY_HAND = referral.c.element == ""
OWES_ANSWER = and_(_in_state(WAITING), BY_HAND)
"""The receiver owes an answer to a referral by hand."""
CAME_BACK = and_(
    BY_HAND,
    or_(
        and_(_in_state(BACK), referral.c.acknowledged_at.is_(None)),
        and_(_in_state(LIVING), referral.c.asked_at.is_not(None)),
    ),
)
"""It came back and nobody took note, or the receiver asks something."""
TO_OFFICE = PreparedStatement(
    select(*COLUMNS).where(
        referral.c.to_office == bindparam("office"),
        OWES_ANSWER,
        in_list(referral.c.to_role, "roles"),
    )
)
BACK_TO = PreparedStatement(
    select(*COLUMNS).where(
        referral.c.from_office == bindparam("office"),
        in_list(referral.c.from_role, "roles"),
        CAME_BACK,
    )
)


def add(writer: Writer, row: Referral) -> None:
    ROWS.add(writer, row, stream=f"case/{row.case_id}")


def get(reader: Reader, id: str) -> Referral | None:
    return ROWS.one(reader, GET, {"id": id})


def require_newest(tx: Tx, row: Referral) -> None:
    """Refuse a referral that was put back to an older state, before anything but a turn changes it.

    Raises:
        RowRefused: it was.
    """
    newest_rows.require_newest(tx, f"case/{row.case_id}", "referral", row)


def of_case(reader: Reader, case_id: str) -> list[Referral]:
    return ROWS.all(reader, OF_CASE, {"case_id": case_id})


def to_office(reader: Reader, office: str, *, roles: Collection[str]) -> list[Referral]:
    """Referrals made by hand that wait for an office's answer, by deadline.

    Args:
        roles: of the reader; a referral to another role is not listed.
    """
    found = ROWS.all(reader, *read_of_waiting(office, roles))
    return sorted(found, key=lambda row: (row.due or DISTANT, row.id))


def read_of_waiting(office: str, roles: Collection[str]) -> Read:
    """What `to_office` reads."""
    return TO_OFFICE, {"office": office, "roles": (*sorted(roles),)}


def of_office(
    reader: Reader,
    office: str,
    step: PageRequest,
    *,
    roles: Collection[str],
    box: str = "",
    state: str = "",
    limit: int,
    barred: Collection[str] = (),
) -> ListPage[Referral]:
    """One page of the referrals made by hand that an office sent or got, the newest first.

    Args:
        roles: of the reader; a referral from or to another role is not listed.
        box: `sent`, `got`, or "" for both.
        state: "" for all.
        barred: cases that do not exist for the reader.
    """
    sent = and_(referral.c.from_office == office, referral.c.from_role.in_(sorted(roles)))
    got = and_(referral.c.to_office == office, referral.c.to_role.in_(sorted(roles)))
    in_list = {"sent": sent, "got": got}.get(box, or_(sent, got))
    wanted = select(*LISTED).where(referral.c.element == "", in_list)
    if state:
        wanted = wanted.where(referral.c.state == state)
    if barred:
        wanted = wanted.where(referral.c.case_id.not_in(sorted(barred)))
    return keyset.page(reader, Referral, wanted, NEWEST, step, limit)


def back_to(reader: Reader, office: str, *, roles: Collection[str]) -> list[Referral]:
    """Referrals made by hand that wait for the office that sent them, oldest first.

    They came back and nobody took note, or the receiver asks something.

    Args:
        roles: of the reader; a referral from another role is not listed.
    """
    return sorted(ROWS.all(reader, *read_of_back(office, roles)), key=lambda row: row.id)


def read_of_back(office: str, roles: Collection[str]) -> Read:
    """What `back_to` reads."""
    return BACK_TO, {"office": office, "roles": (*sorted(roles),)}


def settle(writer: Writer, row: Referral, *, state: str, **marks: Any) -> Referral:  # noqa: ANN401 - fields of a referral
    """Take a referral, as it was read, to its next state; gives it as it is then.

    Args:
        marks: `reason` and moments, as far as they change.
    Raises:
        CaseMoved: it is not as it was read any more; perhaps only at the next question.
    """
    after = replace(row, state=state, **marks)
    ROWS.change(writer, row, after, stream=f"case/{row.case_id}")
    return after
