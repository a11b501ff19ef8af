"""Rows that access is decided from, of several cases in one statement: parties, open tasks, grants
to the reader's office, live consents, named persons, bars.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)

from service.store.casefile import case_bars, consents, grants, named_persons, parties
from service.store.casefile.case_bars import CaseBar
from service.store.casefile.consents import live_consent
from service.store.casefile.grants import GrantRow, live_grant
from service.store.prepared import PreparedStatement, in_list
from service.store.tables import case_bar, case_grant, consent, named_person, party, task
from service.store.tables.column_types import Day, Moment, MomentAsKept, moment_of
from service.store.work import tasks
from service.store.work.tasks import Task

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader

Cells: TypeAlias = tuple[Any, ...]
"""A row of the statement: what it is, of which case, nine texts, two numbers, five moments, and
bytes."""
NO_TEXT, NO_NUMBER = cast(null(), String), cast(null(), Integer)
NO_MOMENT = cast(null(), MomentAsKept())
NOT_WITHDRAWN = (None, None, None)
DAY, NOW = bindparam("day", type_=Day()), bindparam("now", type_=Moment())


@dataclass(slots=True)
class VisibilityRows:
    """Rows of one case that access to it is decided from."""

    parties: dict[str, str] = field(default_factory=dict)
    """Role to office."""
    waiting: list[Task] = field(default_factory=list)
    """Open tasks, oldest first."""
    granted: list[GrantRow] = field(default_factory=list)
    """Live grants to roles of the reader in her office."""
    purposes: dict[str, str] = field(default_factory=dict)
    """Purpose of live consents to the person who gave the newest one."""
    named: set[str] = field(default_factory=set)
    """Persons who are named for the case."""
    barred: list[CaseBar] = field(default_factory=list)
    """For whom it does not exist."""


def _kept(*columns: ColumnElement[datetime | None]) -> list[ColumnElement[Any]]:
    return [type_coerce(column, MomentAsKept()) for column in columns]


def _cells(*columns: Any) -> tuple[Any, ...]:  # noqa: ANN401 - columns of every kind
    return columns


TASKS = select(
    *(literal("task"), task.c.case_id, task.c.key, task.c.id, task.c.element),
    *(task.c.role, task.c.office_id, task.c.stage, task.c.claimed_by, task.c.ref),
    *(task.c.sender, task.c.nth, task.c.priority),
    *_kept(task.c.due, task.c.follow_up, task.c.opened_at, task.c.claimed_at),
    *(*_kept(task.c.hidden_until), task.c.mac),
).where(in_list(task.c.case_id, "case_ids"))
PARTIES = select(
    *(literal("party"), party.c.case_id, party.c.role, party.c.office_id, *(NO_TEXT,) * 7),
    *(*(NO_NUMBER,) * 2, *(NO_MOMENT,) * 5, party.c.mac),
).where(in_list(party.c.case_id, "case_ids"))
GRANTS = select(
    *(literal("grant"), case_grant.c.case_id, case_grant.c.id, case_grant.c.office_id),
    *(case_grant.c.role, case_grant.c.rule, case_grant.c.klasses, case_grant.c.ground),
    *(case_grant.c.purpose, *(NO_TEXT,) * 2, *(NO_NUMBER,) * 2),
    *_kept(case_grant.c.starts, case_grant.c.until, case_grant.c.ended_at),
    *(*(NO_MOMENT,) * 2, case_grant.c.mac),
).where(
    in_list(case_grant.c.case_id, "case_ids"),
    case_grant.c.office_id == bindparam("office"),
    in_list(case_grant.c.role, "roles"),
    live_grant(case_grant, NOW),
)
CONSENTS = select(
    *(literal("consent"), consent.c.case_id, consent.c.id, consent.c.purpose),
    *(consent.c.given_by, consent.c.how, consent.c.by, cast(consent.c.given_on, String)),
    *(cast(consent.c.valid_to, String), *(NO_TEXT,) * 2, consent.c.rev_given, NO_NUMBER),
    *(*_kept(consent.c.at), *(NO_MOMENT,) * 4, consent.c.mac),
).where(in_list(consent.c.case_id, "case_ids"), live_consent(DAY))
NAMED: Select[Any] = select(
    *_cells(literal("named"), named_person.c.case_id, named_person.c.person_id, named_person.c.by),
    *_cells(*(NO_TEXT,) * 7, *(NO_NUMBER,) * 2, *_kept(named_person.c.at)),
    *(*(NO_MOMENT,) * 4, named_person.c.mac),
).where(in_list(named_person.c.case_id, "case_ids"), named_person.c.ended_at.is_(None))
BARRED: Select[Any] = select(
    *_cells(literal("barred"), case_bar.c.case_id, case_bar.c.id, case_bar.c.office_id),
    *_cells(case_bar.c.person_id, case_bar.c.role, case_bar.c.why, case_bar.c.by),
    *_cells(*(NO_TEXT,) * 3, *(NO_NUMBER,) * 2, *_kept(case_bar.c.at)),
    *(*(NO_MOMENT,) * 4, case_bar.c.mac),
).where(in_list(case_bar.c.case_id, "case_ids"), case_bar.c.ended_at.is_(None))
OF_CASES = PreparedStatement(union_all(TASKS, PARTIES, GRANTS, CONSENTS, NAMED, BARRED))
LISTED = PreparedStatement(union_all(TASKS, PARTIES, GRANTS, BARRED))


def of_cases(
    reader: Reader,
    case_ids: Collection[str],
    *,
    office: str,
    roles: Collection[str],
    now: datetime,
    listed: bool = False,
) -> dict[str, VisibilityRows]:
    """Load the rows that access is decided from, for each of several cases.

    Args:
        office: the reader's, and `roles` those that she holds in it.
        listed: whether it is for a list, which shows process facts alone: nothing of consents and
            named persons is read then.
    """
    read = read_of_cases(case_ids, office=office, roles=roles, now=now, listed=listed)
    rows: dict[str, list[Cells]] = {}
    for row in reader.all(lambda *row: row, *read):
        rows.setdefault(row[0], []).append(row[1:])
    found = {id_: VisibilityRows() for id_ in case_ids}
    for one in parties.ROWS.genuine(reader, map(_party, rows.get("party", ())), listed=listed):
        found[one.case_id].parties[one.role] = one.office_id
    waiting = tasks.ROWS.genuine(reader, map(_task, rows.get("task", ())))
    for waits in sorted(waiting, key=attrgetter("key")):
        found[waits.case_id].waiting.append(waits)
    for grant in grants.ROWS.genuine(reader, map(_grant, rows.get("grant", ()))):
        found[grant.case_id].granted.append(grant)
    given = consents.ROWS.genuine(reader, map(_consent, rows.get("consent", ())))
    for live in sorted(given, key=attrgetter("at", "id")):
        found[live.case_id].purposes[live.purpose] = live.given_by
    for name in named_persons.ROWS.genuine(reader, map(_named, rows.get("named", ()))):
        found[name.case_id].named.add(name.person_id)
    for bar in case_bars.ROWS.genuine(reader, map(_bar, rows.get("barred", ()))):
        found[bar.case_id].barred.append(bar)
    return found


def read_of_cases(
    case_ids: Collection[str],
    *,
    office: str,
    roles: Collection[str],
    now: datetime,
    listed: bool = False,
) -> Read:
    """What `of_cases` reads."""
    given: dict[str, object] = {
        "case_ids": (*sorted(case_ids),),
        "office": office,
        "roles": (*sorted(roles),),
        "now": now,
    }
    return (LISTED, given) if listed else (OF_CASES, {**given, "day": now.date()})


def _task(row: Cells) -> Cells:
    case_id, key, id_, element, role, office, stage, claimed_by, ref, sender, *more = row
    nth, priority, *moments, mac = more
    due, follow_up, opened_at, claimed_at, hidden_until = map(_moment, moments)
    return (
        *(key, case_id, id_, element, nth, role, office, stage, due, follow_up, priority),
        *(opened_at, claimed_by, claimed_at, hidden_until, ref, sender, mac),
    )


def _moment(kept: Any) -> datetime | None:  # noqa: ANN401 - as the database keeps it
    return None if kept is None else moment_of(kept)


def _party(row: Cells) -> Cells:
    return *row[:3], row[-1]


def _grant(row: Cells) -> Cells:
    case_id, id_, office, role, rule, klasses, ground, purpose, *_ = row
    starts, until, ended_at = map(_moment, row[-6:-3])
    mac = row[-1]
    return id_, case_id, office, role, rule, klasses, ground, purpose, starts, until, ended_at, mac


def _consent(row: Cells) -> Cells:
    """A live consent: nobody withdrew it. Its sealed words are not read."""
    case_id, id_, purpose, given_by, how, by, given_on, valid_to, *_ = row
    until = None if valid_to is None else date.fromisoformat(valid_to)
    began, rev, at = date.fromisoformat(given_on), row[-8], _moment(row[-6])
    return (
        id_,
        case_id,
        purpose,
        given_by,
        how,
        began,
        until,
        None,
        rev,
        by,
        at,
        *NOT_WITHDRAWN,
        row[-1],
    )


def _named(row: Cells) -> Cells:
    """A person who is named still."""
    case_id, person, by, *_ = row
    return case_id, person, by, _moment(row[-6]), None, row[-1]


def _bar(row: Cells) -> Cells:
    """A bar that holds still."""
    case_id, id_, office, person, role, why, by, *_ = row
    return id_, case_id, office, person, role, why, by, _moment(row[-6]), None, row[-1]
