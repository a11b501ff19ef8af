"""Officers of cases: the person of an office who handles a case."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, select

from service.store.checked_rows import CheckedRows, Refused
from service.store.prepared import PreparedStatement, in_list
from service.store.tables import case_officer

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx

MOST = 50
"""Given cases that an inbox lists."""


@dataclass(frozen=True, slots=True)
class CaseOfficer:
    """The person of an office who handles a case, who made her so, and when."""

    case_id: str
    office_id: str
    person_id: str
    by: str
    at: datetime


ROWS = CheckedRows(case_officer, CaseOfficer, Refused.MISSING)
COLUMNS = ROWS.columns
OF_CASE = PreparedStatement(select(*COLUMNS).where(case_officer.c.case_id == bindparam("case_id")))
OF_CASES = PreparedStatement(select(*COLUMNS).where(in_list(case_officer.c.case_id, "case_ids")))
GIVEN_SINCE = PreparedStatement(
    select(*COLUMNS)
    .where(
        case_officer.c.person_id == bindparam("person"),
        case_officer.c.office_id == bindparam("office"),
        case_officer.c.by != case_officer.c.person_id,
        case_officer.c.at >= bindparam("since"),
    )
    .order_by(case_officer.c.at.desc())
    .limit(bindparam("limit", type_=Integer))
)


def begin(writer: Writer, row: CaseOfficer) -> None:
    """Make somebody the officer of a case that her office has none for.

    Raises:
        CaseMoved: it got one meanwhile; perhaps only at the next question.
    """
    ROWS.add(writer, row, stream=f"case/{row.case_id}")


def change(tx: Tx, row: CaseOfficer) -> None:
    """Make somebody the officer of a case, whoever was it before.

    Raises:
        CaseMoved: somebody else changed it meanwhile; perhaps only at the next question.
    """
    known = ROWS.all(tx, OF_CASE, {"case_id": row.case_id})
    before = next((one for one in known if one.office_id == row.office_id), None)
    if before is None:
        begin(tx, row)
    else:
        ROWS.change(tx, before, row, stream=f"case/{row.case_id}")


def of_case(reader: Reader, case_id: str) -> dict[str, str]:
    """Office to the person of it who handles a case."""
    rows = ROWS.all(reader, OF_CASE, {"case_id": case_id})
    return {row.office_id: row.person_id for row in rows}


def of_cases(reader: Reader, case_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Office to the person of it, of several cases."""
    found: dict[str, dict[str, str]] = {id_: {} for id_ in case_ids}
    for row in ROWS.all(reader, *read_of_cases(case_ids)) if found else ():
        found[row.case_id][row.office_id] = row.person_id
    return found


def read_of_cases(case_ids: Collection[str]) -> Read:
    """What `of_cases` reads."""
    return OF_CASES, {"case_ids": (*sorted(set(case_ids)),)}


def given_since(reader: Reader, person: str, office: str, since: datetime) -> list[CaseOfficer]:
    """Cases of an office that somebody else gave to a person since a moment, the newest first; at
    most `MOST`.
    """
    return ROWS.all(reader, *read_of_given(person, office, since))


def read_of_given(person: str, office: str, since: datetime) -> Read:
    """What `given_since` reads."""
    given = {"person": person, "office": office, "since": since, "limit": MOST}
    return GIVEN_SINCE, given
