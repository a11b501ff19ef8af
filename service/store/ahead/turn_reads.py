"""Reads of every turn of a case before it changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, ScalarSelect, bindparam, select
from sqlalchemy.sql import visitors

from service.store.casefile import cases, consents, grants, parties
from service.store.installation import keys, offices
from service.store.lists import open_work_ids
from service.store.prepared import PreparedStatement
from service.store.tables import task
from service.store.work import tasks

if TYPE_CHECKING:
    from service.store.at_hand import Read
    from service.store.transaction import Tx

TURN = (parties.OF_CASE, open_work_ids.OF_CASE, grants.OF_CASE)
"""What of a case is read, by its id."""


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


OF_TASK = {statement: _of_task(statement) for statement in TURN}


def reads_for_task(tx: Tx, key: str) -> list[Read]:
    """What completing a task reads: its case, which is locked, and then what a turn reads of it."""
    asked = {"task_key": key}
    return [*cases.reads_for_task(tx, key), *((OF_TASK[statement], asked) for statement in TURN)]


def ask_of_sight(tx: Tx, case_id: str) -> None:
    """Ask together who may see what of a case, which a turn has just written, and its key."""
    of_case: dict[str, object] = {"case_id": case_id}
    tx.together(
        (cases.GET, {"id": case_id}),
        (keys.GET, {"owner": f"case:{case_id}"}),
        *(
            (statement, of_case)
            for statement in (
                *(parties.OF_CASE, grants.OF_CASE, consents.OF_CASE),
                tasks.OF_ONE_CASE,
            )
        ),
    )


def ask_ahead(tx: Tx, case_id: str, *, letters: bool = False, task_key: str = "") -> None:
    """Ask it in one round trip, when the case is locked.

    Args:
        letters: whether the turn surely brings letters to the offices of the case.
        task_key: the task of the case for which it may have been asked before, see
            `reads_for_task`.
    """
    of_case: dict[str, object] = {"case_id": case_id}
    of_task: dict[str, object] = {"task_key": task_key}
    statements: list[PreparedStatement] = [
        statement
        for statement in TURN
        if not tx.foresee_as((OF_TASK[statement], of_task), (statement, of_case))
    ]
    if letters:
        statements.append(offices.OF_PARTIES)
    tx.ahead(*((statement, of_case) for statement in statements))
