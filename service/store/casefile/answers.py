"""Completed forms, sealed, one row a fact and class, never overwritten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.tables import answers

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Answers:
    """What one fact answered in one class."""

    case_id: str
    rev: int
    klass: str
    element: str
    nth: int
    form: str
    sealed: bytes
    by: str
    office: str
    at: datetime

    @property
    def id(self) -> str:
        """The name of the row, to which its content is sealed."""
        return f"{self.case_id}:{self.rev}:{self.klass}"


COLUMNS = columns(answers, Answers)
ADD = PreparedStatement(insert(answers))


def add(tx: Tx, rows: Sequence[Answers]) -> None:
    tx.later(ADD, [values(row) for row in rows])


def of_case(
    tx: Tx,
    case_id: str,
    *,
    classes: Collection[str],
    upto: int | None = None,
    forms: Collection[str] | None = None,
) -> list[Answers]:
    """Answers of the classes that the reader may see, oldest first; others are not even fetched."""
    wanted = select(*COLUMNS).where(
        answers.c.case_id == case_id, answers.c.klass.in_(sorted(classes))
    )
    if upto is not None:
        wanted = wanted.where(answers.c.rev <= upto)
    if forms is not None:
        wanted = wanted.where(answers.c.form.in_(sorted(forms)))
    return tx.all(Answers, wanted.order_by(answers.c.rev, answers.c.klass))
