"""Read models of the inbox: pages of tasks, who sent them, who has begun, and counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from service.store import keyset
from service.store.casefile.grants import granted_to
from service.store.keyset import ListOrder, ListPage, PageRequest
from service.store.tables import case_grant, cases, fact, line, stream, task, unsent
from service.store.work.tasks import COLUMNS, OF_CASE, Task, TaskListRow

if TYPE_CHECKING:
    from service.store.transaction import Tx

MOST = 1000
"""Counting stops here, so that a large inbox costs no more than a small one."""


@dataclass(frozen=True, slots=True)
class InboxReader:
    """Whose inbox it is."""

    person: str
    office: str
    roles: frozenset[str]
    now: datetime
    stands_in_for: frozenset[str] = frozenset()
    """Absent colleagues whose tasks are hers too."""


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which tasks of it are wanted; empty means all."""

    box: str = "office"  # mine, office, unclaimed, week, resting
    stage: str = ""
    sender: str = ""
    """Id of an office."""
    after: datetime | None = None
    before: datetime | None = None
    """Due from, and due before."""
    sort: str = "due"  # due, case, stage, new


@dataclass(frozen=True, slots=True)
class TaskSender:
    """Who did what led to a task: a person, the clock or a handler, and the office."""

    actor: str
    office: str


ORDERS: Mapping[str, ListOrder[TaskListRow]] = {
    "due": ListOrder((task.c.sort_due, task.c.sort_rank, task.c.key), lambda row: row.task.place),
    "case": ListOrder(
        (cases.c.ref, task.c.sort_due, task.c.key),
        lambda row: (row.ref, row.task.place[0], row.task.key),
    ),
    "stage": ListOrder(
        (task.c.stage, task.c.sort_due, task.c.key),
        lambda row: (row.task.stage, row.task.place[0], row.task.key),
    ),
    "new": ListOrder(
        (task.c.opened_at, task.c.key), lambda row: (row.task.opened_at, row.task.key), down=True
    ),
}
OLDEST: ListOrder[TaskListRow] = ListOrder(
    (task.c.opened_at, task.c.key), lambda row: (row.task.opened_at, row.task.key)
)
LED_HERE = and_(fact.c.case_id == task.c.case_id, fact.c.at == task.c.opened_at)
"""A task opens in the moment of the fact that led to it."""


def page(
    tx: Tx, reader: InboxReader, wanted: InboxFilter, step: PageRequest, *, limit: int
) -> ListPage[TaskListRow]:
    """One page of the tasks of a list."""
    rows = (
        select(*COLUMNS, *OF_CASE)
        .join_from(task, cases, cases.c.id == task.c.case_id)
        .where(*_rules(reader, wanted))
    )
    return keyset.page(tx, _listed, rows, ORDERS[wanted.sort], step, limit)


def counts(tx: Tx, reader: InboxReader, boxes: Mapping[str, InboxFilter]) -> dict[str, int]:
    """How long several lists are, in one statement.

    Under `waiting`: how many cases wait for other offices.
    """
    counted = [_counted(_keys(reader, wanted), name) for name, wanted in boxes.items()]
    row = tx.all(
        lambda *numbers: numbers, select(*counted, _counted(_elsewhere(reader), "waiting"))
    )[0]
    return dict(zip((*boxes, "waiting"), row, strict=True))


def newer(tx: Tx, reader: InboxReader, since: datetime) -> int:
    """How many of the office's tasks opened after a moment."""
    newer_keys = _keys(reader, InboxFilter()).where(task.c.opened_at > since).limit(MOST)
    return int(tx.value(select(func.count()).select_from(newer_keys.subquery())))


def newest(tx: Tx, reader: InboxReader) -> datetime | None:
    """When the newest of the office's tasks opened."""
    found: datetime | None = tx.value(
        select(task.c.opened_at)
        .where(*_rules(reader, InboxFilter()))
        .order_by(task.c.opened_at.desc())
        .limit(1)
    )
    return found


def senders(tx: Tx, reader: InboxReader) -> list[str]:
    """Offices that the office's tasks came from."""
    offices = (
        select(fact.c.office)
        .join_from(task, fact, LED_HERE)
        .where(*_rules(reader, InboxFilter()), fact.c.office != "")
    )
    return tx.all(str, offices.distinct())


def sent_by(tx: Tx, keys: Collection[str]) -> dict[str, TaskSender]:
    """Task to who led to it."""
    if not keys:
        return {}
    wanted = (
        select(task.c.key, fact.c.actor, fact.c.office)
        .join_from(task, fact, LED_HERE)
        .where(task.c.key.in_(keys))
        .order_by(fact.c.rev)
    )
    return dict(tx.all(lambda key, actor, office: (key, TaskSender(actor, office)), wanted))


def begun_by(tx: Tx, keys: Collection[str]) -> dict[str, str]:
    """Task to the person who has typed into it last and not sent."""
    wanted = select(unsent.c.key, unsent.c.person_id).where(unsent.c.key.in_(keys))
    wanted = wanted.order_by(unsent.c.at)
    return dict(tx.all(lambda key, person: (key, person), wanted)) if keys else {}


def read_by(tx: Tx, reader: InboxReader, case_ids: Collection[str]) -> dict[str, datetime]:
    """Case to when this person read something in it last."""
    if not case_ids:
        return {}
    streams = {f"reads/{id_}": id_ for id_ in case_ids}
    wanted = (
        select(stream.c.name, func.max(line.c.at, type_=line.c.at.type))
        .join_from(stream, line, line.c.stream == stream.c.number)
        .where(stream.c.name.in_(sorted(streams)), line.c.actor == reader.person)
        .group_by(stream.c.name)
    )
    return dict(tx.all(lambda name, at: (streams[name], at), wanted))


def elsewhere_tasks(
    tx: Tx, reader: InboxReader, step: PageRequest, *, limit: int
) -> ListPage[TaskListRow]:
    """Tasks that wait at other offices in cases that the reader may see, the oldest first."""
    rows = select(*COLUMNS, *OF_CASE).join_from(task, cases, cases.c.id == task.c.case_id)
    rows = rows.where(_away(reader), task.c.case_id.in_(_seen(reader)))
    return keyset.page(tx, _listed, rows, OLDEST, step, limit)


def _listed(*row: Any) -> TaskListRow:  # noqa: ANN401 - a database row has the kinds of its columns
    return TaskListRow(Task(*row[:-5]), *row[-5:])


def _counted(rows: Select[Any], name: str) -> ColumnElement[int]:
    limited = rows.limit(MOST).subquery(name)
    return select(func.count()).select_from(limited).scalar_subquery().label(name)


def _keys(reader: InboxReader, wanted: InboxFilter) -> Select[Any]:
    return select(task.c.key).where(*_rules(reader, wanted))


def _rules(reader: InboxReader, wanted: InboxFilter) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = [
        task.c.office_id == reader.office,
        task.c.role.in_(sorted(reader.roles)),
        _resting(reader) if wanted.box == "resting" else _awake(reader),
    ]
    if wanted.box == "mine":
        people = sorted({reader.person, *reader.stands_in_for})
        rules.append(task.c.claimed_by.in_(people))
    if wanted.box == "unclaimed":
        rules.append(task.c.claimed_by.is_(None))
    if wanted.stage:
        rules.append(task.c.stage == wanted.stage)
    if wanted.after is not None:
        rules.append(task.c.sort_due >= wanted.after)
    if wanted.before is not None:
        rules.append(task.c.sort_due < wanted.before)
    if wanted.sender:
        rules.append(exists().where(LED_HERE, fact.c.office == wanted.sender))
    return rules


def _awake(reader: InboxReader) -> ColumnElement[bool]:
    """Whether a task does not rest. What became due meanwhile does not."""
    return or_(
        task.c.hidden_until.is_(None),
        task.c.hidden_until <= reader.now,
        task.c.sort_due <= reader.now,
    )


def _resting(reader: InboxReader) -> ColumnElement[bool]:
    return and_(task.c.hidden_until > reader.now, task.c.sort_due > reader.now)


def _away(reader: InboxReader) -> ColumnElement[bool]:
    return or_(task.c.office_id != reader.office, task.c.office_id.is_(None))


def _seen(reader: InboxReader) -> Select[Any]:
    return select(case_grant.c.case_id).where(
        granted_to(case_grant, reader.office, reader.roles, reader.now)
    )


def _elsewhere(reader: InboxReader) -> Select[Any]:
    return select(task.c.case_id).where(_away(reader), task.c.case_id.in_(_seen(reader))).distinct()
