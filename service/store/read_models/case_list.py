"""Read model of an office's case list: cases that a grant opens to it or that wait for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Exists, and_, case, exists, func, literal, not_, or_, select

from service.store import keyset
from service.store.casefile.cases import BRIEF, CaseSummary
from service.store.casefile.grants import granted_to
from service.store.keyset import ListOrder, ListPage, PageRequest
from service.store.read_models.inbox import MOST, InboxReader
from service.store.tables import case_grant, case_officer, cases, incident, task
from service.store.tables.column_types import DISTANT, Moment

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class CaseListRow:
    """A case of the list, and when the first of its open tasks is due.

    `due` is far in the future when no task is. `elsewhere` is 0 while a task waits for the reader,
    1 while none does, and 2 once the case has ended.
    """

    case: CaseSummary
    due: datetime
    elsewhere: int


@dataclass(frozen=True, slots=True)
class CaseListFilter:
    """Which cases are wanted; empty means all."""

    stages: Collection[str] = ()
    """Ids of stages, "" for cases that have reached none."""
    state: str = ""
    """"" for all, else "open", "active" (a task waits for the reader), "waiting", "incident" or
    "done"."""
    officers: Collection[str] = ()
    """Persons of the reader's office, one of whom handles the case."""
    sort: str = "due"
    """One of `SORTS`."""


ENDED = case((cases.c.status == "ended", 1), else_=0)
DUE = func.coalesce(
    select(func.min(task.c.sort_due))
    .where(task.c.case_id == cases.c.id)
    .correlate(cases)
    .scalar_subquery(),
    literal(DISTANT, Moment()),
    type_=Moment(),
)
FIXED_ORDERS: Mapping[str, ListOrder[CaseListRow]] = {
    "due": ListOrder(
        (ENDED, DUE, cases.c.id),
        lambda row: (int(row.case.status == "ended"), row.due, row.case.id),
    ),
    "case": ListOrder((cases.c.ref, cases.c.id), lambda row: (row.case.ref, row.case.id)),
    "since": ListOrder(
        (cases.c.moved_at, cases.c.id), lambda row: (row.case.moved_at, row.case.id)
    ),
    "stage": ListOrder(
        (cases.c.stage, cases.c.ref, cases.c.id),
        lambda row: (row.case.stage, row.case.ref, row.case.id),
    ),
}
SORTS = ("here", *FIXED_ORDERS)
STOPPED = exists().where(incident.c.case_id == cases.c.id, incident.c.closed_at.is_(None))


def page(
    tx: Tx,
    reader: InboxReader,
    step: PageRequest,
    wanted: CaseListFilter,
    *,
    limit: int,
    keep: Callable[[list[CaseListRow]], list[CaseListRow]],
) -> ListPage[CaseListRow]:
    """One page of the list.

    Args:
        keep: gives, of some cases, those that the reader sees.
    """
    elsewhere = case(
        (cases.c.status == "ended", 2), (exists().where(_waits_here(reader)), 0), else_=1
    )
    order = FIXED_ORDERS.get(wanted.sort) or ListOrder(
        (elsewhere, DUE, cases.c.id), lambda row: (row.elsewhere, row.due, row.case.id)
    )
    return keyset.page(
        tx,
        lambda *row: CaseListRow(CaseSummary(*row[:-2]), *row[-2:]),
        select(*BRIEF, DUE, elsewhere).where(*_rules(reader, wanted)),
        order,
        step,
        limit,
        keep,
    )


def count(tx: Tx, reader: InboxReader, wanted: CaseListFilter) -> int:
    """How many there are on all pages, at most `MOST`."""
    found = select(cases.c.id).where(*_rules(reader, wanted)).limit(MOST)
    return int(tx.value(select(func.count()).select_from(found.subquery())))


def _own_tasks(reader: InboxReader) -> ColumnElement[bool]:
    return and_(task.c.office_id == reader.office, task.c.role.in_(sorted(reader.roles)))


def _waits_here(reader: InboxReader) -> ColumnElement[bool]:
    return and_(task.c.case_id == cases.c.id, _own_tasks(reader))


def _rules(reader: InboxReader, wanted: CaseListFilter) -> list[ColumnElement[bool]]:
    granted = select(case_grant.c.case_id).where(
        granted_to(case_grant, reader.office, reader.roles, reader.now)
    )
    rules: list[ColumnElement[bool]] = [
        or_(
            cases.c.id.in_(granted),
            cases.c.id.in_(select(task.c.case_id).where(_own_tasks(reader))),
        )
    ]
    if wanted.stages:
        rules.append(cases.c.stage.in_(sorted(wanted.stages)))
    if wanted.officers:
        handled = select(case_officer.c.case_id).where(
            case_officer.c.person_id.in_(sorted(wanted.officers)),
            case_officer.c.office_id == reader.office,
        )
        rules.append(cases.c.id.in_(handled))
    return rules + _of_state(wanted.state, exists().where(_waits_here(reader)))


def _of_state(state: str, active: Exists) -> list[ColumnElement[bool]]:
    running = cases.c.status != "ended"
    states: Mapping[str, list[ColumnElement[bool]]] = {
        "open": [running],
        "active": [running, not_(STOPPED), active],
        "waiting": [running, not_(STOPPED), not_(active)],
        "incident": [running, STOPPED],
        "done": [cases.c.status == "ended"],
    }
    return states.get(state, [])
