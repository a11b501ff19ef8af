"""Parties of a case: which office holds which role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from service.store import guarded_rows
from service.store.prepared import PreparedStatement, PreparedUpsert
from service.store.tables import party

if TYPE_CHECKING:
    from service.store.transaction import Tx


SET = PreparedUpsert(
    party,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[party.c.case_id, party.c.role],
        set_={"office_id": insert.excluded.office_id},
    ),
)
OF_CASE = PreparedStatement(
    select(party.c.role, party.c.office_id).where(party.c.case_id == bindparam("case_id"))
)


def of_case(tx: Tx, case_id: str) -> dict[str, str]:
    """Office by role."""
    return dict(tx.all(lambda role, office: (role, office), OF_CASE, {"case_id": case_id}))


def bind(tx: Tx, case_id: str, offices: Mapping[str, str]) -> None:
    """Set the offices of these roles; other roles stay as they are."""
    rows: list[dict[str, object]] = [
        {"case_id": case_id, "role": role, "office_id": office}
        for role, office in sorted(offices.items())
    ]
    tx.later(SET, rows)
    for row in rows:
        guarded_rows.bind(tx, f"case/{case_id}", "party", row)
