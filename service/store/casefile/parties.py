"""Which office holds which role in a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from service.store import guarded_rows
from service.store.prepared import PreparedStatement, in_list
from service.store.tables import party

if TYPE_CHECKING:
    from service.store.transaction import Tx


ADD = PreparedStatement(insert(party))
OF_CASE = PreparedStatement(
    select(party.c.role, party.c.office_id).where(party.c.case_id == bindparam("case_id"))
)
DROP = PreparedStatement(
    delete(party).where(party.c.case_id == bindparam("case_id"), in_list(party.c.role, "roles"))
)


def of_case(tx: Tx, case_id: str) -> dict[str, str]:
    """Office by role."""
    return dict(tx.all(lambda role, office: (role, office), OF_CASE, {"case_id": case_id}))


def bind(tx: Tx, case_id: str, offices: Mapping[str, str]) -> None:
    """Set the offices of these roles; other roles stay as they are."""
    tx.run(DROP, {"case_id": case_id, "roles": (*sorted(offices),)})
    rows = [
        {"case_id": case_id, "role": role, "office_id": office}
        for role, office in sorted(offices.items())
    ]
    tx.run(ADD, rows)
    for row in rows:
        guarded_rows.bind(tx, f"case/{case_id}", "party", row)
