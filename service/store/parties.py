"""Which office holds which role in a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from service.store.tables import party

if TYPE_CHECKING:
    from service.store.database import Tx


OF_CASE = select(party.c.role, party.c.office_id).where(party.c.case_id == bindparam("case_id"))


def of_case(tx: Tx, case_id: str) -> dict[str, str]:
    """Office by role."""
    return dict(tx.all(lambda role, office: (role, office), OF_CASE, {"case_id": case_id}))


def bind(tx: Tx, case_id: str, offices: Mapping[str, str]) -> None:
    """Set the offices of these roles; other roles stay as they are."""
    tx.run(delete(party).where(party.c.case_id == case_id, party.c.role.in_(sorted(offices))))
    tx.run(insert(party), [{"case_id": case_id, "role": role, "office_id": office} for role, office in sorted(offices.items())])
