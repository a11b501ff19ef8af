"""What people have typed and not sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from service.store.prepared import Prepared
from service.store.row_mapping import columns, values
from service.store.row_scope import as_system
from service.store.tables import unsent

if TYPE_CHECKING:
    from service.store.transaction import Tx


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
GET = Prepared(select(*COLUMNS).where(unsent.c.key == bindparam("key"), unsent.c.person_id == bindparam("person_id")))
OF_KEY = Prepared(select(*COLUMNS).where(unsent.c.key == bindparam("key")).order_by(unsent.c.at))
OF_CASE = Prepared(select(*COLUMNS).where(unsent.c.case_id == bindparam("case_id")).order_by(unsent.c.key, unsent.c.person_id))
ADD = Prepared(insert(unsent))
CHANGE = Prepared(
    update(unsent)
    .where(
        unsent.c.key == bindparam("b_key"),
        unsent.c.person_id == bindparam("b_person_id"),
        unsent.c.rev == bindparam("b_rev") - 1,
    )
    .values(
        rev=bindparam("b_rev"),
        sealed=bindparam("b_sealed"),
        at=bindparam("b_at"),
        case_id=bindparam("b_case_id"),
    )
)
SWEEP = Prepared(as_system("queue", delete(unsent).where(unsent.c.at < bindparam("before"))))
DROP = Prepared(delete(unsent).where(unsent.c.key == bindparam("key"), unsent.c.person_id == bindparam("person_id")))


def get(tx: Tx, key: str, person_id: str) -> Unsent | None:
    return tx.one(Unsent, GET, {"key": key, "person_id": person_id})


def of_key(tx: Tx, key: str) -> list[Unsent]:
    """Everybody's unsent answers to one form."""
    return tx.all(Unsent, OF_KEY, {"key": key})


def of_case(tx: Tx, case_id: str) -> list[Unsent]:
    """Everybody's unsent answers in one case."""
    return tx.all(Unsent, OF_CASE, {"case_id": case_id})


def save(tx: Tx, row: Unsent) -> None:
    """Keep what was typed; `row.rev` is the new number, 1 for the first.

    Raises:
        CaseMoved: it was saved elsewhere since, for example in another tab.
    """
    if row.rev == 1:
        tx.run(ADD, values(row))
        return
    tx.win(CHANGE, {f"b_{name}": value for name, value in values(row).items()})


def drop(tx: Tx, key: str, person_id: str) -> None:
    tx.later(DROP, {"key": key, "person_id": person_id})


def sweep(tx: Tx, before: datetime) -> int:
    """Forget what was not touched since a moment."""
    return tx.run(SWEEP, {"before": before})
