"""Releases, which never change once published, and drafts, which become them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from service.store.at_hand import known as known_rows
from service.store.guarded_rows import bind
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
class DraftTitle:
    """A draft without its files."""

    id: str
    rev: int
    closed_at: datetime | None


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


COLUMNS = columns(release, Release)
TITLE = columns(release, ReleaseTitle)
DRAFT = columns(draft, Draft)
ADD, ADD_DRAFT = PreparedStatement(insert(release)), PreparedStatement(insert(draft))
GET = PreparedStatement(select(*COLUMNS).where(release.c.id == bindparam("id")))
GET_TITLE = PreparedStatement(select(*TITLE).where(release.c.id == bindparam("id")))
PUBLISHED_AT = PreparedStatement(
    select(release.c.published_at).where(release.c.id == bindparam("id"))
)
GET_DRAFT_TITLE = PreparedStatement(
    select(*columns(draft, DraftTitle)).where(draft.c.id == bindparam("id"))
)
GET_DRAFT = PreparedStatement(select(*DRAFT).where(draft.c.id == bindparam("id")))
OF_ONE = select(*TITLE).where(release.c.process == bindparam("process"))
OF_PROCESS = PreparedStatement(OF_ONE.order_by(release.c.number.desc()))
LIVE = PreparedStatement(
    OF_ONE.where(release.c.state == "published").order_by(release.c.number.desc()).limit(1)
)
EVERYONE = PreparedStatement(select(*TITLE).order_by(release.c.process, release.c.number.desc()))
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
SET_STATE = PreparedStatement(
    update(release).where(release.c.id == bindparam("b_id")).values(state=bindparam("b_state"))
)
LAST_CLOSED = PreparedStatement(
    select(*DRAFT)
    .where(draft.c.process == bindparam("process"), draft.c.closed_at.is_not(None))
    .order_by(draft.c.closed_at.desc())
    .limit(1)
)
SAVE_DRAFT = PreparedStatement(
    update(draft)
    .where(draft.c.id == bindparam("b_id"), draft.c.rev == bindparam("b_rev") - 1)
    .values({column.name: bindparam(f"b_{column.name}") for column in DRAFT})
)
OPEN_DRAFTS = select(*DRAFT).where(draft.c.closed_at.is_(None)).order_by(draft.c.at.desc())
DRAFTS = PreparedStatement(OPEN_DRAFTS)
DRAFTS_OF = PreparedStatement(OPEN_DRAFTS.where(draft.c.process == bindparam("process")))


def add(tx: Tx, row: Release) -> None:
    tx.run(ADD, values(row))
    bind(tx, f"release/{row.process}", "release", row)


def get(reader: Reader, id: str) -> Release | None:
    return reader.one(Release, GET, {"id": id})


def add_dossier(tx: Tx, process: str, row: ReleaseDossier) -> None:
    tx.run(ADD_DOSSIER, values(row))
    bind(tx, f"release/{process}", "release_dossier", row)


def dossier(reader: Reader, release_id: str) -> ReleaseDossier | None:
    """How a release was published; None of one from before that was kept."""
    return reader.one(ReleaseDossier, GET_DOSSIER, {"id": release_id})


def draft_title(reader: Reader, id: str) -> DraftTitle | None:
    return reader.one(DraftTitle, GET_DRAFT_TITLE, {"id": id})


def set_state(tx: Tx, id: str, state: str) -> None:
    """Publish or withdraw a release; nothing is written when it is so already."""
    row = get(tx, id)
    if row is None or row.state == state:
        return
    tx.run(SET_STATE, {"b_id": id, "b_state": state})
    bind(tx, f"release/{row.process}", "release", replace(row, state=state))


def title(reader: Reader, id: str) -> ReleaseTitle | None:
    return reader.one(ReleaseTitle, GET_TITLE, {"id": id})


def published_at(reader: Reader, id: str) -> datetime | None:
    """When a release was published; None while it is not."""
    found: datetime | None = reader.value(PUBLISHED_AT, {"id": id})
    return found


def live(reader: Reader, process: str) -> ReleaseTitle | None:
    """The published release with the highest number: new cases begin on it."""
    every = known_rows(reader, ReleaseTitle, EVERYONE, {})
    if every is not None:
        return next((o for o in every if (o.process, o.state) == (process, "published")), None)
    return reader.one(ReleaseTitle, *read_of_live(process))


def read_of_live(process: str) -> Read:
    """What `live` reads."""
    return LIVE, {"process": process}


def of_process(reader: Reader, process: str) -> list[ReleaseTitle]:
    """Every release of a process, newest first."""
    return reader.all(ReleaseTitle, *read_of_process(process))


def read_of_process(process: str) -> Read:
    """What `of_process` reads."""
    return OF_PROCESS, {"process": process}


def everyone(reader: Reader) -> list[ReleaseTitle]:
    """Every release, by process, newest first."""
    return reader.all(ReleaseTitle, EVERYONE)


def next_number(reader: Reader, process: str) -> int:
    return int(reader.value(HIGHEST, {"process": process})) + 1


def add_draft(tx: Tx, row: Draft) -> None:
    tx.run(ADD_DRAFT, values(row))
    bind(tx, f"release/{row.process}", "draft", row)


def get_draft(reader: Reader, id: str) -> Draft | None:
    return reader.one(Draft, GET_DRAFT, {"id": id})


def drafts(reader: Reader, process: str = "") -> list[Draft]:
    """Drafts that are not closed, newest first."""
    if process:
        return reader.all(Draft, DRAFTS_OF, {"process": process})
    return reader.all(Draft, DRAFTS)


def last_closed(reader: Reader, process: str) -> Draft | None:
    """The draft of a process that was closed last."""
    return reader.one(Draft, LAST_CLOSED, {"process": process})


def save_draft(tx: Tx, row: Draft) -> None:
    """Write a draft after an edit; `row.rev` is the new number.

    Raises:
        CaseMoved: somebody else has saved it since.
    """
    tx.win(SAVE_DRAFT, {f"b_{name}": value for name, value in values(row).items()})
    bind(tx, f"release/{row.process}", "draft", row)
