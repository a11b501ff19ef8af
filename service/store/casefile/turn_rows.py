"""Rows that every turn of a case needs, asked together with its row, which is locked first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BindParameter, ScalarSelect, bindparam, select
from sqlalchemy.sql import visitors

from service.store.casefile import cases, grants, parties
from service.store.installation import offices
from service.store.lists import open_work_ids
from service.store.prepared import PreparedStatement
from service.store.tables import task

if TYPE_CHECKING:
    from service.store.at_hand import AtHand, Read
    from service.store.casefile.cases import LoadedRows
    from service.store.transaction import Tx
    from service.store.work.jobs import Job
    from service.store.work.tasks import Task

OF_CASE: Final = (parties.OF_CASE, open_work_ids.OF_CASE, grants.OF_CASE, offices.OF_PARTIES)
"""Questions about a case, by its id."""


def _of_task(statement: PreparedStatement) -> PreparedStatement:
    """A question about a case as one about the case of a task, whose id nobody knows yet."""
    asked = task.alias("asked_task")
    case_id = select(asked.c.case_id).where(asked.c.key == bindparam("task_key")).scalar_subquery()

    def in_place(element: Any, **_: Any) -> ScalarSelect[Any] | None:  # noqa: ANN401 - as SQLAlchemy calls it
        if isinstance(element, BindParameter) and element.key == "case_id":
            return case_id
        return None

    asked_by_task: Any = visitors.replacement_traverse(statement.statement, {}, in_place)
    return PreparedStatement(asked_by_task)


OF_TASK: Final = {statement: _of_task(statement) for statement in OF_CASE}


def read_of_task(tx: Tx, key: str) -> tuple[Task, LoadedRows, AtHand] | None:
    """Lock the case of an open task, and read what a turn needs of it; None without such a task."""
    asked, read = {"task_key": key}, cases.read_of_task(tx, key)
    at_hand = tx.read(read, *((statement, asked) for statement in OF_TASK.values()))
    found = cases.of_task(at_hand, read)
    if found is None:
        return None
    task_, rows = found
    _keep(tx, rows)
    known = _questions(rows.case.id)
    by_task = ((statement, asked) for statement in OF_TASK.values())
    return task_, rows, at_hand.also_as(zip(by_task, known, strict=True))


def read_of_job(
    tx: Tx, case_id: str, key: str, *more: Read
) -> tuple[Job, LoadedRows, AtHand] | None:
    """The same of an open job of a case.

    Args:
        more: what is asked with it.
    """
    read = cases.read_of_job(tx, key)
    at_hand = tx.read(read, *_questions(case_id), *more)
    found = cases.of_job(at_hand, read)
    if found is None or found[1].case.id != case_id:
        return None
    _keep(tx, found[1])
    return (*found, at_hand)


def read_of_case(tx: Tx, case_id: str, *more: Read) -> tuple[LoadedRows, AtHand] | None:
    """The same of a case.

    Args:
        more: what is asked with it.
    """
    read = cases.read_of_case(tx, case_id)
    at_hand = tx.read(read, *_questions(case_id), *more)
    rows = cases.of_read(at_hand, read)
    if rows is None:
        return None
    _keep(tx, rows)
    return rows, at_hand


def _questions(case_id: str) -> list[Read]:
    return [(statement, {"case_id": case_id}) for statement in OF_CASE]


def _keep(tx: Tx, rows: LoadedRows) -> None:
    """Keep a locked case in the row scope of the transaction: the turn may close it to the office
    whose scope that is.
    """
    if tx.locks:
        tx.keep_case(rows.case.id)
