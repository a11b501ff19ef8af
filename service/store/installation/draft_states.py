"""Earlier states of the files of drafts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import draft, draft_state

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class StateTitle:
    """A state of a file without its content: the revision that saved it, who and when."""

    draft_id: str
    file: str
    rev: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftState(StateTitle):
    """A state of a file; None as content is a state in which the draft does not have it."""

    content: bytes | None


ADD = PreparedStatement(insert(draft_state))
OF_FILE = select(*columns(draft_state, StateTitle)).where(
    draft_state.c.draft_id == bindparam("draft_id"), draft_state.c.file == bindparam("file")
)
TITLES = PreparedStatement(OF_FILE.order_by(draft_state.c.rev.desc()))
GET = PreparedStatement(
    select(*columns(draft_state, DraftState)).where(
        draft_state.c.draft_id == bindparam("draft_id"),
        draft_state.c.file == bindparam("file"),
        draft_state.c.rev == bindparam("rev"),
    )
)


def add(tx: Tx, row: DraftState) -> None:
    tx.run(ADD, values(row))


def titles(reader: Reader, draft_id: str, file: str) -> list[StateTitle]:
    """The states of a file, the newest first."""
    return reader.all(StateTitle, TITLES, {"draft_id": draft_id, "file": file})


def get(reader: Reader, draft_id: str, file: str, rev: int) -> DraftState | None:
    return reader.one(DraftState, GET, {"draft_id": draft_id, "file": file, "rev": rev})


def drop(tx: Tx, draft_id: str, file: str, revs: Collection[int]) -> None:
    """Delete some states of a file."""
    of_file = (draft_state.c.draft_id == draft_id, draft_state.c.file == file)
    tx.run(delete(draft_state).where(*of_file, draft_state.c.rev.in_(sorted(revs))))


def sweep(tx: Tx, before: datetime) -> int:
    """Delete the states of drafts that were closed before a moment; returns their number."""
    closed = select(draft.c.id).where(draft.c.closed_at < before)
    return tx.run(delete(draft_state).where(draft_state.c.draft_id.in_(closed)))
