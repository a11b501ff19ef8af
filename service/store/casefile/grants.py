"""Grants: which role of which office may see which classes of a case, why and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, insert, or_, select, update

from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import case_grant

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One grant.

    `klasses` is text such as `C0 C1`; `purpose` names the consent it rests on, or is empty.
    """

    id: str
    case_id: str
    office_id: str
    role: str
    rule: str
    klasses: str
    ground: str
    purpose: str
    starts: datetime
    until: datetime | None = None
    ended_at: datetime | None = None

    def live(self, now: datetime) -> bool:
        """Begun, not ended, not past its end."""
        return (
            self.starts <= now
            and self.ended_at is None
            and (self.until is None or now < self.until)
        )


COLUMNS = columns(case_grant, GrantRow)
OF_CASE = (
    select(*COLUMNS).where(case_grant.c.case_id == bindparam("case_id")).order_by(case_grant.c.id)
)
ADD = PreparedStatement(insert(case_grant))
LIMIT = PreparedStatement(
    update(case_grant)
    .where(case_grant.c.case_id == bindparam("b_case_id"), case_grant.c.id == bindparam("b_id"))
    .values(until=bindparam("b_until"))
)
OF_WHOLE_CASE, OF_OFFICE = (
    PreparedStatement(OF_CASE),
    PreparedStatement(OF_CASE.where(case_grant.c.office_id == bindparam("office"))),
)


def granted_to(
    grant: FromClause, office: str, roles: Collection[str], now: datetime
) -> ColumnElement[bool]:
    """A live grant of one of these roles in an office, for statements that join grants."""
    return and_(
        grant.c.office_id == office, grant.c.role.in_(sorted(roles)), live_grant(grant, now)
    )


def live_grant(grant: FromClause, now: datetime) -> ColumnElement[bool]:
    """The rule of `GrantRow.live`, for statements that join grants."""
    return and_(
        grant.c.starts <= now,
        grant.c.ended_at.is_(None),
        or_(grant.c.until.is_(None), grant.c.until > now),
    )


def add(tx: Tx, *rows: GrantRow) -> None:
    tx.run(ADD, [values(row) for row in rows])


def of_case(tx: Tx, case_id: str, *, office: str = "") -> list[GrantRow]:
    """Every grant of a case, ended ones too, oldest first; of one office when it is named."""
    return (
        tx.all(GrantRow, OF_OFFICE, {"case_id": case_id, "office": office})
        if office
        else tx.all(GrantRow, OF_WHOLE_CASE, {"case_id": case_id})
    )


def of_cases(
    tx: Tx, case_ids: Collection[str], *, office: str, roles: Collection[str], now: datetime
) -> list[GrantRow]:
    """Live grants of some roles in one office on several cases."""
    wanted = select(*COLUMNS).where(
        case_grant.c.case_id.in_(case_ids), granted_to(case_grant, office, roles, now)
    )
    return tx.all(GrantRow, wanted)


def limit(tx: Tx, case_id: str, id_: str, *, until: datetime) -> None:
    """Let one grant of a case run out at a moment."""
    tx.run(LIMIT, {"b_case_id": case_id, "b_id": id_, "b_until": until})
