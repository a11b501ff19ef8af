"""Persons who are named for a case of a protected identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.store.checked_rows import CheckedRows, Refused
from service.store.tables import named_person

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person who may know a protected identity, who named her when, and since when she may not
    any more.
    """

    case_id: str
    person_id: str
    by: str
    at: datetime
    ended_at: datetime | None = None


ROWS = CheckedRows(named_person, NamedPerson, Refused.MISSING)
OF_CASE = ROWS.reads_of_case(named_person.c.at, named_person.c.person_id)


def add(writer: Writer, row: NamedPerson) -> None:
    ROWS.add(writer, row, stream=f"case/{row.case_id}")


def change(writer: Writer, before: NamedPerson, after: NamedPerson) -> None:
    """End that a person is named, or name her anew.

    Raises:
        CaseMoved: the row is not as it was read any more; perhaps only at the next question.
    """
    ROWS.change(writer, before, after, stream=f"case/{before.case_id}")


def of_case(reader: Reader, case_id: str) -> list[NamedPerson]:
    """Those who are or were named for a case, in the order in which they were."""
    return ROWS.of_case(reader, OF_CASE, case_id)
