"""Papers of a case, kept in sealed chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from service.store.rows import columns, values
from service.store.tables import document, document_chunk

if TYPE_CHECKING:
    from service.store.database import Tx


@dataclass(frozen=True, slots=True)
class Document:
    """One paper, without its content. `name` is sealed; `chunks` is their number, so that a cut is noticed."""

    id: str
    case_id: str
    task_key: str
    field: str
    klass: str
    name: bytes
    kind: str
    size: int
    chunks: int
    by: str
    office: str
    at: datetime
    state: str  # "waiting", "clean", "unscanned", "infected", "dropped"


COLUMNS = columns(document, Document)


def add(tx: Tx, row: Document, chunks: Sequence[bytes]) -> None:
    tx.run(insert(document), values(row))
    tx.run(insert(document_chunk), [{"document_id": row.id, "nth": nth, "sealed": sealed} for nth, sealed in enumerate(chunks)])


def get(tx: Tx, id: str) -> Document | None:
    return tx.one(Document, select(*COLUMNS).where(document.c.id == id))


def of_case(tx: Tx, case_id: str) -> list[Document]:
    return tx.all(Document, select(*COLUMNS).where(document.c.case_id == case_id).order_by(document.c.id))


def count(tx: Tx, case_id: str) -> int:
    return int(tx.value(select(func.count()).select_from(document).where(document.c.case_id == case_id, document.c.state != "dropped")))


def content(tx: Tx, id: str) -> list[bytes]:
    """The sealed chunks, in order."""
    return tx.all(bytes, select(document_chunk.c.sealed).where(document_chunk.c.document_id == id).order_by(document_chunk.c.nth))


def settle(tx: Tx, id: str, state: str) -> None:
    tx.run(update(document).where(document.c.id == id).values(state=state))


def drop(tx: Tx, id: str) -> None:
    """Delete the content; that there was a paper stays."""
    tx.run(delete(document_chunk).where(document_chunk.c.document_id == id))
    settle(tx, id, "dropped")
