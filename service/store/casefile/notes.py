"""Notes about a case or one of its referrals: an office's own, or shared with named offices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from service.store.guarded_rows import bind
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import note

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer


@dataclass(frozen=True, slots=True)
class Note:
    """One note, sealed."""

    id: str
    case_id: str
    office_id: str
    shared_with: list[str]
    by: str
    at: datetime
    sealed: bytes
    about: str = ""
    """The referral that it belongs to; empty for a note of the case itself."""
    roles: list[str] = field(default_factory=list)
    """Roles of the author; colleagues of her office who hold one of them read the note."""


COLUMNS = columns(note, Note)
ADD = PreparedStatement(insert(note))
OF_CASE = PreparedStatement(
    select(*COLUMNS).where(note.c.case_id == bindparam("case_id")).order_by(note.c.id)
)


def add(writer: Writer, row: Note) -> None:
    writer.later(ADD, values(row))
    bind(writer, f"case/{row.case_id}", "note", row)


def everyones(reader: Reader, case_id: str) -> list[Note]:
    """Notes of all offices, oldest first: for verification, which reads none of them."""
    return reader.all(Note, OF_CASE, {"case_id": case_id})


def of_case(
    reader: Reader, case_id: str, *, office: str, roles: Collection[str], about: str = ""
) -> list[Note]:
    """Notes that people of an office with these roles may read, oldest first.

    Those of their own office by the same role, and those that another office shares with theirs.

    Args:
        about: a referral; empty for notes of the case itself.
    """
    return [
        row
        for row in everyones(reader, case_id)
        if row.about == about
        and (
            office in row.shared_with
            or (office == row.office_id and not set(roles).isdisjoint(row.roles))
        )
    ]
