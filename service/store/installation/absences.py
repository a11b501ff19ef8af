"""Absences: when people of an office are away, and who stands in for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from service.store.checked_rows import CheckedRows, Refused
from service.store.installation.people import stream_of
from service.store.prepared import PreparedStatement
from service.store.tables import absence, person

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Absence:
    """From the first to the last day a person is away, and a deputy stands in for her.

    The days are those of her office. `by` is who said so: herself, or a colleague.
    """

    person_id: str
    deputy_id: str
    first_day: date
    last_day: date
    by: str
    at: datetime

    def holds(self, day: date) -> bool:
        """Whether she is away on a day."""
        return self.first_day <= day <= self.last_day


ROWS = CheckedRows(absence, Absence, Refused.MISSING)
DEPUTY = person.alias("deputy")
OF_OFFICE = PreparedStatement(
    select(*ROWS.columns)
    .join_from(absence, person, person.c.id == absence.c.person_id)
    .join(DEPUTY, DEPUTY.c.id == absence.c.deputy_id)
    .where(
        person.c.office_id == bindparam("office"),
        person.c.closed_at.is_(None),
        DEPUTY.c.closed_at.is_(None),
    )
    .order_by(absence.c.first_day, absence.c.person_id)
)
OF_PERSON = PreparedStatement(
    select(*ROWS.columns).where(absence.c.person_id == bindparam("person"))
)


def of_office(reader: Reader, office: str) -> list[Absence]:
    """Past, present and coming absences of the people of an office, one a person; those who may
    not sign in any more have none and stand in for nobody.
    """
    return ROWS.all(reader, *read_of_office(office))


def read_of_office(office: str) -> Read:
    """What `of_office` reads."""
    return OF_OFFICE, {"office": office}


def save(tx: Tx, row: Absence, *, office: str) -> None:
    """Keep when a person of an office is away; what was kept of her before is replaced.

    Raises:
        CaseMoved: somebody else changed it meanwhile; perhaps only at the next question.
    """
    before = ROWS.one(tx, OF_PERSON, {"person": row.person_id})
    if before is None:
        ROWS.add(tx, row, stream=stream_of(office))
    else:
        ROWS.change(tx, before, row, stream=stream_of(office))


def drop(tx: Tx, person_id: str, *, office: str) -> bool:
    """A person of an office is not away any more; False when she was not."""
    before = ROWS.one(tx, OF_PERSON, {"person": person_id})
    if before is not None:
        ROWS.drop(tx, before, stream=stream_of(office))
    return before is not None
