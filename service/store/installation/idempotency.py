"""Idempotency keys: answers already given, so that a request sent twice has one effect."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select

from service.errors import KeyReused
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import once

if TYPE_CHECKING:
    from service.store.at_hand import Read
    from service.store.changes import Writer
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class IdempotentAnswer:
    """The answer to one request: status and address, no page."""

    key: str
    person_id: str
    route: str
    body_mac: str
    status: int
    location: str
    at: datetime


COLUMNS = columns(once, IdempotentAnswer)
ADD = PreparedStatement(insert(once))
SWEEP = PreparedStatement(delete(once).where(once.c.at < bindparam("before")))
FIND = PreparedStatement(
    select(*COLUMNS).where(
        once.c.key == bindparam("key"),
        once.c.person_id == bindparam("person_id"),
        once.c.route == bindparam("route"),
    )
)
LOCK = PreparedStatement(
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("request"), 0)))
)
"""PostgreSQL: a request sent again waits until the first is answered. SQLite has one writer."""


def find(
    tx: Tx, *, key: str, person_id: str, route: str, body_mac: str, then: Collection[Read] = ()
) -> IdempotentAnswer | None:
    """The answer that was given before; whoever is just being given it is waited for.

    Args:
        then: what is read next when there is none; asked together with the answer.
    Raises:
        KeyReused: the key came with another body then.
    """
    asked = {"key": key, "person_id": person_id, "route": route}
    if tx.postgres:
        tx.later(LOCK, {"request": f"{person_id} {route} {key}"})
    tx.together((FIND, asked), *then)
    found = tx.one(IdempotentAnswer, FIND, asked)
    if found is not None and found.body_mac != body_mac:
        raise KeyReused
    return found


def add(writer: Writer, row: IdempotentAnswer) -> None:
    """Keep an answer.

    Raises:
        CaseMoved: the same request was answered in the meantime; perhaps only at the commit.
    """
    writer.later(ADD, values(row))


def sweep(tx: Tx, before: datetime) -> int:
    """Forget answers given before a moment."""
    return tx.run(SWEEP, {"before": before})
