"""Open tasks: what waits for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Integer, bindparam, delete, insert, select, update

from service.store.checked_rows import CheckedRows, Refused
from service.store.guarded_rows import MAC
from service.store.installation import newest_rows
from service.store.prepared import PreparedStatement
from service.store.row_mapping import values
from service.store.row_scope import as_system
from service.store.tables import cases, task
from service.store.tables.column_types import DISTANT

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer
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
    mac: bytes | None = field(repr=False)
    """Of the row of the task, see `genuine`."""
    ref: str
    number: str
    process: str
    release_id: str
    marking: str


ROWS = CheckedRows(task, Task, Refused.MISSING)
COLUMNS = ROWS.columns
ADD = PreparedStatement(insert(task))
WITH_KEY = task.c.key == bindparam("b_key")
AS_READ = (WITH_KEY, task.c.mac == bindparam("b_before"))
NEW_MAC = bindparam("b_mac", type_=task.c.mac.type)
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
    .where(*AS_READ)
    .values(
        due=bindparam("b_due"),
        follow_up=bindparam("b_follow_up"),
        sort_due=bindparam("b_sort_due"),
        mac=NEW_MAC,
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
    .where(*AS_READ)
    .values(
        {
            name: bindparam(f"b_{name}")
            for name in ("element", "nth", "role", "office_id", "stage", "priority", "sort_rank")
        }
        | {"mac": NEW_MAC}
    )
)


def _listed(*row: object) -> TaskListRow:
    return TaskListRow(Task(*row[:-6]), *row[-6:])  # type: ignore[arg-type]  # a database row has the kinds of its columns


def genuine(reader: Reader, rows: Iterable[TaskListRow]) -> list[TaskListRow]:
    """Those of some rows of a list whose tasks this installation has written."""
    return [row for row in rows if ROWS.is_genuine(reader, row.task, row.mac)]


def get(reader: Reader, key: str) -> Task | None:
    return ROWS.one(reader, GET, {"b_key": key})


def listed(reader: Reader, key: str) -> TaskListRow | None:
    """An open task as lists show it."""
    row = reader.one(_listed, LISTED, {"b_key": key})
    return None if row is None else next(iter(genuine(reader, [row])), None)


def of_case(reader: Reader, case_id: str) -> list[Task]:
    """Open tasks of a case, oldest first."""
    return ROWS.all(reader, OF_ONE_CASE, {"case_id": case_id})


def sync(
    writer: Writer,
    case_id: str,
    wanted: Sequence[Task],
    known: Mapping[str, Task | None],
) -> None:
    """Make the open tasks exactly `wanted`.

    Args:
        known: the rows that are there, by the engine's id; None for one that this installation has
            not written. One that stays is left alone with its claim, but for dates that moved; one
            that is not wanted is deleted, or becomes the row of a new one.
    Raises:
        CaseMoved: one that should be there is gone already, or is not as it was read.
    """
    ids = {row.id for row in wanted}
    gone = sorted(set(known) - ids)
    new = [_new(writer, row) for row in wanted if row.id not in known]
    both = min(len(gone), len(new))
    follow = [
        {**row, "b_case_id": case_id, "b_id": id_} for id_, row in zip(gone, new, strict=False)
    ]
    writer.later(REPLACE, follow, exactly=both)
    left = [{"case_id": case_id, "id": id_} for id_ in gone[both:]]
    writer.later(DROP, left, exactly=len(left))
    writer.later(ADD, new[both:])
    moved = list[dict[str, object]]()
    for row in wanted:
        before = known.get(row.id)
        if before is not None and (before.due, before.follow_up) != (row.due, row.follow_up):
            after = replace(before, due=row.due, follow_up=row.follow_up)
            dates = {"b_due": row.due, "b_follow_up": row.follow_up, "b_sort_due": row.place[0]}
            moved.append({**_as_read(writer, before, after), **dates})
    writer.later(REDATE, moved, exactly=len(moved))


def refit(writer: Writer, before: Task, row: Task) -> None:
    """Change what the diagram says of an open task; who has it, and its dates, stay."""
    given = {
        "b_element": row.element,
        "b_nth": row.nth,
        "b_role": row.role,
        "b_office_id": row.office_id,
        "b_stage": row.stage,
        "b_priority": row.priority,
        "b_sort_rank": row.place[1],
    }
    writer.later(REFIT, {**_as_read(writer, before, row), **given}, exactly=1)


def _as_read(writer: Writer, before: Task, after: Task) -> dict[str, object]:
    """The key of a task, and its MAC before and after a change."""
    return {
        "b_key": before.key,
        "b_before": ROWS.mac(writer, before),
        "b_mac": ROWS.mac(writer, after),
    }


def _new(writer: Writer, row: Task) -> dict[str, object]:
    sort_due, sort_rank, _ = row.place
    return {**values(row), "sort_due": sort_due, "sort_rank": sort_rank, MAC: ROWS.mac(writer, row)}


def due_between(
    reader: Reader, start: datetime, end: datetime, *, limit: int = 1000
) -> list[TaskListRow]:
    """Open tasks whose due date lies between two moments, for reminders."""
    found = reader.all(_listed, DUE_BETWEEN, {"start": start, "end": end, "limit": limit})
    return genuine(reader, found)


def claim(tx: Tx, key: str, person: str, at: datetime, *, over: str | None = None) -> bool:
    """Take a task; False when it is gone, or claimed by another than `over`.

    Raises:
        CaseMoved: as `_change` does.   RowRefused: as `_require_newest` does.
    """
    row = get(tx, key)
    free = (None, person) if over is None else (over,)
    if row is None or row.claimed_by not in free:
        return False
    _require_newest(tx, row)
    _change(tx, row, replace(row, claimed_by=person, claimed_at=at, hidden_until=None))
    return True


def _require_newest(tx: Tx, row: Task) -> None:
    """Refuse a task that was put back to an older state; no entry binds one that nobody has had.

    Raises:
        RowRefused: it was.
    """
    had = (row.claimed_by, row.claimed_at, row.hidden_until) != (None, None, None)
    since = None if had else row.opened_at
    newest_rows.require_newest(tx, f"case/{row.case_id}", "task", row, since=since)


def _change(writer: Writer, row: Task, after: Task) -> None:
    """Change a task for people.

    Raises:
        CaseMoved: it is not as it was read; perhaps only before the next question.
    """
    ROWS.change(writer, row, after, stream=f"case/{row.case_id}")


def claimed(reader: Reader, person: str) -> list[Task]:
    """What a person has claimed, in whatever case."""
    return ROWS.all(reader, CLAIMED, {"person": person})


def put_back(tx: Tx, key: str) -> bool:
    """Nobody has it any more; False when it is gone."""
    row = get(tx, key)
    if row is not None:
        _require_newest(tx, row)
        _change(tx, row, replace(row, claimed_by=None, claimed_at=None))
    return row is not None


def free(writer: Writer, row: Task) -> Task:
    """Nobody has a task, as it was read, any more; gives it as it is then."""
    after = replace(row, claimed_by=None, claimed_at=None)
    _change(writer, row, after)
    return after


def hide(tx: Tx, key: str, until: datetime | None) -> bool:
    """Follow up later; False when it is gone."""
    row = get(tx, key)
    if row is not None:
        _require_newest(tx, row)
        _change(tx, row, replace(row, hidden_until=until))
    return row is not None


def bind(writer: Writer, rows: Iterable[Task], role: str, office: str) -> list[Task]:
    """Another office holds a role of a case: its open tasks go there, unclaimed.

    Args:
        rows: the open tasks of the case.
        office: "" for nobody: they wait until somebody holds the role.
    Returns: those of the role that changed hands, as they are then.
    """
    bound = []
    for row in rows:
        if row.role == role and row.office_id != (office or None):
            after = replace(
                row, office_id=office or None, claimed_by=None, claimed_at=None, hidden_until=None
            )
            _change(writer, row, after)
            bound.append(after)
    return bound
