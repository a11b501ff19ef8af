"""Stored open work of a case: the ids of its open tasks and jobs, so that they can be set to what
the engine says, the documents that are attached to those tasks, and its rows in lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, cast, literal, null, or_, select, union_all

from service.store.lists.access_rows import ENDED, AccessRow
from service.store.prepared import PreparedStatement
from service.store.tables import case_access, document, job, task
from service.store.tables.column_types import Moment, PlainBytes
from service.store.work import tasks
from service.store.work.jobs import ENGINE
from service.store.work.tasks import Task

if TYPE_CHECKING:
    from service.store.at_hand import Reader


@dataclass(frozen=True, slots=True)
class OpenWorkIds:
    """Engine ids of the rows that are there."""

    tasks: dict[str, Task | None]
    """None for a task that this installation has not written."""
    jobs: dict[str, datetime | None]
    files: dict[str, str]
    """Document to the engine's id of the task whose form it is attached to."""
    access: tuple[AccessRow, ...]
    """Rows of the case in lists."""

    @property
    def genuine(self) -> list[Task]:
        """The tasks that this installation has written."""
        return [row for row in self.tasks.values() if row is not None]

    def files_of_others(self, still_open: Collection[str]) -> Iterator[str]:
        """Documents that were attached to tasks that are not open any more."""
        return (id_ for id_, task_id in self.files.items() if task_id not in still_open)


NONE = OpenWorkIds({}, {}, {}, ())
"""Of a case that has not moved yet."""
NO_MOMENT, NO_TEXT, NO_NUMBER = cast(null(), Moment()), literal(""), literal(0)
NO_BYTES = cast(null(), PlainBytes())
OF_CASE = PreparedStatement(
    union_all(
        select(
            *(literal("task"), task.c.id, task.c.key, task.c.role, task.c.office_id),
            *(task.c.element, task.c.stage, task.c.claimed_by, task.c.due, task.c.follow_up),
            *(task.c.opened_at, task.c.claimed_at, task.c.hidden_until),
            *(task.c.nth, task.c.priority, task.c.mac),
        ).where(task.c.case_id == bindparam("case_id")),
        select(
            *(literal("job"), job.c.work_id, *(NO_TEXT,) * 6, job.c.due, *(NO_MOMENT,) * 4),
            *(NO_NUMBER, NO_NUMBER, NO_BYTES),
        ).where(
            job.c.case_id == bindparam("case_id"), or_(*(job.c.kind == kind for kind in ENGINE))
        ),
        select(
            *(literal("file"), document.c.id, task.c.id, *(NO_TEXT,) * 5, *(NO_MOMENT,) * 5),
            *(NO_NUMBER, NO_NUMBER, NO_BYTES),
        )
        .join(task, task.c.key == document.c.task_key)
        .where(document.c.case_id == bindparam("case_id"), task.c.case_id == bindparam("case_id")),
        select(
            *(literal("access"), case_access.c.office_id, case_access.c.role),
            *(case_access.c.due_element, case_access.c.stage, case_access.c.away_office),
            *(case_access.c.ref, NO_TEXT),
            *(case_access.c.opens, case_access.c.until, case_access.c.due),
            *(case_access.c.moved_on, case_access.c.away_since, case_access.c.rank),
            *(NO_NUMBER, NO_BYTES),
        ).where(case_access.c.case_id == bindparam("case_id")),
    )
)


def known(reader: Reader, case_id: str) -> OpenWorkIds:
    """What of a case follows from its turns, before the next one."""
    found: dict[str, list[tuple[Any, ...]]] = {
        what: [] for what in ("task", "job", "file", "access")
    }
    for what, *row in reader.all(lambda *row: row, OF_CASE, {"case_id": case_id}):
        found[what].append(tuple(row))
    waiting = tasks.ROWS.genuine(reader, (_task(case_id, *row) for row in found["task"]))
    every: dict[str, Task | None] = {row[0]: None for row in found["task"]}
    return OpenWorkIds(
        every | {row.id: row for row in waiting},
        {row[0]: row[7] for row in found["job"]},
        {row[0]: row[1] for row in found["file"]},
        tuple(_access_row(case_id, *row) for row in found["access"]),
    )


def _task(case_id: str, id_: str, key: str, *more: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a database row has the kinds of its columns
    """The columns of a task as `Task` has them; the pseudonym and the sender no turn asks for."""
    role, office, element, stage, claimed_by, due, follow_up, *rest = more
    opened_at, claimed_at, hidden_until, nth, priority, mac = rest
    return (
        *(key, case_id, id_, element, nth, role, office, stage, due, follow_up, priority),
        *(opened_at, claimed_by, claimed_at, hidden_until, "", "", mac),
    )


def _access_row(
    case_id: str,
    office: str,
    role: str,
    due_element: str,
    stage: str,
    away_office: str,
    ref: str,
    _no_text: str,
    opens: datetime,
    until: datetime,
    due: datetime,
    moved_on: datetime,
    away_since: datetime | None,
    rank: int,
    *_nothing: object,
) -> AccessRow:
    return AccessRow(
        *(office, role, case_id, opens, until, rank, int(rank == ENDED), due, due_element),
        *(ref, stage, moved_on, away_office, away_since),
    )
