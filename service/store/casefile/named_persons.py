"""Persons who are named for a case of a protected identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from service.store.guarded_rows import bind
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import named_person

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A person who may know a protected identity, and who named her when."""

    case_id: str
    person_id: str
    by: str
    at: datetime


ADD = PreparedStatement(insert(named_person))
OF_CASE = PreparedStatement(
    select(*columns(named_person, NamedPerson))
    .where(named_person.c.case_id == bindparam("case_id"))
    .order_by(named_person.c.at, named_person.c.person_id)
)


def add(tx: Tx, row: NamedPerson) -> None:
    tx.run(ADD, values(row))
    bind(tx, f"case/{row.case_id}", "named_person", row)


def of_case(tx: Tx, case_id: str) -> list[NamedPerson]:
    """Those who are named for a case, in the order in which they were."""
    return tx.all(NamedPerson, OF_CASE, {"case_id": case_id})
