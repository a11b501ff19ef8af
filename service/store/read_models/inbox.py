"""Read models of the inbox: pages of tasks, who sent them, who has begun, and counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union, union_all

from service.store import keyset
from service.store.keyset import ListOrder, ListPage, PageRequest
from service.store.lists.access_rows import HERE
from service.store.read_models.audit_conditions import as_read
from service.store.tables import case_access, cases, fact, line, office, stream, task, unsent
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


def granted(reader: InboxReader) -> list[list[ColumnElement[bool]]]:
    """Conditions on `case_access` for the cases that a grant opens to a reader, one for each role;
    a case can be in several.
    """
    return [[*rules, *_live(reader)] for rules in _of_roles(reader).values()]


def seen(reader: InboxReader) -> dict[str, list[ColumnElement[bool]]]:
    """Role to the conditions on `case_access` for the cases that a grant opens to a reader in it,
    or in which a task waits for it.
    """
    waits_or_granted = or_(case_access.c.rank == HERE, and_(*_live(reader)))
    return {role: [*rules, waits_or_granted] for role, rules in _of_roles(reader).items()}


def _of_roles(reader: InboxReader) -> dict[str, list[ColumnElement[bool]]]:
    return {
        role: [case_access.c.office_id == reader.office, case_access.c.role == role]
        for role in sorted(reader.roles) or ("",)
    }


def _live(reader: InboxReader) -> list[ColumnElement[bool]]:
    return [case_access.c.opens <= reader.now, case_access.c.until > reader.now]


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
        (task.c.ref, task.c.sort_due, task.c.key),
        lambda row: (row.task.ref, row.task.place[0], row.task.key),
    ),
    "stage": ListOrder(
        (task.c.stage, task.c.sort_due, task.c.key),
        lambda row: (row.task.stage, row.task.place[0], row.task.key),
    ),
    "new": ListOrder(
        (task.c.opened_at, task.c.key), lambda row: (row.task.opened_at, row.task.key), down=True
    ),
}
LED_HERE = and_(fact.c.case_id == task.c.case_id, fact.c.at == task.c.opened_at)
"""A task opens in the moment of the fact that led to it."""


@dataclass(frozen=True, slots=True)
class AwayTask:
    """A task that waits at another office, and since when its case has waited for another."""

    listed: TaskListRow
    since: datetime


OLDEST: ListOrder[AwayTask] = ListOrder(
    (case_access.c.away_since, case_access.c.case_id, task.c.opened_at, task.c.key),
    lambda row: (
        row.since,
        row.listed.task.case_id,
        row.listed.task.opened_at,
        row.listed.task.key,
    ),
)


def page(
    tx: Tx, reader: InboxReader, wanted: InboxFilter, step: PageRequest, *, limit: int
) -> ListPage[TaskListRow]:
    """One page of the tasks of a list."""
    rows = select(*COLUMNS, *OF_CASE).join_from(task, cases, cases.c.id == task.c.case_id)
    parts = [rows.where(*rules) for rules in _parts(reader, wanted)]
    return keyset.page(tx, _listed, parts, ORDERS[wanted.sort], step, limit)


def counts(tx: Tx, reader: InboxReader, boxes: Mapping[str, InboxFilter]) -> dict[str, int]:
    """How long several lists are, in one statement.

    Under `waiting`: how many cases wait for other offices.
    """
    numbers = [counted(_keys(reader, wanted), name) for name, wanted in boxes.items()]
    found = tx.all(lambda *row: row, select(*numbers, counted(_elsewhere(reader), "waiting")))[0]
    return dict(zip((*boxes, "waiting"), found, strict=True))


def newer(tx: Tx, reader: InboxReader, since: datetime) -> int:
    """How many of the office's tasks opened after a moment."""
    keys = select(task.c.key).where(task.c.opened_at > since).order_by(task.c.opened_at)
    opened = [keys.where(*rules) for rules in _parts(reader, InboxFilter())]
    return int(tx.value(select(counted(opened, "newer"))))


def newest(tx: Tx, reader: InboxReader) -> datetime | None:
    """When the newest of the office's tasks opened."""
    opened = [
        select(task.c.opened_at).where(*rules).order_by(task.c.opened_at.desc()).limit(1)
        for rules in _parts(reader, InboxFilter())
    ]
    every = union_all(*(select(one.subquery()) for one in opened)).subquery("newest")
    found: datetime | None = tx.value(
        select(func.max(every.c.opened_at, type_=task.c.opened_at.type))
    )
    return found


def senders(tx: Tx, reader: InboxReader) -> list[str]:
    """Offices that the office's tasks came from."""
    sent = or_(
        *(
            exists().where(task.c.sender == office.c.id, *rules)
            for rules in _parts(reader, InboxFilter())
        )
    )
    return tx.all(str, select(office.c.id).where(sent))


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
        .where(stream.c.name.in_(sorted(streams)), as_read(line.c.actor) == reader.person)
        .group_by(stream.c.name)
    )
    return dict(tx.all(lambda name, at: (streams[name], at), wanted))


def elsewhere_tasks(
    tx: Tx, reader: InboxReader, step: PageRequest, *, limit: int
) -> ListPage[TaskListRow]:
    """Tasks that wait at other offices in cases that the reader may see; those of the case that has
    waited longest come first.
    """
    rows = (
        select(*COLUMNS, *OF_CASE, case_access.c.away_since)
        .join_from(case_access, task, task.c.case_id == case_access.c.case_id)
        .join(cases, cases.c.id == task.c.case_id)
    )
    away = or_(task.c.office_id != reader.office, task.c.office_id.is_(None))
    parts = [rows.where(away, *rules) for rules in _away(reader)]
    found = keyset.page(
        tx, lambda *row: AwayTask(_listed(*row[:-1]), row[-1]), parts, OLDEST, step, limit
    )
    return ListPage(tuple(row.listed for row in found.rows), found.previous, found.next)


def _listed(*row: Any) -> TaskListRow:  # noqa: ANN401 - a database row has the kinds of its columns
    return TaskListRow(Task(*row[:-5]), *row[-5:])


def counted(parts: Sequence[Select[Any]], name: str) -> ColumnElement[int]:
    """How many rows there are in all parts, at most `MOST`; one that is in several counts once."""
    limited = [part.limit(MOST).subquery() for part in parts]
    every = limited[0] if len(limited) == 1 else union(*map(select, limited)).limit(MOST).subquery()
    rows = select(func.count()).select_from(every)
    return rows.scalar_subquery().label(name)


def _keys(reader: InboxReader, wanted: InboxFilter) -> list[Select[Any]]:
    keys = [select(task.c.key).where(*rules) for rules in _parts(reader, wanted)]
    return keys if wanted.box == "resting" else [k.order_by(*ORDERS["due"].columns) for k in keys]


def _parts(reader: InboxReader, wanted: InboxFilter) -> list[list[ColumnElement[bool]]]:
    """The conditions of a list, in parts that each walk an index: one for each role, or for each
    person whose tasks they are.
    """
    if wanted.box == "mine":
        own = and_(
            as_read(task.c.office_id) == reader.office,
            as_read(task.c.role).in_(sorted(reader.roles)),
        )
        return [
            [task.c.claimed_by == person, own, *_rules(reader, wanted)]
            for person in sorted({reader.person, *reader.stands_in_for})
        ]
    return [
        [task.c.office_id == reader.office, task.c.role == role, *_rules(reader, wanted)]
        for role in sorted(reader.roles) or ("",)
    ]


def _rules(reader: InboxReader, wanted: InboxFilter) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = [
        _resting(reader) if wanted.box == "resting" else _awake(reader)
    ]
    if wanted.box == "unclaimed":
        rules.append(task.c.claimed_by.is_(None))
    if wanted.stage:
        rules.append(task.c.stage == wanted.stage)
    if wanted.after is not None:
        rules.append(task.c.sort_due >= wanted.after)
    if wanted.before is not None:
        rules.append(task.c.sort_due < wanted.before)
    if wanted.sender:
        rules.append(task.c.sender == wanted.sender)
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


def _away(reader: InboxReader) -> list[list[ColumnElement[bool]]]:
    return [[*rules, case_access.c.away_since.is_not(None)] for rules in granted(reader)]


def _elsewhere(reader: InboxReader) -> list[Select[Any]]:
    waiting = select(case_access.c.case_id).order_by(case_access.c.away_since)
    return [waiting.where(*rules) for rules in _away(reader)]
