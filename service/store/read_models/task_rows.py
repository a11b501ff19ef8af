"""Read models of the rows of an inbox: who sent a task, who has begun it, who has read its case."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, select

from service.store.prepared import PreparedStatement, in_list
from service.store.read_models.audit_conditions import as_read
from service.store.read_models.list_reader import InboxReader
from service.store.tables import fact, line, stream, task, unsent
from service.store.work.tasks import TaskListRow

if TYPE_CHECKING:
    from service.store.transaction import Read, Tx

READS = "reads/"
"""How the name of a case's read log begins."""


@dataclass(frozen=True, slots=True)
class TaskSender:
    """Who did what led to a task: a person, the clock or a handler, and the office."""

    actor: str
    office: str


LED_HERE = and_(fact.c.case_id == task.c.case_id, fact.c.at == task.c.opened_at)
"""A task opens in the moment of the fact that led to it."""
SENT_BY = PreparedStatement(
    select(task.c.key, fact.c.actor, fact.c.office)
    .join_from(task, fact, LED_HERE)
    .where(in_list(task.c.key, "keys"))
    .order_by(fact.c.rev)
)
BEGUN_BY = PreparedStatement(
    select(unsent.c.key, unsent.c.person_id)
    .where(in_list(unsent.c.key, "keys"))
    .order_by(unsent.c.at)
)
READ_BY = PreparedStatement(
    select(stream.c.name, func.max(line.c.at, type_=line.c.at.type))
    .join_from(stream, line, line.c.stream == stream.c.number)
    .where(in_list(stream.c.name, "streams"), as_read(line.c.actor) == bindparam("person"))
    .group_by(stream.c.name)
)


def reads_of_rows(reader: InboxReader, rows: Collection[TaskListRow]) -> list[Read]:
    """What `sent_by`, `begun_by` and `read_by` read of some tasks."""
    keys = (*(listed.task.key for listed in rows),)
    return [
        (SENT_BY, {"keys": keys}),
        (BEGUN_BY, {"keys": keys}),
        _read_by(reader, {listed.task.case_id for listed in rows}),
    ]


def sent_by(tx: Tx, keys: Collection[str]) -> dict[str, TaskSender]:
    """Task to who led to it."""
    given = {"keys": (*keys,)}
    rows = tx.all(lambda *row: row, SENT_BY, given) if keys else ()
    return {key: TaskSender(actor, office) for key, actor, office in rows}


def begun_by(tx: Tx, keys: Collection[str]) -> dict[str, str]:
    """Task to the person who has typed into it last and not sent."""
    given = {"keys": (*keys,)}
    return dict(tx.all(lambda key, person: (key, person), BEGUN_BY, given)) if keys else {}


def read_by(tx: Tx, reader: InboxReader, case_ids: Collection[str]) -> dict[str, datetime]:
    """Case to when this person read something in it last."""
    found = tx.all(_read_at, *_read_by(reader, case_ids)) if case_ids else ()
    return dict(found)


def _read_by(reader: InboxReader, case_ids: Collection[str]) -> Read:
    streams = (*(f"{READS}{id_}" for id_ in sorted(case_ids)),)
    return READ_BY, {"streams": streams, "person": reader.person}


def _read_at(name: str, at: datetime) -> tuple[str, datetime]:
    return name.removeprefix(READS), at
