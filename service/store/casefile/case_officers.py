"""Who of an office handles a case."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from service.store.guarded_rows import bind
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import case_officer

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class CaseOfficer:
    """The person of an office who handles a case, who made her so, and when."""

    case_id: str
    office_id: str
    person_id: str
    by: str
    at: datetime


COLUMNS = columns(case_officer, CaseOfficer)
OF_CASE = PreparedStatement(select(*COLUMNS).where(case_officer.c.case_id == bindparam("case_id")))
CHANGE = PreparedStatement(
    update(case_officer)
    .where(
        case_officer.c.case_id == bindparam("b_case_id"),
        case_officer.c.office_id == bindparam("b_office_id"),
    )
    .values(person_id=bindparam("b_person_id"), by=bindparam("b_by"), at=bindparam("b_at"))
    .returning(*COLUMNS)
)


def begin(tx: Tx, row: CaseOfficer) -> bool:
    """Make somebody the officer of a case that her office has none for; False when it has."""
    fresh = tx.insert(case_officer).values(values(row)).on_conflict_do_nothing()
    made = bool(tx.all(lambda case: case, fresh.returning(case_officer.c.case_id)))
    if made:
        bind(tx, f"case/{row.case_id}", "case_officer", row)
    return made


def change(tx: Tx, row: CaseOfficer) -> None:
    """Make somebody the officer of a case, whoever was it before."""
    given = {f"b_{name}": value for name, value in values(row).items()}
    if tx.one(CaseOfficer, CHANGE, given) is None:
        begin(tx, row)
    else:
        bind(tx, f"case/{row.case_id}", "case_officer", row)


def of_case(tx: Tx, case_id: str) -> dict[str, str]:
    """Office to the person of it who handles a case."""
    rows = tx.all(CaseOfficer, OF_CASE, {"case_id": case_id})
    return {row.office_id: row.person_id for row in rows}


def of_cases(tx: Tx, case_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Office to the person of it, of several cases."""
    found: dict[str, dict[str, str]] = {id_: {} for id_ in case_ids}
    wanted = select(*COLUMNS).where(case_officer.c.case_id.in_(sorted(found)))
    for row in tx.all(CaseOfficer, wanted) if found else ():
        found[row.case_id][row.office_id] = row.person_id
    return found


def given_since(tx: Tx, person: str, office: str, since: datetime) -> list[CaseOfficer]:
    """Cases of an office that somebody else gave to a person since a moment, the newest first."""
    wanted = select(*COLUMNS).where(
        case_officer.c.person_id == person,
        case_officer.c.office_id == office,
        case_officer.c.by != person,
        case_officer.c.at >= since,
    )
    return tx.all(CaseOfficer, wanted.order_by(case_officer.c.at.desc()))
