"""Heartbeats: the last sign of life by name, its moment, and a number that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update
from sqlalchemy import delete as deleting

from service.store.prepared import PreparedStatement, PreparedUpsert
from service.store.row_mapping import columns, values
from service.store.tables import heartbeat

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One sign of life."""

    name: str
    at: datetime
    number: int = 0


COLUMNS = columns(heartbeat, Heartbeat)
EVERY = PreparedStatement(select(*COLUMNS))
CHANGE = PreparedStatement(
    update(heartbeat)
    .where(heartbeat.c.name == bindparam("b_name"))
    .values(at=bindparam("b_at"), number=bindparam("b_number"))
)
DELETE = PreparedStatement(deleting(heartbeat).where(heartbeat.c.name == bindparam("name")))
FIRST = PreparedUpsert(
    heartbeat,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[heartbeat.c.name],
        set_={"at": insert.excluded.at, "number": insert.excluded.number},
    ),
)


def put(tx: Tx, row: Heartbeat) -> None:
    """Write a sign of life over the one before it, also when several write the first."""
    given = {"b_name": row.name, "b_at": row.at, "b_number": row.number}
    if tx.run(CHANGE, given) == 0:
        tx.run(FIRST, values(row))


def every(reader: Reader) -> dict[str, Heartbeat]:
    """Name to the last sign of life."""
    return {row.name: row for row in reader.all(Heartbeat, EVERY)}


def delete(tx: Tx, name: str) -> None:
    tx.run(DELETE, {"name": name})
