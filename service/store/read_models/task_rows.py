"""Read models of the rows of an inbox: who sent a task, who has begun it, who has read its case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, literal, null, select, union_all

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


@dataclass(frozen=True, slots=True)
class RowMarks:
    """What a list shows of some tasks besides their rows."""

    sent: Mapping[str, TaskSender]
    """Task to who led to it."""
    begun: Mapping[str, str]
    """Task to the person who has typed into it last and not sent."""
    read: Mapping[str, datetime]
    """Case to when the reader read something in it last."""


LED_HERE = and_(fact.c.case_id == task.c.case_id, fact.c.at == task.c.opened_at)
"""A task opens in the moment of the fact that led to it."""
SENT, BEGUN, READ = 0, 1, 2
LAST_READ = func.max(line.c.at, type_=line.c.at.type)
READ_BY = (
    select(literal(READ), stream.c.name, null(), null(), literal(0), LAST_READ)
    .join_from(stream, line, line.c.stream == stream.c.number)
    .where(in_list(stream.c.name, "streams"), as_read(line.c.actor) == bindparam("person"))
    .group_by(stream.c.name)
)
MARKS = PreparedStatement(
    union_all(
        select(
            *(literal(SENT).label("what"), task.c.key.label("key"), fact.c.actor, fact.c.office),
            *(fact.c.rev, task.c.opened_at.label("at")),
        )
        .join_from(task, fact, LED_HERE)
        .where(in_list(task.c.key, "keys")),
        select(
            literal(BEGUN), unsent.c.key, unsent.c.person_id, null(), literal(0), unsent.c.at
        ).where(in_list(unsent.c.key, "keys")),
        READ_BY,
    )
)
OF_CASES = PreparedStatement(READ_BY)


def read_of_marks(reader: InboxReader, rows: Collection[TaskListRow]) -> Read:
    """What `marks` reads."""
    keys = (*(listed.task.key for listed in rows),)
    return MARKS, {"keys": keys, **_streams(reader, {listed.task.case_id for listed in rows})}


def marks(tx: Tx, reader: InboxReader, rows: Collection[TaskListRow]) -> RowMarks:
    """What a list shows of some tasks besides their rows."""
    sent = dict[str, TaskSender]()
    begun = dict[str, str]()
    read = dict[str, datetime]()
    found = tx.all(lambda *row: row, *read_of_marks(reader, rows)) if rows else []
    for what, key, person, office, _, at in sorted(found, key=lambda row: (row[4], row[5])):
        if what == SENT:
            sent[key] = TaskSender(person, office)
        elif what == BEGUN:
            begun[key] = person
        else:
            read[key.removeprefix(READS)] = at
    return RowMarks(sent, begun, read)


def read_by(tx: Tx, reader: InboxReader, case_ids: Collection[str]) -> dict[str, datetime]:
    """Case to when this person read something in it last."""
    found = tx.all(lambda *row: row, OF_CASES, _streams(reader, case_ids)) if case_ids else []
    return {name.removeprefix(READS): at for _, name, *_, at in found}


def _streams(reader: InboxReader, case_ids: Collection[str]) -> dict[str, object]:
    streams = (*(f"{READS}{id_}" for id_ in sorted(case_ids)),)
    return {"streams": streams, "person": reader.person}
