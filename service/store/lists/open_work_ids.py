"""Stored open work of a case: the ids of its open tasks and jobs, so that they can be set to what
the engine says, the documents that are attached to those tasks, and its rows in lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import bindparam, cast, literal, null, or_, select, union_all

from service.store.lists.access_rows import ENDED, AccessRow, TaskForLists
from service.store.prepared import PreparedStatement
from service.store.tables import case_access, document, job, task
from service.store.tables.column_types import Moment
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
    waiting: dict[str, TaskForLists]
    """Open tasks as lists ask of them, by the engine's id."""
    access: tuple[AccessRow, ...]
    """Rows of the case in lists."""

    def files_of_others(self, still_open: Collection[str]) -> Iterator[str]:
        """Documents that were attached to tasks that are not open any more."""
        return (id_ for id_, task_id in self.files.items() if task_id not in still_open)


NONE = OpenWorkIds({}, {}, {}, {}, ())
"""Of a case that has not moved yet."""
NO_MOMENT, NO_TEXT, NO_NUMBER = cast(null(), Moment()), literal(""), literal(0)
OF_CASE = PreparedStatement(
    union_all(
        select(
            *(literal("task"), task.c.id, task.c.key, task.c.role, task.c.office_id),
            *(task.c.element, NO_TEXT, task.c.due, task.c.follow_up, task.c.opened_at),
            *(NO_MOMENT, NO_MOMENT, NO_NUMBER),
        ).where(task.c.case_id == bindparam("case_id")),
        select(
            *(literal("job"), job.c.work_id, *(NO_TEXT,) * 5, job.c.due, *(NO_MOMENT,) * 4),
            NO_NUMBER,
        ).where(
            job.c.case_id == bindparam("case_id"), or_(*(job.c.kind == kind for kind in ENGINE))
        ),
        select(
            *(literal("file"), document.c.id, task.c.id, *(NO_TEXT,) * 4, *(NO_MOMENT,) * 5),
            NO_NUMBER,
        )
        .join(task, task.c.key == document.c.task_key)
        .where(document.c.case_id == bindparam("case_id"), task.c.case_id == bindparam("case_id")),
        select(
            *(literal("access"), case_access.c.office_id, case_access.c.role),
            *(case_access.c.due_element, case_access.c.stage, case_access.c.away_office),
            case_access.c.ref,
            *(case_access.c.opens, case_access.c.until, case_access.c.due),
            *(case_access.c.moved_on, case_access.c.away_since, case_access.c.rank),
        ).where(case_access.c.case_id == bindparam("case_id")),
    )
)


def known(tx: Tx, case_id: str) -> OpenWorkIds:
    """What of a case follows from its turns, before the next one."""
    found: dict[str, list[tuple[Any, ...]]] = {
        what: [] for what in ("task", "job", "file", "access")
    }
    for what, *row in tx.all(lambda *row: row, OF_CASE, {"case_id": case_id}):
        found[what].append(tuple(row))
    waiting = {
        id_: TaskForLists(key, role, office, element, due, opened)
        for id_, key, role, office, element, _, due, _, opened, *_ in found["task"]
    }
    return OpenWorkIds(
        {row[0]: (row[6], row[7]) for row in found["task"]},
        {row[0]: row[6] for row in found["job"]},
        {row[0]: row[1] for row in found["file"]},
        waiting,
        tuple(_access_row(case_id, *row) for row in found["access"]),
    )


def _access_row(
    case_id: str,
    office: str,
    role: str,
    due_element: str,
    stage: str,
    away_office: str,
    ref: str,
    opens: datetime,
    until: datetime,
    due: datetime,
    moved_on: datetime,
    away_since: datetime | None,
    rank: int,
) -> AccessRow:
    return AccessRow(
        *(office, role, case_id, opens, until, rank, int(rank == ENDED), due, due_element),
        *(ref, stage, moved_on, away_office, away_since),
    )
