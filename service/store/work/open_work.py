"""Ids of the open tasks and jobs of a case, so that they can be set to what the engine says, and
of the documents that are attached to those tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import bindparam, distinct, func, literal, or_, select, union_all

from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.tables import cases, document, job, task
from service.store.work.jobs import ENGINE

if TYPE_CHECKING:
    from service.store.transaction import Tx


Dates: TypeAlias = tuple[datetime | None, datetime | None]
"""Due date and follow-up date of a task."""


@dataclass(frozen=True, slots=True)
class OpenWorkIds:
    """Engine ids of the rows that are there."""

    tasks: dict[str, Dates]
    jobs: dict[str, datetime | None]
    files: dict[str, str]
    """Document to the engine's id of the task whose form it is attached to."""


OF_CASE = PreparedStatement(
    union_all(
        select(literal("task"), task.c.id, task.c.due, task.c.follow_up, literal("")).where(
            task.c.case_id == bindparam("case_id")
        ),
        select(literal("job"), job.c.work_id, job.c.due, job.c.due, literal("")).where(
            job.c.case_id == bindparam("case_id"), or_(*(job.c.kind == kind for kind in ENGINE))
        ),
        select(literal("file"), document.c.id, task.c.due, task.c.due, task.c.id)
        .join(task, task.c.key == document.c.task_key)
        .where(document.c.case_id == bindparam("case_id"), task.c.case_id == bindparam("case_id")),
    )
)

EVERY = union_all(
    select(task.c.case_id, task.c.element),
    select(job.c.case_id, job.c.element).where(or_(*(job.c.kind == kind for kind in ENGINE))),
).subquery()
STANDING = PreparedStatement(
    as_system(
        "process",
        select(EVERY.c.element, func.count(distinct(EVERY.c.case_id)))
        .join(cases, cases.c.id == EVERY.c.case_id)
        .where(cases.c.process == bindparam("process"), cases.c.status == "open")
        .group_by(EVERY.c.element),
    )
)


def standing(tx: Tx, process: str) -> dict[str, int]:
    """Element to the number of open cases in which something waits there."""
    return dict(tx.all(lambda element, n: (element, n), STANDING, {"process": process}))


def known(tx: Tx, case_id: str) -> OpenWorkIds:
    """The rows of a case that the engine holds open, for `tasks.sync` and `jobs.sync`."""
    rows: list[tuple[str, str, datetime | None, datetime | None, str]] = tx.all(
        lambda *row: row, OF_CASE, {"case_id": case_id}
    )
    return OpenWorkIds(
        {id: (due, later) for what, id, due, later, _ in rows if what == "task"},
        {id: due for what, id, due, *_ in rows if what == "job"},
        {id: task_id for what, id, *_, task_id in rows if what == "file"},
    )
