"""Which office holds which role in a case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from service.store import guarded_rows
from service.store.prepared import PreparedStatement, PreparedUpsert, in_list
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
OF_CASES = PreparedStatement(
    select(party.c.case_id, party.c.role, party.c.office_id).where(
        in_list(party.c.case_id, "case_ids")
    )
)


def of_case(tx: Tx, case_id: str) -> dict[str, str]:
    """Office by role."""
    return dict(tx.all(lambda role, office: (role, office), OF_CASE, {"case_id": case_id}))


def of_cases(tx: Tx, case_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Office by role, of several cases."""
    found: dict[str, dict[str, str]] = {id_: {} for id_ in case_ids}
    given = {"case_ids": (*sorted(found),)}
    for case_id, role, office in tx.all(lambda *row: row, OF_CASES, given):
        found[case_id][role] = office
    return found


def bind(tx: Tx, case_id: str, offices: Mapping[str, str]) -> None:
    """Set the offices of these roles; other roles stay as they are."""
    rows: list[dict[str, object]] = [
        {"case_id": case_id, "role": role, "office_id": office}
        for role, office in sorted(offices.items())
    ]
    tx.later(SET, rows)
    for row in rows:
        guarded_rows.bind(tx, f"case/{case_id}", "party", row)
