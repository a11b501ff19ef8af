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
from service.store.tables import case_grant, cases, incident, task
from service.store.tables.column_types import DISTANT, Moment

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class CaseListRow:
    """A case of the list, and when the first of its open tasks is due.

    `due` is far in the future when no task is.
    """

    case: CaseSummary
    due: datetime


ENDED = case((cases.c.status == "ended", 1), else_=0)
DUE = func.coalesce(
    select(func.min(task.c.sort_due))
    .where(task.c.case_id == cases.c.id)
    .correlate(cases)
    .scalar_subquery(),
    literal(DISTANT, Moment()),
    type_=Moment(),
)
ORDERS: Mapping[str, ListOrder[CaseListRow]] = {
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
STOPPED = exists().where(incident.c.case_id == cases.c.id, incident.c.closed_at.is_(None))


def page(
    tx: Tx,
    reader: InboxReader,
    step: PageRequest,
    *,
    stages: Collection[str],
    state: str,
    sort: str,
    limit: int,
    keep: Callable[[list[CaseListRow]], list[CaseListRow]],
) -> ListPage[CaseListRow]:
    """One page of the list.

    Args:
        stages: those that are wanted, "" for cases that have reached none; empty for all.
        state: "" for all, else "active" (a task waits for the reader), "waiting", "incident" or
            "done".
        sort: one of `ORDERS`.
        keep: gives, of some cases, those that the reader sees.
    """
    wanted = select(*BRIEF, DUE).where(*_rules(reader, stages, state))
    return keyset.page(
        tx,
        lambda *row: CaseListRow(CaseSummary(*row[:-1]), row[-1]),
        wanted,
        ORDERS[sort],
        step,
        limit,
        keep,
    )


def count(tx: Tx, reader: InboxReader, *, stages: Collection[str], state: str) -> int:
    """How many there are on all pages, at most `MOST`."""
    wanted = select(cases.c.id).where(*_rules(reader, stages, state)).limit(MOST)
    return int(tx.value(select(func.count()).select_from(wanted.subquery())))


def _rules(reader: InboxReader, stages: Collection[str], state: str) -> list[ColumnElement[bool]]:
    granted = select(case_grant.c.case_id).where(
        granted_to(case_grant, reader.office, reader.roles, reader.now)
    )
    mine = and_(task.c.office_id == reader.office, task.c.role.in_(sorted(reader.roles)))
    rules: list[ColumnElement[bool]] = [
        or_(cases.c.id.in_(granted), cases.c.id.in_(select(task.c.case_id).where(mine)))
    ]
    if stages:
        rules.append(cases.c.stage.in_(sorted(stages)))
    return rules + _of_state(state, exists().where(task.c.case_id == cases.c.id, mine))


def _of_state(state: str, active: Exists) -> list[ColumnElement[bool]]:
    running = cases.c.status != "ended"
    states: Mapping[str, list[ColumnElement[bool]]] = {
        "active": [running, not_(STOPPED), active],
        "waiting": [running, not_(STOPPED), not_(active)],
        "incident": [running, STOPPED],
        "done": [cases.c.status == "ended"],
    }
    return states.get(state, [])
