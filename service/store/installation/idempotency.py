"""Idempotency keys: answers already given, so that a request sent twice has one effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select

from service.errors import KeyReused
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import once

if TYPE_CHECKING:
    from service.store.at_hand import AtHand, Read, Reader
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


class Request(NamedTuple):
    """What a request is known again by, and the MAC of its body."""

    key: str
    person_id: str
    route: str
    body_mac: str

    @property
    def asked(self) -> dict[str, object]:
        """The values of `FIND`."""
        return {"key": self.key, "person_id": self.person_id, "route": self.route}


def read(tx: Tx, request: Request, *more: Read) -> AtHand:
    """Read the answer that was given before; whoever is just being given it is waited for.

    Args:
        more: what is asked with it.
    """
    if tx.postgres:
        tx.later(LOCK, {"request": f"{request.person_id} {request.route} {request.key}"})
    return tx.read((FIND, request.asked), *more)


def find(reader: Reader, request: Request) -> IdempotentAnswer | None:
    """The answer that was given before; None when there is none.

    Raises:
        KeyReused: the key came with another body then.
    """
    found = reader.one(IdempotentAnswer, FIND, request.asked)
    if found is not None and found.body_mac != request.body_mac:
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
