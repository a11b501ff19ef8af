"""Tables of the programme report, each version as it was published; none is ever changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from service.store.guarded_rows import bind
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import report

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """One version of the tables of some years; numbers that are hidden are not in it."""

    id: str
    first_year: int
    last_year: int
    version: int
    tables: dict[str, Any]
    by: str
    at: datetime


ADD = PreparedStatement(insert(report))
EVERY = PreparedStatement(
    select(*columns(report, PublishedReport)).order_by(
        report.c.first_year.desc(), report.c.last_year.desc(), report.c.version.desc()
    )
)
GET = PreparedStatement(
    select(*columns(report, PublishedReport)).where(report.c.id == bindparam("id"))
)


def add(tx: Tx, row: PublishedReport, *, stream: str) -> None:
    """Keep a version; an entry of the stream binds it."""
    tx.run(ADD, values(row))
    bind(tx, stream, "report", row)


def every(reader: Reader) -> list[PublishedReport]:
    """All versions, those of the newest years first, and of those the newest."""
    return reader.all(PublishedReport, EVERY, {})


def get(reader: Reader, id_: str) -> PublishedReport | None:
    return reader.one(PublishedReport, GET, {"id": id_})
