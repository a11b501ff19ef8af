"""Read models of the inbox: tasks, counts, and who sent, began or read what a row shows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from service.store import keyset
from service.store.casefile.referrals import CAME_BACK, OWES_ANSWER
from service.store.keyset import ListOrder, ListPage, PageRequest, Place
from service.store.prepared import PreparedStatement, in_list
from service.store.read_models.audit_conditions import as_read
from service.store.read_models.list_reader import InboxReader, counted, existing, granted, roles_of
from service.store.statement_shapes import Spaced, by_shape
from service.store.tables import (
    case_access,
    case_officer,
    cases,
    fact,
    line,
    office,
    referral,
    stream,
    task,
    unsent,
)
from service.store.work.tasks import COLUMNS, OF_CASE, Task, TaskListRow, genuine

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """The filter of an inbox: which tasks a list shows; an empty value leaves none out."""

    FIXED = frozenset({"box", "sort"})
    box: str = "office"  # mine, office, unclaimed, week, resting
    stage: str | None = None
    sender: str | None = None
    """Id of an office."""
    after: datetime | None = None
    before: datetime | None = None
    """Due from, and due before."""
    sort: str = "due"  # due, case, stage, new


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
    source: Reader,
    reader: InboxReader,
    wanted: InboxFilter,
    step: PageRequest,
    *,
    limit: int,
    first: Reader | None = None,
) -> ListPage[TaskListRow]:
    """One page of the tasks of a list.

    Args:
        first: has what `read_of_page` reads; without it that is asked.
    """
    return keyset.page(
        *(source, _listed, partial(_page, reader, wanted), ORDERS[wanted.sort], step, limit),
        keep=partial(genuine, source),
        first=first,
    )


def read_of_page(
    reader: InboxReader, wanted: InboxFilter, step: PageRequest, *, limit: int
) -> Read:
    """What `page` reads first."""
    return keyset.first_read(partial(_page, reader, wanted), ORDERS[wanted.sort], step, limit)


@by_shape
def _page(
    reader: InboxReader,
    wanted: InboxFilter,
    place: Place | None,
    back: bool,  # noqa: FBT001 - `keyset` asks so
    limit: int,
) -> Select[Any]:
    rows = select(*COLUMNS, *OF_CASE).join_from(task, cases, cases.c.id == task.c.case_id)
    parts = [rows.where(*rules) for rules in _parts(reader, wanted)]
    return keyset.statement(parts, ORDERS[wanted.sort], place, limit, back=back)


def counts(source: Reader, reader: InboxReader, boxes: Mapping[str, InboxFilter]) -> dict[str, int]:
    """How long several lists are, in one statement.

    Under `waiting`: how many cases wait for other offices.
    """
    found = source.all(lambda *row: row, *read_of_counts(reader, *boxes.values()))[0]
    return dict(zip((*boxes, "waiting"), found, strict=True))


@by_shape
def read_of_counts(reader: InboxReader, *boxes: InboxFilter) -> Select[Any]:
    """What `counts` reads."""
    return select(*_numbers(reader, boxes))


def newer(source: Reader, reader: InboxReader, since: datetime) -> int:
    """How many of the office's tasks opened after a moment."""
    return int(source.value(*_newer(reader, since)))


@by_shape
def _newer(reader: InboxReader, since: datetime) -> Select[Any]:
    keys = select(task.c.key).where(task.c.opened_at > since).order_by(task.c.opened_at)
    opened = [keys.where(*rules) for rules in _parts(reader, InboxFilter())]
    return select(counted(opened, "newer"))


@dataclass(frozen=True, slots=True)
class Overview:
    """What an inbox shows around its rows."""

    sizes: Mapping[str, int]
    """What `counts` gives."""
    newest: datetime | None
    """When the newest of the office's tasks opened."""
    senders: frozenset[str]
    """Offices that its tasks came from."""
    has_referrals: bool
    """Whether referrals by hand wait for the reader."""
    has_given: bool
    """Whether somebody else gave her cases."""
    has_questions: bool
    """Whether anybody was asked about a look of hers."""


def overview(
    source: Reader,
    reader: InboxReader,
    boxes: Mapping[str, InboxFilter],
    given_since: datetime,
    asked: tuple[str, datetime],
) -> Overview:
    """Load the overview of an inbox, in one statement.

    Args:
        given_since: cases that were given to her earlier are left out.
        asked: kind of the entry that asks somebody about a look, and since when it counts.
    """
    read = read_of_overview(reader, given_since, asked, *boxes.values())
    *sizes, newest, senders, referrals, given, questions = source.all(lambda *row: row, *read)[0]
    return Overview(
        dict(zip((*boxes, "waiting"), sizes, strict=True)),
        newest,
        frozenset((senders or "").split()),
        bool(referrals),
        bool(given),
        bool(questions),
    )


@by_shape
def read_of_overview(
    reader: InboxReader, given_since: datetime, asked: tuple[str, datetime], *boxes: InboxFilter
) -> Select[Any]:
    """What `overview` reads."""
    rules_of_parts = _parts(reader, InboxFilter())
    sent = or_(*(exists().where(task.c.sender == office.c.id, *rules) for rules in rules_of_parts))
    opened = (
        select(task.c.opened_at).where(*rules).order_by(task.c.opened_at.desc()).limit(1)
        for rules in rules_of_parts
    )
    every = union_all(*(select(one.subquery()) for one in opened)).subquery("newest")
    newest = select(func.max(every.c.opened_at, type_=task.c.opened_at.type))
    senders = select(Spaced(office.c.id)).where(sent)
    return select(
        *_numbers(reader, boxes),
        newest.scalar_subquery().label("newest"),
        senders.scalar_subquery().label("senders"),
        or_(*_referrals(reader)).label("referrals"),
        exists()
        .where(
            case_officer.c.person_id == reader.person,
            case_officer.c.office_id == reader.office,
            case_officer.c.by != case_officer.c.person_id,
            case_officer.c.at >= given_since,
            *existing(case_officer.c.case_id, reader.barred),
        )
        .label("given"),
        exists().where(line.c.kind == asked[0], line.c.at >= asked[1]).label("questions"),
    )


def _referrals(reader: InboxReader) -> Iterator[ColumnElement[bool]]:
    for waits, office_id, role_id in (
        (OWES_ANSWER, referral.c.to_office, referral.c.to_role),
        (CAME_BACK, referral.c.from_office, referral.c.from_role),
    ):
        of_roles = or_(*(as_read(role_id) == role for role in roles_of(reader)))
        known = existing(referral.c.case_id, reader.barred)
        yield exists().where(office_id == reader.office, of_roles, waits, *known)


def _numbers(reader: InboxReader, boxes: Sequence[InboxFilter]) -> list[ColumnElement[Any]]:
    numbers = [counted(_keys(reader, wanted), f"box_{n}") for n, wanted in enumerate(boxes)]
    return [*numbers, counted(_elsewhere(reader), "waiting")]


def elsewhere_tasks(
    source: Reader,
    reader: InboxReader,
    step: PageRequest,
    *,
    limit: int,
    first: Reader | None = None,
) -> ListPage[TaskListRow]:
    """Tasks that wait at other offices in cases that the reader may see; those of the case that has
    waited longest come first.

    Args:
        first: has what `read_of_elsewhere` reads; without it that is asked.
    """
    found = keyset.page(
        source,
        lambda *row: AwayTask(_listed(*row[:-1]), row[-1]),
        partial(_elsewhere_page, reader),
        OLDEST,
        step,
        limit,
        keep=lambda rows: [row for row in rows if genuine(source, [row.listed])],
        first=first,
    )
    return ListPage(tuple(row.listed for row in found.rows), found.previous, found.next)


def read_of_elsewhere(reader: InboxReader, step: PageRequest, *, limit: int) -> Read:
    """What `elsewhere_tasks` reads first."""
    return keyset.first_read(partial(_elsewhere_page, reader), OLDEST, step, limit)


@by_shape
def _elsewhere_page(
    reader: InboxReader,
    place: Place | None,
    back: bool,  # noqa: FBT001 - `keyset` asks so
    limit: int,
) -> Select[Any]:
    rows = (
        select(*COLUMNS, *OF_CASE, case_access.c.away_since)
        .join_from(case_access, task, task.c.case_id == case_access.c.case_id)
        .join(cases, cases.c.id == task.c.case_id)
    )
    away = or_(task.c.office_id != reader.office, task.c.office_id.is_(None))
    parts = [rows.where(away, *rules) for rules in _away(reader)]
    return keyset.statement(parts, OLDEST, place, limit, back=back)


def _listed(*row: Any) -> TaskListRow:  # noqa: ANN401 - a database row has the kinds of its columns
    return TaskListRow(Task(*row[:-6]), *row[-6:])


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
            or_(*(as_read(task.c.role) == role for role in roles_of(reader))),
        )
        return [
            [task.c.claimed_by == person, own, *_rules(reader, wanted)]
            for person in (reader.person, *reader.stands_in_for)
        ]
    return [
        [task.c.office_id == reader.office, task.c.role == role, *_rules(reader, wanted)]
        for role in roles_of(reader)
    ]


def _rules(reader: InboxReader, wanted: InboxFilter) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = [
        _resting(reader) if wanted.box == "resting" else _awake(reader),
        *existing(task.c.case_id, reader.barred),
    ]
    if wanted.box == "unclaimed":
        rules.append(task.c.claimed_by.is_(None))
    if wanted.stage is not None:
        rules.append(task.c.stage == wanted.stage)
    if wanted.after is not None:
        rules.append(task.c.sort_due >= wanted.after)
    if wanted.before is not None:
        rules.append(task.c.sort_due < wanted.before)
    if wanted.sender is not None:
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


def marks(source: Reader, reader: InboxReader, rows: Collection[TaskListRow]) -> RowMarks:
    """Load the marks of some tasks, in one statement."""
    sent = dict[str, TaskSender]()
    begun = dict[str, str]()
    read = dict[str, datetime]()
    found = source.all(lambda *row: row, *read_of_marks(reader, rows)) if rows else []
    for what, key, person, its_office, _, at in sorted(found, key=lambda row: (row[4], row[5])):
        if what == SENT:
            sent[key] = TaskSender(person, its_office)
        elif what == BEGUN:
            begun[key] = person
        else:
            read[key.removeprefix(READS)] = at
    return RowMarks(sent, begun, read)


def read_by(source: Reader, reader: InboxReader, case_ids: Collection[str]) -> dict[str, datetime]:
    """Case to when this person read something in it last."""
    read = read_of_read_by(reader, case_ids)
    found = source.all(lambda *row: row, *read) if case_ids else []
    return {name.removeprefix(READS): at for _, name, *_, at in found}


def read_of_read_by(reader: InboxReader, case_ids: Collection[str]) -> Read:
    """What `read_by` reads."""
    return OF_CASES, _streams(reader, case_ids)


def _streams(reader: InboxReader, case_ids: Collection[str]) -> dict[str, object]:
    streams = (*(f"{READS}{id_}" for id_ in sorted(case_ids)),)
    return {"streams": streams, "person": reader.person}
