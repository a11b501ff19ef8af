"""Absences: when people of an office are away, and who stands in for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from service.store.guarded_rows import bind, unbind
from service.store.installation.people import stream_of
from service.store.prepared import PreparedStatement, PreparedUpsert
from service.store.row_mapping import columns, values
from service.store.tables import absence, person

if TYPE_CHECKING:
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


COLUMNS = columns(absence, Absence)
DEPUTY = person.alias("deputy")
OF_OFFICE = PreparedStatement(
    select(*COLUMNS)
    .join_from(absence, person, person.c.id == absence.c.person_id)
    .join(DEPUTY, DEPUTY.c.id == absence.c.deputy_id)
    .where(
        person.c.office_id == bindparam("office"),
        person.c.closed_at.is_(None),
        DEPUTY.c.closed_at.is_(None),
    )
    .order_by(absence.c.first_day, absence.c.person_id)
)
DROP = PreparedStatement(delete(absence).where(absence.c.person_id == bindparam("person")))
SAVE = PreparedUpsert(
    absence,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[absence.c.person_id],
        set_={c.name: insert.excluded[c.name] for c in COLUMNS if c.name != "person_id"},
    ),
)


def of_office(tx: Tx, office: str) -> list[Absence]:
    """Past, present and coming absences of the people of an office, one a person; those who may
    not sign in any more have none and stand in for nobody.
    """
    return tx.all(Absence, OF_OFFICE, {"office": office})


def save(tx: Tx, row: Absence, *, office: str) -> None:
    """Keep when a person of an office is away; what was kept of her before is replaced."""
    tx.run(SAVE, values(row))
    bind(tx, stream_of(office), "absence", row)


def drop(tx: Tx, person_id: str, *, office: str) -> bool:
    """A person of an office is not away any more; False when she was not."""
    gone = tx.run(DROP, {"person": person_id}) == 1
    if gone:
        unbind(tx, stream_of(office), "absence", {"person_id": person_id})
    return gone
