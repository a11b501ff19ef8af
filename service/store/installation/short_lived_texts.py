"""Texts that are kept for minutes, sealed under a key that only the browser holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import short_lived_text

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class ShortLivedText:
    """One such text. `key` is the digest of the name that it is asked for by."""

    key: bytes
    person_id: str
    sealed: bytes
    ends_at: datetime


COLUMNS = columns(short_lived_text, ShortLivedText)
ADD = PreparedStatement(insert(short_lived_text))
GET = PreparedStatement(select(*COLUMNS).where(short_lived_text.c.key == bindparam("key")))
DROP = PreparedStatement(delete(short_lived_text).where(short_lived_text.c.key == bindparam("key")))
SWEEP = PreparedStatement(
    delete(short_lived_text).where(short_lived_text.c.ends_at <= bindparam("now"))
)


def add(tx: Tx, row: ShortLivedText) -> None:
    tx.run(ADD, values(row))


def get(reader: Reader, key: bytes) -> ShortLivedText | None:
    return reader.one(ShortLivedText, GET, {"key": key})


def drop(tx: Tx, key: bytes) -> bool:
    """Whether it was there."""
    return bool(tx.run(DROP, {"key": key}))


def sweep(tx: Tx, now: datetime) -> int:
    """Forget what has had its time."""
    return tx.run(SWEEP, {"now": now})
