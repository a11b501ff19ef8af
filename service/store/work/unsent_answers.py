"""Unsent answers: what people have typed into forms and not sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.row_scope import as_system
from service.store.tables import unsent

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class UnsentAnswers:
    """One person's unsent answers to the task, start or message form `key`, sealed.

    `case_id` is None before the case begins.
    """

    key: str
    person_id: str
    case_id: str | None
    rev: int
    sealed: bytes
    at: datetime


COLUMNS = columns(unsent, UnsentAnswers)
GET = PreparedStatement(
    select(*COLUMNS).where(
        unsent.c.key == bindparam("key"), unsent.c.person_id == bindparam("person_id")
    )
)
OF_KEY = PreparedStatement(
    select(*COLUMNS).where(unsent.c.key == bindparam("key")).order_by(unsent.c.at)
)
OF_CASE = PreparedStatement(
    select(*COLUMNS)
    .where(unsent.c.case_id == bindparam("case_id"))
    .order_by(unsent.c.key, unsent.c.person_id)
)
ADD = PreparedStatement(insert(unsent))
CHANGE = PreparedStatement(
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
SWEEP = PreparedStatement(
    as_system("queue", delete(unsent).where(unsent.c.at < bindparam("before")))
)
DROP = PreparedStatement(
    delete(unsent).where(
        unsent.c.key == bindparam("key"), unsent.c.person_id == bindparam("person_id")
    )
)


def get(reader: Reader, key: str, person_id: str) -> UnsentAnswers | None:
    return reader.one(UnsentAnswers, GET, {"key": key, "person_id": person_id})


def of_key(reader: Reader, key: str) -> list[UnsentAnswers]:
    """Everybody's unsent answers to one form."""
    return reader.all(UnsentAnswers, OF_KEY, {"key": key})


def of_case(reader: Reader, case_id: str) -> list[UnsentAnswers]:
    """Everybody's unsent answers in one case."""
    return reader.all(UnsentAnswers, OF_CASE, {"case_id": case_id})


def save(tx: Tx, row: UnsentAnswers) -> None:
    """Keep what was typed; `row.rev` is the new number, 1 for the first.

    Raises:
        CaseMoved: it was saved elsewhere since, for example in another tab.
    """
    if row.rev == 1:
        tx.run(ADD, values(row))
        return
    tx.win(CHANGE, {f"b_{name}": value for name, value in values(row).items()})


def drop(writer: Writer, key: str, person_id: str) -> None:
    writer.later(DROP, {"key": key, "person_id": person_id})


def sweep(tx: Tx, before: datetime) -> int:
    """Forget what was not touched since a moment."""
    return tx.run(SWEEP, {"before": before})
