"""Pairs of words that find a case, as keyed digests; the words themselves are stored nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from service.store.checked_rows import CheckedRows, Refused
from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.tables import word_pair

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer


@dataclass(frozen=True, slots=True)
class WordPair:
    """Two words that were given to the person of a case."""

    id: str
    case_id: str
    digest: bytes
    """Of the pair, whichever word comes first."""
    printed: bytes
    """Of the two in the order on the card; she says them in the other."""
    by: str
    """Id of the person who gave them."""
    at: datetime
    ended_at: datetime | None = None


ROWS = CheckedRows(word_pair, WordPair, Refused.MISSING)
OF_CASE = PreparedStatement(
    select(*ROWS.columns)
    .where(word_pair.c.case_id == bindparam("case_id"))
    .order_by(word_pair.c.at, word_pair.c.id)
)
BY_DIGEST = PreparedStatement(
    as_system("words", select(*ROWS.columns).where(word_pair.c.digest == bindparam("digest")))
)


def add(writer: Writer, row: WordPair) -> None:
    ROWS.add(writer, row, stream=f"case/{row.case_id}")


def end(writer: Writer, row: WordPair, at: datetime) -> None:
    """From this moment on the pair finds nothing; it is never given again."""
    ROWS.change(writer, row, replace(row, ended_at=at), stream=f"case/{row.case_id}")


def of_case(reader: Reader, case_id: str) -> list[WordPair]:
    """The pairs of a case, ended ones too, oldest first."""
    return ROWS.all(reader, OF_CASE, {"case_id": case_id})


def by_digest(reader: Reader, digest: bytes) -> WordPair | None:
    """The pair with this digest, ended or not."""
    return ROWS.one(reader, BY_DIGEST, {"digest": digest})
