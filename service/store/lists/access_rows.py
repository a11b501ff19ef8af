"""The rows of a case in lists, as they follow from the case, its grants and its open tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from service.store.casefile import cases, grants
from service.store.tables.column_types import DISTANT
from service.store.work import tasks

HERE, ELSEWHERE, ENDED = 0, 1, 2
"""Ranks: a task waits for this role of this office, none does, the case has ended."""
Reader: TypeAlias = tuple[str, str]
"""An office and a role in it."""


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One row of `case_access`: a case in the lists of a role in an office, and how long."""

    office_id: str
    role: str
    case_id: str
    opens: datetime
    until: datetime
    rank: int
    ended: int
    due: datetime
    due_element: str
    ref: str
    stage: str
    moved_on: datetime
    away_office: str
    away_since: datetime | None

    @property
    def reader(self) -> Reader:
        """The office and the role whose lists the row is for."""
        return self.office_id, self.role

    @property
    def granted(self) -> bool:
        """Whether a grant makes it, and not a task alone."""
        return self.opens < self.until


class TaskForLists(NamedTuple):
    """The columns of an open task from which the rows of its case follow."""

    key: str
    role: str
    office_id: str | None
    element: str
    due: datetime | None
    opened_at: datetime


class Span(NamedTuple):
    """From when until when a case is open to somebody."""

    opens: datetime
    until: datetime


NEVER = Span(DISTANT, DISTANT)
"""The span of a row that no grant makes, only a task."""


def rows_of(
    case: cases.CaseSummary,
    granted: Iterable[grants.GrantRow],
    waiting: Collection[TaskForLists],
    now: datetime,
) -> list[AccessRow]:
    """The rows of a case as they must be.

    Args:
        granted: every grant of it.
        waiting: its open tasks.
    """
    if case.kind in (cases.PATH, cases.PATH_ERASED):
        return []
    own = {(task.office_id, task.role) for task in waiting if task.office_id}
    spans: dict[Reader, list[Span]] = {reader: [] for reader in own}
    for grant in granted:
        until = grant.until or DISTANT
        if grant.ended_at is None and grant.starts < until:
            spans.setdefault((grant.office_id, grant.role), []).append(Span(grant.starts, until))
    rows = []
    for (office, role), found in sorted(spans.items()):
        span = _first(found, now)
        if span is None and (office, role) not in own:
            continue
        rows.append(_row(case, (office, role), span or NEVER, own, waiting))
    return rows


def _row(
    case: cases.CaseSummary,
    reader: Reader,
    span: Span,
    own: Collection[Reader],
    waiting: Collection[TaskForLists],
) -> AccessRow:
    office, role = reader
    ended = case.status == "ended"
    first = min(waiting, key=lambda task: (task.due or DISTANT, task.key), default=None)
    others = (task for task in waiting if task.office_id != office)
    away = min(others, key=lambda task: (task.opened_at, task.key), default=None)
    return AccessRow(
        office_id=office,
        role=role,
        case_id=case.id,
        opens=span.opens,
        until=span.until,
        rank=ENDED if ended else HERE if reader in own else ELSEWHERE,
        ended=int(ended),
        due=(first.due if first else None) or DISTANT,
        due_element=first.element if first and first.due else "",
        ref=case.ref,
        stage=case.stage,
        moved_on=case.moved_at.replace(hour=0, minute=0, second=0, microsecond=0),
        away_office=(away.office_id or "") if away else "",
        away_since=away.opened_at if away else None,
    )


def _first(spans: list[Span], now: datetime) -> Span | None:
    """The first span that is not over, overlapping spans taken as one; None when all are over."""
    found: Span | None = None
    for span in sorted(spans):
        if found is not None and span.opens <= found.until:
            found = Span(found.opens, max(found.until, span.until))
        elif found is None or found.until <= now:
            found = span
    return found if found is not None and found.until > now else None


def open_task(row: tasks.Task) -> TaskForLists:
    """An open task, cut to the columns that lists need."""
    return TaskForLists(row.key, row.role, row.office_id, row.element, row.due, row.opened_at)
