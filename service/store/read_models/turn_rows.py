"""Rows that every turn of a case needs, asked together with its row, which is locked first."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import BindParameter, ScalarSelect, bindparam, select
from sqlalchemy.sql import visitors

from service.store.casefile import cases, grants, parties
from service.store.installation import keys, offices
from service.store.lists import open_work_ids
from service.store.prepared import PreparedStatement
from service.store.tables import task

if TYPE_CHECKING:
    from service.store.at_hand import AtHand, Read
    from service.store.casefile.cases import LoadedRows
    from service.store.transaction import Tx
    from service.store.work.jobs import Job
    from service.store.work.tasks import Task

OF_CASE: Final = (
    *(parties.OF_CASE, open_work_ids.OF_CASE, grants.OF_CASE, offices.OF_PARTIES, keys.OF_CASE),
)
"""Questions about a case, by its id."""


@lru_cache
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


def reads_of_turn(case_id: str) -> list[Read]:
    """What a turn needs of a case besides its row."""
    return [(statement, {"case_id": case_id}) for statement in OF_CASE]


ReadsOfCase: TypeAlias = "Callable[[str], list[Read]]"
"""What is read of a case by its id; of one whose id nobody knows yet ("") it says which questions
are asked."""


def reads_of_task(tx: Tx, key: str, of_case: ReadsOfCase = reads_of_turn) -> list[Read]:
    """What `of_task` needs: the case of an open task, which is locked where the transaction writes,
    and what is read of it besides, by the task alone.
    """
    return [cases.read_of_task(tx, key), *_by_task(key, of_case)]


def of_task(
    tx: Tx, key: str, at_hand: AtHand, of_case: ReadsOfCase = reads_of_turn
) -> tuple[Task, LoadedRows, AtHand] | None:
    """The open task with its case, as `reads_of_task` has asked for them; None without such a task.

    Gives the rows by the id of the case, too.
    """
    found = cases.of_task(at_hand, cases.read_of_task(tx, key))
    if found is None:
        return None
    task_, rows = found
    _keep(tx, rows)
    known = zip(_by_task(key, of_case), of_case(rows.case.id), strict=True)
    return task_, rows, at_hand.also_as(known)


def _by_task(key: str, of_case: ReadsOfCase) -> list[Read]:
    return [
        (_of_task(statement), {**values, "task_key": key})
        for statement, given in of_case("")
        for values in [{name: value for name, value in given.items() if name != "case_id"}]
    ]


def read_of_job(
    tx: Tx, case_id: str, key: str, *more: Read
) -> tuple[Job, LoadedRows, AtHand] | None:
    """The same of an open job of a case.

    Args:
        more: what is asked with it.
    """
    read = cases.read_of_job(tx, key)
    at_hand = tx.read(read, *reads_of_turn(case_id), *more)
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
    at_hand = tx.read(read, *reads_of_turn(case_id), *more)
    rows = cases.of_read(at_hand, read)
    if rows is None:
        return None
    _keep(tx, rows)
    return rows, at_hand


def _keep(tx: Tx, rows: LoadedRows) -> None:
    """Keep a locked case in the row scope of the transaction: the turn may close it to the office
    whose scope that is.
    """
    if tx.locks:
        tx.keep_case(rows.case.id)
