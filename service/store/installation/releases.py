"""Releases, which never change once published, and drafts, which become them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select

from service.store.at_hand import known as known_rows
from service.store.checked_rows import CheckedRows, Refused
from service.store.guarded_rows import bind
from service.store.installation import newest_rows
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import draft, release, release_dossier

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class ReleaseTitle:
    """A release without its files, for lists. `id` is the hash of the files."""

    id: str
    process: str
    number: int
    digest: str
    handlers: dict[str, Any]
    state: str  # "proposed", "published", "withdrawn"
    note: str
    proposed_by: str | None
    proposed_at: datetime | None
    approved_by: str | None
    published_by: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Release(ReleaseTitle):
    """One bundle of diagrams, rules and forms, as a zip."""

    files: bytes


@dataclass(frozen=True, slots=True)
class ReleaseDossier:
    """How a release was published, as canonical JSON; written once, with the release."""

    release_id: str
    content: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A release being edited."""

    id: str
    process: str
    base: str | None
    title: str
    rev: int
    files: bytes
    by: str
    at: datetime
    closed_at: datetime | None = None


ROWS = CheckedRows(release, Release, Refused.STOPS)
TITLES = CheckedRows(release, ReleaseTitle, Refused.STOPS)
DRAFTS = CheckedRows(draft, Draft, Refused.STOPS)
GET = PreparedStatement(select(*ROWS.columns).where(release.c.id == bindparam("id")))
GET_TITLE = PreparedStatement(select(*TITLES.columns).where(release.c.id == bindparam("id")))
PUBLISHED_AT = PreparedStatement(
    select(release.c.published_at).where(release.c.id == bindparam("id"))
)
GET_DRAFT = PreparedStatement(select(*DRAFTS.columns).where(draft.c.id == bindparam("id")))
OF_ONE = select(*TITLES.columns).where(release.c.process == bindparam("process"))
OF_PROCESS = PreparedStatement(OF_ONE.order_by(release.c.number.desc()))
HIGHEST_PUBLISHED = (
    select(func.max(release.c.number))
    .where(release.c.process == bindparam("process"), release.c.state == "published")
    .scalar_subquery()
)
LIVE = PreparedStatement(
    OF_ONE.where(release.c.number >= HIGHEST_PUBLISHED).order_by(release.c.number.desc())
)
"""The newer ones too, of which each says that it was withdrawn."""
EVERYONE = PreparedStatement(
    select(*TITLES.columns).order_by(release.c.process, release.c.number.desc())
)
HIGHEST = PreparedStatement(
    select(func.coalesce(func.max(release.c.number), 0)).where(
        release.c.process == bindparam("process")
    )
)
ADD_DOSSIER = PreparedStatement(insert(release_dossier))
GET_DOSSIER = PreparedStatement(
    select(*columns(release_dossier, ReleaseDossier)).where(
        release_dossier.c.release_id == bindparam("id")
    )
)
LAST_CLOSED = PreparedStatement(
    select(*DRAFTS.columns)
    .where(draft.c.process == bindparam("process"), draft.c.closed_at.is_not(None))
    .order_by(draft.c.closed_at.desc())
    .limit(1)
)
STILL_OPEN = select(*DRAFTS.columns).where(draft.c.closed_at.is_(None)).order_by(draft.c.at.desc())
OPEN_DRAFTS = PreparedStatement(STILL_OPEN)
OPEN_DRAFTS_OF = PreparedStatement(STILL_OPEN.where(draft.c.process == bindparam("process")))


def add(tx: Tx, row: Release) -> None:
    ROWS.add(tx, row, stream=f"release/{row.process}")


def get(reader: Reader, id: str) -> Release | None:
    """A release with its files, which whoever reads them compares with its id
    (`release.bundle.unpack_release`).
    """
    return ROWS.one(reader, GET, {"id": id})


def add_dossier(tx: Tx, process: str, row: ReleaseDossier) -> None:
    tx.run(ADD_DOSSIER, values(row))
    bind(tx, f"release/{process}", "release_dossier", row)


def dossier(reader: Reader, release_id: str) -> ReleaseDossier | None:
    """How a release was published; None of one from before that was kept."""
    return reader.one(ReleaseDossier, GET_DOSSIER, {"id": release_id})


def set_state(tx: Tx, id: str, state: str) -> None:
    """Publish or withdraw a release; nothing is written when it is so already.

    Raises:
        RowRefused: it was put back to an older state, or its files are others.
    """
    row = get(tx, id)
    if row is None or row.state == state:
        return
    newest_rows.require_newest(tx, f"release/{row.process}", "release", row)
    ROWS.change(tx, row, replace(row, state=state), stream=f"release/{row.process}")


def title(reader: Reader, id: str) -> ReleaseTitle | None:
    return TITLES.one(reader, GET_TITLE, {"id": id})


def published_at(reader: Reader, id: str) -> datetime | None:
    """When a release was published; None while it is not."""
    found: datetime | None = reader.value(PUBLISHED_AT, {"id": id})
    return found


def live(reader: Reader, process: str) -> ReleaseTitle | None:
    """The published release with the highest number: new cases begin on it."""
    rows = known_rows(reader, lambda *row: row, EVERYONE, {})
    if rows is None:
        rows = reader.all(lambda *row: row, *read_of_live(process))
    found = (one for one in TITLES.genuine(reader, rows) if one.process == process)
    return next((one for one in found if one.state == "published"), None)


def read_of_live(process: str) -> Read:
    """What `live` reads."""
    return LIVE, {"process": process}


def of_process(reader: Reader, process: str) -> list[ReleaseTitle]:
    """Every release of a process, newest first."""
    return TITLES.all(reader, *read_of_process(process))


def read_of_process(process: str) -> Read:
    """What `of_process` reads."""
    return OF_PROCESS, {"process": process}


def everyone(reader: Reader) -> list[ReleaseTitle]:
    """Every release, by process, newest first: a list."""
    return TITLES.all(reader, EVERYONE, {}, listed=True)


def next_number(reader: Reader, process: str) -> int:
    return int(reader.value(HIGHEST, {"process": process})) + 1


def add_draft(tx: Tx, row: Draft) -> None:
    DRAFTS.add(tx, row, stream=f"release/{row.process}")


def get_draft(reader: Reader, id: str) -> Draft | None:
    return DRAFTS.one(reader, GET_DRAFT, {"id": id})


def drafts(reader: Reader, process: str = "") -> list[Draft]:
    """Drafts that are not closed, newest first."""
    if process:
        return DRAFTS.all(reader, OPEN_DRAFTS_OF, {"process": process})
    return DRAFTS.all(reader, OPEN_DRAFTS)


def last_closed(reader: Reader, process: str) -> Draft | None:
    """The draft of a process that was closed last."""
    return DRAFTS.one(reader, LAST_CLOSED, {"process": process})


def save_draft(tx: Tx, before: Draft, row: Draft) -> None:
    """Write a draft after an edit; `row.rev` is the new number.

    Args:
        before: the draft as it was read.
    Raises:
        CaseMoved: somebody else has saved it since; perhaps only at the next question.
        RowRefused: it was put back to an older state.
    """
    newest_rows.require_newest(tx, f"release/{row.process}", "draft", before)
    DRAFTS.change(tx, before, row, stream=f"release/{row.process}")
