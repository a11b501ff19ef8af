"""Grants: which role of which office may see which classes of a case, why and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from service.store.guarded_rows import bind, is_genuine, with_mac
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns
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
TABLE = "case_grant"
WITH_MAC = (*COLUMNS, case_grant.c.mac)
OF_CASE = PreparedStatement(
    select(*WITH_MAC).where(case_grant.c.case_id == bindparam("case_id")).order_by(case_grant.c.id)
)
ADD = PreparedStatement(insert(case_grant))
LIMIT = PreparedStatement(
    update(case_grant)
    .where(case_grant.c.case_id == bindparam("b_case_id"), case_grant.c.id == bindparam("b_id"))
    .values(until=bindparam("b_until"), mac=bindparam("b_mac"))
)


def granted_to(
    grant: FromClause, office: str, roles: Collection[str], now: datetime
) -> ColumnElement[bool]:
    """A live grant of one of these roles in an office, for statements that join grants."""
    return and_(
        grant.c.office_id == office, grant.c.role.in_(sorted(roles)), live_grant(grant, now)
    )


def live_grant(grant: FromClause, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """The rule of `GrantRow.live`, for statements."""
    return and_(
        grant.c.starts <= now,
        grant.c.ended_at.is_(None),
        or_(grant.c.until.is_(None), grant.c.until > now),
    )


def add(tx: Tx, *rows: GrantRow) -> None:
    tx.run(ADD, [with_mac(tx, TABLE, row) for row in rows])
    for row in rows:
        bind(tx, f"case/{row.case_id}", TABLE, row)


def of_case(tx: Tx, case_id: str, *, office: str = "") -> list[GrantRow]:
    """Every grant of a case, ended ones too, oldest first; of one office when it is named."""
    found = genuine(tx, tx.all(lambda *row: row, OF_CASE, {"case_id": case_id}))
    return [grant for grant in found if office in ("", grant.office_id)]


def genuine(tx: Tx, rows: list[tuple[Any, ...]]) -> list[GrantRow]:
    """Grants that this installation has written; any other is as if it were not there."""
    found = [(GrantRow(*row), mac) for *row, mac in rows]
    return [grant for grant, mac in found if is_genuine(tx, TABLE, grant, mac)]


def limit(tx: Tx, grant: GrantRow, *, until: datetime) -> GrantRow:
    """Let one grant, as it was read, run out at a moment; gives it as it is then."""
    row = replace(grant, until=until)
    mac = bind(tx, f"case/{row.case_id}", TABLE, row)
    given = {"b_case_id": row.case_id, "b_id": row.id, "b_until": until, "b_mac": mac}
    tx.run(LIMIT, given)
    return row
