"""The cases that do not exist for a person: by herself, her office, or a role of hers.

Lists leave them out by what is read here; of one case its rows decide (`casefile.case_bars`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, bindparam, or_, select

from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.statement_shapes import Spaced
from service.store.tables import case_bar, membership, person

if TYPE_CHECKING:
    from service.store.at_hand import Reader

OWN_ROLES = select(membership.c.role).where(membership.c.person_id == person.c.id)


def barred_to_person() -> ColumnElement[str]:
    """Column of a statement over `person`: ids of the cases that do not exist for her, parted by
    spaces; NULL for none.
    """
    own = or_(
        case_bar.c.office_id == person.c.office_id,
        case_bar.c.person_id == person.c.id,
        case_bar.c.role.in_(OWN_ROLES.correlate(person)),
    )
    found = select(Spaced(case_bar.c.case_id)).where(own, case_bar.c.ended_at.is_(None))
    return found.correlate(person).scalar_subquery().label("barred")


BARRED_TO = PreparedStatement(
    as_system("bars", select(barred_to_person()).where(person.c.id == bindparam("person_id")))
)


def barred_to(reader: Reader, person_id: str) -> frozenset[str]:
    """The cases that do not exist for a person: by herself, her office, or a role of hers."""
    found: str | None = reader.one(lambda ids: ids, BARRED_TO, {"person_id": person_id})
    return frozenset((found or "").split())
