"""Notes on a case or on one of its referrals: an office's own, or shared with other offices.

They move no case.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import Viewer
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.people import accounts
from service.records.case_keys import CaseKeys
from service.records.context import Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.store.at_hand import Reader
from service.store.casefile import notes, parties
from service.store.installation import offices
from service.store.transaction import Tx

LONGEST = 2000
"""Characters of a note."""
CLASS: Final = "C3"
"""Class of what a note says: it is typed freely."""


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note as pages show it."""

    text: str
    by: str
    at: datetime
    shared_with: str
    """Names of the other offices that may read it; empty when there are none."""
    own: bool
    """Whether the reader's office wrote it."""


def write(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    text: str,
    shared: Collection[str] = (),
) -> None:
    """Write a note on a case, with an entry in the case's history.

    Args:
        shared: offices of the case that may read it too; others are dropped.
    Raises:
        InvalidAnswers: it is empty or too long.   NotFound: the case has no key any more.
    """
    readers = set(shared) & set(parties.of_case(tx, case_id).values())
    id_ = keep(tx, services, by=by, case_id=case_id, text=text, shared=readers, now=now)
    append_entry(tx, f"case/{case_id}", "note", by=actor(by), now=now, body={"note": id_})


def keep(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    text: str,
    shared: Collection[str],
    about: str = "",
) -> str:
    """Seal and keep a note, without an entry; gives its id.

    Args:
        shared: offices that may read it too.
        about: the referral that it belongs to.
    Raises:
        InvalidAnswers: it is empty or too long.   NotFound: the case has no key any more.
    """
    text = text.strip()
    _check_length(text)
    keys = services.case_keys(tx, case_id)
    if keys.own is None:
        raise NotFound
    key = keys.for_writing(tx, by.office, CLASS)
    id_ = ulid(now)
    note = notes.Note(
        id=id_,
        case_id=case_id,
        office_id=by.office,
        shared_with=sorted(set(shared) - {by.office}),
        by=by.person,
        at=now,
        sealed=key.seal("notes", text.encode(), **_place(id_)),
        about=about,
        roles=sorted(by.lane_roles),
    )
    notes.add(tx, note)
    return id_


def _check_length(text: str) -> None:
    if not text or len(text) > LONGEST:
        code = "form.required" if not text else "form.too_long"
        fault = FieldFault("text", code, {"label": "", "n": len(text) - LONGEST, "most": LONGEST})
        raise InvalidAnswers((fault,))


def authors(reader: Reader, viewer: Viewer, case_id: str) -> set[str]:
    """Who wrote the notes of the case that the viewer may read."""
    found = notes.of_case(reader, case_id, office=viewer.office, roles=viewer.lane_roles)
    return {row.by for row in found}


def read(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    case_id: str,
    *,
    closed: Collection[str],
    about: str = "",
) -> list[NoteView]:
    """Notes of the case, or about one referral, that the viewer may read, newest first. Of her own
    office she reads the notes of her roles, of other offices the shared notes, each with the name
    of its office.

    Args:
        closed: offices whose notes are locked, and not open to her.
    """
    office, roles = viewer.office, viewer.lane_roles
    found = notes.of_case(reader, case_id, office=office, roles=roles, about=about)
    rows = [row for row in found if row.office_id not in closed]
    if not rows:
        return []
    keys = services.case_keys(reader, case_id)
    names = accounts.names(reader, services, {row.by for row in rows})
    places = offices.names(reader)

    def author(row: notes.Note) -> str:
        name = names.get(row.by, "")
        office = places.get(row.office_id, "")
        return name if row.office_id == viewer.office else f"{name}, {office}"

    return [
        NoteView(
            text=open_note(keys, row).decode(),
            by=author(row),
            at=row.at,
            shared_with=", ".join(places.get(office, "") for office in row.shared_with),
            own=row.office_id == viewer.office,
        )
        for row in reversed(rows)
    ]


def open_note(keys: CaseKeys, row: notes.Note) -> bytes:
    """The text of a note.

    Raises:
        CannotOpen: it is erased, or not what was sealed there.
    """
    return keys.of(row.office_id, CLASS).open("notes", row.sealed, **_place(row.id))


def _place(id_: str) -> dict[str, str]:
    return {"table": "note", "column": "sealed", "row": id_}
