"""What people have typed and not sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from service.store.prepared import Prepared
from service.store.rows import columns, values
from service.store.tables import unsent
from service.store.walls import as_system

if TYPE_CHECKING:
    from service.store.database import Tx


@dataclass(frozen=True, slots=True)
class Unsent:
    """One person's unsent answers to the task, start or message form `key`, sealed. `case_id` is None before the case begins."""

    key: str
    person_id: str
    case_id: str | None
    rev: int
    sealed: bytes
    at: datetime


COLUMNS = columns(unsent, Unsent)
DROP = Prepared(delete(unsent).where(unsent.c.key == bindparam("key"), unsent.c.person_id == bindparam("person_id")))


def get(tx: Tx, key: str, person_id: str) -> Unsent | None:
    return tx.one(Unsent, select(*COLUMNS).where(unsent.c.key == key, unsent.c.person_id == person_id))


def of_key(tx: Tx, key: str) -> list[Unsent]:
    """Everybody's unsent answers to one form."""
    return tx.all(Unsent, select(*COLUMNS).where(unsent.c.key == key).order_by(unsent.c.at))


def of_case(tx: Tx, case_id: str) -> list[Unsent]:
    """Everybody's unsent answers in one case."""
    return tx.all(Unsent, select(*COLUMNS).where(unsent.c.case_id == case_id).order_by(unsent.c.key, unsent.c.person_id))


def save(tx: Tx, row: Unsent) -> None:
    """Keep what was typed; `row.rev` is the new number, 1 for the first.

    Raises:
        CaseMoved: it was saved elsewhere since, for example in another tab.
    """
    if row.rev == 1:
        tx.run(insert(unsent), values(row))
        return
    tx.win(
        update(unsent)
        .where(unsent.c.key == row.key, unsent.c.person_id == row.person_id, unsent.c.rev == row.rev - 1)
        .values(rev=row.rev, sealed=row.sealed, at=row.at, case_id=row.case_id)
    )


def drop(tx: Tx, key: str, person_id: str) -> None:
    tx.later(DROP, {"key": key, "person_id": person_id})


def sweep(tx: Tx, before: datetime) -> int:
    """Forget what was not touched since a moment."""
    return tx.run(as_system("queue", delete(unsent).where(unsent.c.at < before)))
