"""Public documents that anybody asks offices for, and what is chosen for one while it is open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from service.store.checked_rows import CheckedRows, Refused
from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.tables import document_choice, document_request

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """One request to one office. It says nothing of who asks, of why, or of a case."""

    id: str
    office_id: str
    by: str
    """Who of the office took it down."""
    at: datetime
    due: datetime
    outcome: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    given: str = ""
    """How the answer was given; "" while it was not."""
    given_at: datetime | None = None
    wish: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """The case that a request was found to be about, and what is chosen of it."""

    request_id: str
    case_id: str
    office_id: str
    parts: dict[str, Any] = field(default_factory=dict)
    """Id of a chosen part, to the numbers of its pieces that are struck out, the ground, and
    whether somebody has read it."""


ROWS = CheckedRows(document_request, DocumentRequest, Refused.STOPS)
CHOICES = CheckedRows(document_choice, DocumentChoice, Refused.STOPS)
GET = PreparedStatement(select(*ROWS.columns).where(document_request.c.id == bindparam("id")))
OPEN = document_request.c.given_at.is_(None)
IN_ORDER = (document_request.c.at, document_request.c.id)
OF_OFFICE = PreparedStatement(
    select(*ROWS.columns)
    .where(document_request.c.office_id == bindparam("office"), OPEN)
    .order_by(*IN_ORDER)
)
EVERY_OPEN = PreparedStatement(select(*ROWS.columns).where(OPEN).order_by(*IN_ORDER))
IN_WORDS = PreparedStatement(
    select(*ROWS.columns)
    .where(document_request.c.wish.is_not(None), document_request.c.given_at <= bindparam("before"))
    .order_by(*IN_ORDER)
)
CHOICE = PreparedStatement(
    as_system(
        "documents",
        select(*CHOICES.columns).where(document_choice.c.request_id == bindparam("id")),
    )
)
CHOICES_OF_OFFICE = PreparedStatement(
    as_system(
        "documents",
        select(*CHOICES.columns)
        .where(document_choice.c.office_id == bindparam("office"))
        .order_by(document_choice.c.request_id),
    )
)
CHOICES_OF_CASE = CHOICES.reads_of_case(document_choice.c.request_id)


def stream_of(row: DocumentRequest) -> str:
    """The stream of the ledger that tells of a request: the office's, never that of a case."""
    return f"office/{row.office_id}"


def add(writer: Writer, row: DocumentRequest) -> None:
    ROWS.add(writer, row, stream=stream_of(row))


def change(writer: Writer, row: DocumentRequest, **marks: Any) -> DocumentRequest:  # noqa: ANN401 - fields of a request
    """Write what became of a request; gives it as it is then."""
    after = replace(row, **marks)
    ROWS.change(writer, row, after, stream=stream_of(row))
    return after


def get(reader: Reader, id_: str) -> DocumentRequest | None:
    return ROWS.one(reader, GET, {"id": id_})


def read_of_office(office: str) -> Read:
    """The open requests to an office, the oldest first."""
    return OF_OFFICE, {"office": office}


def open_ones(reader: Reader) -> list[DocumentRequest]:
    """The open requests to all offices, the oldest first."""
    return ROWS.all(reader, EVERY_OPEN, {}, listed=True)


def still_in_words(reader: Reader, before: datetime) -> list[DocumentRequest]:
    """Those that were answered before a moment, and of which the words are still kept."""
    return ROWS.all(reader, IN_WORDS, {"before": before}, listed=True)


def choose(writer: Writer, row: DocumentChoice, before: DocumentChoice | None = None) -> None:
    """Keep what is chosen; `before` is what was chosen of the same case until now."""
    if before is None:
        CHOICES.add(writer, row)
    else:
        CHOICES.change(writer, before, row)


def forget_choice(writer: Writer, row: DocumentChoice) -> None:
    CHOICES.drop(writer, row)


def choice_of(reader: Reader, request: str) -> DocumentChoice | None:
    """What is chosen for a request; None where no case was found, or it is answered."""
    return CHOICES.one(reader, CHOICE, {"id": request})


def read_choices(office: str) -> Read:
    """What an office has chosen for its open requests."""
    return CHOICES_OF_OFFICE, {"office": office}


def choices_of_case(reader: Reader, case_id: str) -> list[DocumentChoice]:
    """What is chosen of a case for open requests: none was taken away."""
    return CHOICES.of_case(reader, CHOICES_OF_CASE, case_id)
