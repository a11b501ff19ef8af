"""What persons ask offices for about what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from service.store.checked_rows import CheckedRows, Refused
from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.tables import subject_request

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer

COPY, CORRECT, ERASE, RESTRICT, OBJECT = KINDS = ("copy", "correct", "erase", "restrict", "object")
"""What she asks for: all that is kept of her; that something is corrected; erased; used for nothing
else while a question is open; or that it is not used for something."""


@dataclass(frozen=True, slots=True)
class SubjectRequest:
    """One request to one office about one case."""

    id: str
    case_id: str
    office_id: str
    asked: str
    """What the rows of all offices that she asked at once have in common."""
    kind: str
    who: str
    """Who asks: herself, or somebody for her."""
    by: str
    at: datetime
    process: int
    """Version of the diagram."""
    proven: str = ""
    """How it was shown who asks; "" while nobody has looked."""
    proven_at: datetime | None = None
    longer_at: datetime | None = None
    """When she heard that it takes longer."""
    outcome: str = ""
    ground: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    given: str = ""
    """How she got the answer; "" while she has not."""
    given_at: datetime | None = None
    masks: dict[str, Any] = field(default_factory=dict)
    """Id of a part of the copy that somebody has read, to the numbers of its pieces that are struck
    out and the ground."""
    wish: bytes | None = field(default=None, repr=False)
    answer: bytes | None = field(default=None, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether the office still owes her something."""
        return self.given_at is None


ROWS = CheckedRows(subject_request, SubjectRequest, Refused.STOPS)
OF_CASE = ROWS.reads_of_case(subject_request.c.at, subject_request.c.id)
GET = PreparedStatement(
    as_system("requests", select(*ROWS.columns).where(subject_request.c.id == bindparam("id")))
)
OPEN = subject_request.c.given_at.is_(None)
OF_OFFICE = PreparedStatement(
    as_system(
        "requests",
        select(*ROWS.columns)
        .where(subject_request.c.office_id == bindparam("office"), OPEN)
        .order_by(subject_request.c.at, subject_request.c.id),
    )
)
EVERY_OPEN = PreparedStatement(
    as_system(
        "requests",
        select(*ROWS.columns).where(OPEN).order_by(subject_request.c.at, subject_request.c.id),
    )
)


def add(writer: Writer, row: SubjectRequest) -> None:
    ROWS.add(writer, row, stream=f"case/{row.case_id}")


def change(writer: Writer, row: SubjectRequest, **marks: Any) -> SubjectRequest:  # noqa: ANN401 - fields of a request
    """Write what became of a request; gives it as it is then."""
    after = replace(row, **marks)
    ROWS.change(writer, row, after, stream=f"case/{row.case_id}")
    return after


def get(reader: Reader, id_: str) -> SubjectRequest | None:
    return ROWS.one(reader, GET, {"id": id_})


def of_case(reader: Reader, case_id: str) -> list[SubjectRequest]:
    """The requests about a case, oldest first: none was taken away."""
    return ROWS.of_case(reader, OF_CASE, case_id)


def read_of_case(case_id: str) -> Read:
    """What `of_case` reads."""
    return OF_CASE, {"case_id": case_id}


def read_of_office(office: str) -> Read:
    """The open requests to an office, the oldest first."""
    return OF_OFFICE, {"office": office}


def of_office(reader: Reader, office: str) -> list[SubjectRequest]:
    """The open requests to an office, the oldest first."""
    return ROWS.all(reader, *read_of_office(office), listed=True)


def open_ones(reader: Reader) -> list[SubjectRequest]:
    """The open requests to all offices, the oldest first."""
    return ROWS.all(reader, EVERY_OPEN, {}, listed=True)
