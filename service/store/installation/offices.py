"""Offices: the organisations that work in a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from service.store.guarded_rows import bind
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import office, party

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Office:
    """An office. Its postal and mail address is sealed under the key `office:<id>`."""

    id: str
    name: str
    kind: str
    countries: list[str]
    municipalities: list[str]
    calendar: str
    zone: str
    language: str
    address: bytes | None = None
    closed_at: datetime | None = None


COLUMNS = columns(office, Office)
ADD = PreparedStatement(insert(office))
GET = PreparedStatement(select(*COLUMNS).where(office.c.id == bindparam("id")))
SAVE = PreparedStatement(
    update(office)
    .where(office.c.id == bindparam("b_id"))
    .values({column.name: bindparam(f"b_{column.name}") for column in COLUMNS})
)
DIRECTORY = PreparedStatement(select(*COLUMNS).order_by(office.c.name))
OF_PARTIES = PreparedStatement(
    select(*COLUMNS).where(
        office.c.id.in_(select(party.c.office_id).where(party.c.case_id == bindparam("case_id")))
    )
)
STREAM = "system"
"""The stream of the ledger that tells of offices."""


def add(tx: Tx, *rows: Office) -> None:
    tx.run(ADD, [values(row) for row in rows])
    for row in rows:
        bind(tx, STREAM, "office", row)


def save(tx: Tx, row: Office) -> None:
    tx.run(SAVE, {f"b_{name}": value for name, value in values(row).items()})
    bind(tx, STREAM, "office", row)


def get(reader: Reader, id: str) -> Office | None:
    return reader.one(Office, GET, {"id": id})


def everyone(reader: Reader) -> Mapping[str, Office]:
    """The directory: every office by id, closed ones too.

    It is small.
    """
    return {row.id: row for row in reader.all(Office, DIRECTORY)}


def of_parties(reader: Reader, case_id: str) -> dict[str, Office]:
    """The offices that hold a role in a case, by id."""
    return {row.id: row for row in reader.all(Office, OF_PARTIES, {"case_id": case_id})}


def names(reader: Reader) -> dict[str, str]:
    """What each office is called, by its id."""
    return {id_: row.name for id_, row in everyone(reader).items()}
