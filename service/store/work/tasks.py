"""Open tasks: what waits for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Integer, bindparam, delete, insert, or_, select, update

from service.store.guarded_rows import bind as bind_row
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.row_scope import as_system
from service.store.tables import cases, task
from service.store.tables.column_types import DISTANT

if TYPE_CHECKING:
    from service.store.transaction import Tx

Place: TypeAlias = tuple[datetime, int, str]
"""Where a page of the inbox ended: `Task.place` of its last row."""


@dataclass(frozen=True, slots=True)
class Task:
    """One open task. `id` is the engine's, `key` the public one."""

    key: str
    case_id: str
    id: str
    element: str
    nth: int
    role: str
    office_id: str | None
    stage: str
    due: datetime | None
    follow_up: datetime | None
    priority: int
    opened_at: datetime
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    hidden_until: datetime | None = None
    ref: str = ""
    """Pseudonym of the case, by which lists sort."""
    sender: str = ""
    """Office of who did what the task came from; "" for the clock and handlers."""

    @property
    def place(self) -> Place:
        """Its place in an inbox: by due date, then by weight, then by age."""
        return self.due or DISTANT, -self.priority, self.key


@dataclass(frozen=True, slots=True)
class TaskListRow:
    """A row of a list of tasks: the task, and what of its case may be shown in lists."""

    task: Task
    ref: str
    number: str
    process: str
    release_id: str
    marking: str


COLUMNS = columns(task, Task)
ADD = PreparedStatement(insert(task))
WITH_KEY = task.c.key == bindparam("b_key")
GET = PreparedStatement(select(*COLUMNS).where(WITH_KEY))
OF_ONE_CASE = PreparedStatement(
    select(*COLUMNS).where(task.c.case_id == bindparam("case_id")).order_by(task.c.key)
)
CLAIMED = PreparedStatement(
    select(*COLUMNS).where(task.c.claimed_by == bindparam("person")).order_by(task.c.key)
)
DROP = PreparedStatement(
    delete(task).where(task.c.case_id == bindparam("case_id"), task.c.id == bindparam("id"))
)
REPLACED = ("case_id", "id")
REPLACE = PreparedStatement(
    update(task)
    .where(*(task.c[name] == bindparam(f"b_{name}") for name in REPLACED))
    .values({column.name: bindparam(column.name) for column in task.c})
)
"""Replaces the row of a closed task by the row of the task that follows it."""
REDATE = PreparedStatement(
    update(task)
    .where(task.c.case_id == bindparam("b_case_id"), task.c.id == bindparam("b_id"))
    .values(
        due=bindparam("b_due"),
        follow_up=bindparam("b_follow_up"),
        sort_due=bindparam("b_sort_due"),
    )
)
OF_CASE = (cases.c.ref, cases.c.number, cases.c.process, cases.c.release_id, cases.c.marking)
LISTED = PreparedStatement(
    select(*COLUMNS, *OF_CASE).join_from(task, cases, cases.c.id == task.c.case_id).where(WITH_KEY)
)
DUE_BETWEEN = PreparedStatement(
    as_system(
        "remind",
        select(*COLUMNS, *OF_CASE)
        .join_from(task, cases, cases.c.id == task.c.case_id)
        .where(task.c.sort_due >= bindparam("start"), task.c.sort_due < bindparam("end"))
        .order_by(task.c.sort_due)
        .limit(bindparam("limit", type_=Integer)),
    )
)
REFIT = PreparedStatement(
    update(task)
    .where(WITH_KEY)
    .values(
        {
            name: bindparam(f"b_{name}")
            for name in ("element", "nth", "role", "office_id", "stage", "priority", "sort_rank")
        }
    )
)
CLAIM = update(task).values(
    claimed_by=bindparam("b_person"), claimed_at=bindparam("b_at"), hidden_until=None
)
CLAIM_FREE = PreparedStatement(
    CLAIM.where(
        WITH_KEY, or_(task.c.claimed_by.is_(None), task.c.claimed_by == bindparam("b_person"))
    ).returning(*COLUMNS)
)
CLAIM_OVER = PreparedStatement(
    CLAIM.where(WITH_KEY, task.c.claimed_by == bindparam("b_over")).returning(*COLUMNS)
)
PUT_BACK = PreparedStatement(
    update(task).where(WITH_KEY).values(claimed_by=None, claimed_at=None).returning(*COLUMNS)
)
HIDE = PreparedStatement(
    update(task).where(WITH_KEY).values(hidden_until=bindparam("b_until")).returning(*COLUMNS)
)
BIND = PreparedStatement(
    update(task)
    .where(task.c.case_id == bindparam("b_case_id"), task.c.role == bindparam("b_role"))
    .values(office_id=bindparam("b_office"), claimed_by=None, claimed_at=None, hidden_until=None)
    .returning(*COLUMNS)
)


def _listed(*row: object) -> TaskListRow:
    return TaskListRow(Task(*row[:-5]), *row[-5:])  # type: ignore[arg-type]  # a database row has the kinds of its columns


def get(tx: Tx, key: str) -> Task | None:
    return tx.one(Task, GET, {"b_key": key})


def listed(tx: Tx, key: str) -> TaskListRow | None:
    """An open task as lists show it."""
    return tx.one(_listed, LISTED, {"b_key": key})


def of_case(tx: Tx, case_id: str) -> list[Task]:
    """Open tasks of a case, oldest first."""
    return tx.all(Task, OF_ONE_CASE, {"case_id": case_id})


def sync(
    tx: Tx,
    case_id: str,
    wanted: Sequence[Task],
    known: Mapping[str, tuple[datetime | None, datetime | None]],
) -> None:
    """Make the open tasks exactly `wanted`.

    Args:
        known: engine ids of the rows that are there, with their due and follow-up dates. One that
            stays is left alone with its claim, but for dates that moved; one that is not wanted is
            deleted, or becomes the row of a new one.
    Raises:
        CaseMoved: one that should be there is gone already.
    """
    ids = {row.id for row in wanted}
    gone = sorted(set(known) - ids)
    new = [_new(row) for row in wanted if row.id not in known]
    both = min(len(gone), len(new))
    follow = [
        {**row, "b_case_id": case_id, "b_id": id_} for id_, row in zip(gone, new, strict=False)
    ]
    tx.later(REPLACE, follow, exactly=both)
    left = [{"case_id": case_id, "id": id_} for id_ in gone[both:]]
    tx.later(DROP, left, exactly=len(left))
    tx.later(ADD, new[both:])
    moved = [
        {
            "b_case_id": case_id,
            "b_id": row.id,
            "b_due": row.due,
            "b_follow_up": row.follow_up,
            "b_sort_due": row.place[0],
        }
        for row in wanted
        if row.id in known and known[row.id] != (row.due, row.follow_up)
    ]
    tx.later(REDATE, moved)


def refit(tx: Tx, row: Task) -> None:
    """Change what the diagram says of an open task; who has it, and its dates, stay."""
    given = {
        "b_key": row.key,
        "b_element": row.element,
        "b_nth": row.nth,
        "b_role": row.role,
        "b_office_id": row.office_id,
        "b_stage": row.stage,
        "b_priority": row.priority,
        "b_sort_rank": row.place[1],
    }
    tx.later(REFIT, given)


def _new(row: Task) -> dict[str, object]:
    sort_due, sort_rank, _ = row.place
    return {**values(row), "sort_due": sort_due, "sort_rank": sort_rank}


def due_between(tx: Tx, start: datetime, end: datetime, *, limit: int = 1000) -> list[TaskListRow]:
    """Open tasks whose due date lies between two moments, for reminders."""
    return tx.all(_listed, DUE_BETWEEN, {"start": start, "end": end, "limit": limit})


def claim(tx: Tx, key: str, person: str, at: datetime, *, over: str | None = None) -> bool:
    """Take a task; False when it is gone, or claimed by another than `over`."""
    taken: dict[str, object] = {"b_key": key, "b_person": person, "b_at": at}
    if over is None:
        return _changed(tx, CLAIM_FREE, taken)
    return _changed(tx, CLAIM_OVER, {**taken, "b_over": over})


def _changed(tx: Tx, statement: PreparedStatement, given: dict[str, object]) -> bool:
    """Change a task for people; False when it is not as it was."""
    row = tx.one(Task, statement, given)
    if row is not None:
        bind_row(tx, f"case/{row.case_id}", "task", row)
    return row is not None


def claimed(tx: Tx, person: str) -> list[Task]:
    """What a person has claimed, in whatever case."""
    return tx.all(Task, CLAIMED, {"person": person})


def put_back(tx: Tx, key: str) -> bool:
    """Nobody has it any more; False when it is gone."""
    return _changed(tx, PUT_BACK, {"b_key": key})


def hide(tx: Tx, key: str, until: datetime | None) -> bool:
    """Follow up later; False when it is gone."""
    return _changed(tx, HIDE, {"b_key": key, "b_until": until})


def bind(tx: Tx, case_id: str, role: str, office: str) -> int:
    """The role of a case is another office now: its open tasks go there, unclaimed.

    Gives their number.
    """
    rows = tx.all(Task, BIND, {"b_case_id": case_id, "b_role": role, "b_office": office})
    for row in rows:
        bind_row(tx, f"case/{case_id}", "task", row)
    return len(rows)
