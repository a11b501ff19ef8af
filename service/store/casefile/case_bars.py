"""Bars: the offices, persons and roles for whom a case does not exist."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from service.store.checked_rows import CheckedRows, Refused
from service.store.tables import case_bar

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer


@dataclass(frozen=True, slots=True)
class CaseBar:
    """An office, a person, or everybody with a role, for whom a case does not exist."""

    id: str
    case_id: str
    office_id: str
    person_id: str
    role: str
    """Each "" when the row is not about one."""
    why: str
    """A code: `about` for whom a complaint is about, `left` for who handles the case no more."""
    by: str
    """Id of the person who said so."""
    at: datetime
    ended_at: datetime | None = None


ROWS = CheckedRows(case_bar, CaseBar, Refused.MISSING)
OF_CASE = ROWS.reads_of_case(case_bar.c.at, case_bar.c.id)


def add(writer: Writer, row: CaseBar) -> None:
    ROWS.add(writer, row, stream=f"case/{row.case_id}")


def end(writer: Writer, row: CaseBar, at: datetime) -> None:
    """From this moment on the case exists again for whom the row is about."""
    ROWS.change(writer, row, replace(row, ended_at=at), stream=f"case/{row.case_id}")


def of_case(reader: Reader, case_id: str) -> list[CaseBar]:
    """The bars of a case, ended ones too, oldest first."""
    return ROWS.of_case(reader, OF_CASE, case_id)


def read_of_case(case_id: str) -> Read:
    """What `of_case` reads."""
    return OF_CASE, {"case_id": case_id}
