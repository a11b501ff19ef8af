"""Documents of a case, kept in sealed chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, func, insert, select

from service.store.checked_rows import CheckedRows, Refused
from service.store.installation import newest_rows
from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.tables import document, document_chunk, task, unsent

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Document:
    """One document, without its content.

    `name` is sealed, and empty once it is erased; `chunks` is their number, so that a cut is
    noticed. One that was attached answers a `field`; one that was made is of a `template`; a signed
    copy `signs` the one that was made.
    """

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
    state: str  # "unscanned" or "dropped"; a scanner would write "waiting", "clean", "infected"
    template: str = ""
    purpose: str = ""
    """Purpose of consent that a paper rests on, or asks for."""
    signs: str = ""
    shows: Sequence[Sequence[str]] = attribute(default_factory=list)
    """Of a paper: key of each field that it holds, and the office that answered it."""


ROWS = CheckedRows(document, Document, Refused.MISSING)
COLUMNS = ROWS.columns
ADD_CHUNK = PreparedStatement(insert(document_chunk))
GET = PreparedStatement(select(*COLUMNS).where(document.c.id == bindparam("id")))
WITH_CASE = document.c.case_id == bindparam("case_id")
OF_CASE = PreparedStatement(select(*COLUMNS).where(WITH_CASE).order_by(document.c.id))
COUNT = PreparedStatement(
    select(func.count())
    .select_from(document)
    .where(WITH_CASE, document.c.state != "dropped", document.c.template == "")
)
COUNT_MADE = PreparedStatement(
    select(func.count())
    .select_from(document)
    .where(WITH_CASE, document.c.state != "dropped", document.c.template != "")
)
CHUNKS = document_chunk.c.document_id == bindparam("id")
CONTENT = PreparedStatement(
    select(document_chunk.c.sealed).where(CHUNKS).order_by(document_chunk.c.nth)
)
NUMBERS = PreparedStatement(
    as_system(
        "verify",
        select(document_chunk.c.document_id, document_chunk.c.nth).order_by(
            document_chunk.c.document_id, document_chunk.c.nth
        ),
    )
)
DROP = PreparedStatement(delete(document_chunk).where(CHUNKS))
UNTOUCHED = PreparedStatement(
    as_system(
        "queue",
        select(*COLUMNS)
        .join(task, task.c.key == document.c.task_key)
        .where(
            document.c.at < bindparam("before"),
            ~exists().where(unsent.c.key == document.c.task_key),
        )
        .order_by(document.c.id),
    )
)


def add(writer: Writer, row: Document, chunks: Sequence[bytes]) -> None:
    ROWS.add(writer, row, stream=f"case/{row.case_id}")
    writer.later(
        ADD_CHUNK,
        [
            {"document_id": row.id, "nth": nth, "sealed": sealed}
            for nth, sealed in enumerate(chunks)
        ],
    )


def get(reader: Reader, id: str) -> Document | None:
    return ROWS.one(reader, GET, {"id": id})


def of_case(reader: Reader, case_id: str) -> list[Document]:
    return ROWS.all(reader, OF_CASE, {"case_id": case_id})


def count(reader: Reader, case_id: str) -> int:
    """How many documents people brought."""
    return int(reader.value(COUNT, {"case_id": case_id}))


def count_made(reader: Reader, case_id: str) -> int:
    """How many papers were made."""
    return int(reader.value(COUNT_MADE, {"case_id": case_id}))


def content(reader: Reader, id: str) -> list[bytes]:
    """The sealed chunks, in order."""
    return reader.all(bytes, CONTENT, {"id": id})


def chunk_numbers(reader: Reader) -> dict[str, list[int]]:
    """Numbers of the chunks that are there of each document, whether the document is or not."""
    found: dict[str, list[int]] = {}
    for id_, nth in reader.all(lambda id_, nth: (id_, nth), NUMBERS):
        found.setdefault(id_, []).append(nth)
    return found


def sign(tx: Tx, row: Document, made: str) -> None:
    """Tie a document, as it was read, to the paper that it signs.

    Raises:
        CaseMoved: it is not as it was read any more; perhaps only at the next question.
        RowRefused: it was put back to an older state.
    """
    newest_rows.require_newest(tx, f"case/{row.case_id}", "document", row)
    ROWS.change(tx, row, replace(row, signs=made), stream=f"case/{row.case_id}")


def drop(tx: Tx, row: Document) -> None:
    """Delete the content; the row says that there was a document.

    Raises:
        CaseMoved, RowRefused: as `sign` does.
    """
    newest_rows.require_newest(tx, f"case/{row.case_id}", "document", row)
    tx.run(DROP, {"id": row.id})
    ROWS.change(tx, row, replace(row, state="dropped"), stream=f"case/{row.case_id}")


def delete_unsent(writer: Writer, row: Document) -> None:
    """Delete a document that was never sent: its content, and the row itself."""
    writer.later(DROP, {"id": row.id})
    ROWS.drop(writer, row, stream=f"case/{row.case_id}")


def untouched(reader: Reader, before: datetime) -> list[Document]:
    """Documents attached before a moment to the form of a task that is open still, where nobody has
    unsent answers any more.
    """
    return ROWS.all(reader, UNTOUCHED, {"before": before})
