"""Persons who are named for a case of a protected identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from service.store.guarded_rows import bind
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import named_person

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person who may know a protected identity, who named her when, and since when she may not
    any more.
    """

    case_id: str
    person_id: str
    by: str
    at: datetime
    ended_at: datetime | None = None


ADD = PreparedStatement(insert(named_person))
COLUMNS = columns(named_person, NamedPerson)
OF_CASE = PreparedStatement(
    select(*COLUMNS)
    .where(named_person.c.case_id == bindparam("case_id"))
    .order_by(named_person.c.at, named_person.c.person_id)
)
CHANGE = PreparedStatement(
    update(named_person)
    .where(
        named_person.c.case_id == bindparam("b_case_id"),
        named_person.c.person_id == bindparam("b_person_id"),
    )
    .values(by=bindparam("b_by"), at=bindparam("b_at"), ended_at=bindparam("b_ended_at"))
)


def add(tx: Tx, row: NamedPerson) -> None:
    tx.run(ADD, values(row))
    bind(tx, f"case/{row.case_id}", "named_person", row)


def change(tx: Tx, row: NamedPerson) -> None:
    """End that a person is named, or name her anew: the row as it is from now on."""
    tx.run(CHANGE, {f"b_{name}": value for name, value in values(row).items()})
    bind(tx, f"case/{row.case_id}", "named_person", row)


def of_case(tx: Tx, case_id: str) -> list[NamedPerson]:
    """Those who are or were named for a case, in the order in which they were."""
    return tx.all(NamedPerson, OF_CASE, {"case_id": case_id})
