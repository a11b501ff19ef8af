"""Plans that move open cases to the current release: what is planned, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.web.api.v1.drafts import READ
from service.web.api.v1.operations import Reply, operation
from service.web.request_context import current
from service.workshop.migrations.plan_page import (
    PlanPage,
    RowText,
    load_migrations_page,
    load_plan_page,
)


@dataclass(frozen=True, slots=True)
class EarlierRelease:
    """An earlier release with open cases."""

    id: str
    name: str
    open: int


@dataclass(frozen=True, slots=True)
class ListedPlan:
    """A plan to the current release."""

    id: str
    name: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class MigrationList:
    """The current release, earlier ones with open cases, and the plans to move them."""

    target: str
    earlier: tuple[EarlierRelease, ...]
    plans: tuple[ListedPlan, ...]


@dataclass(frozen=True, slots=True)
class PlannedDeadline:
    """A running deadline; `due` is its date in the first of the cases, `anew` whether it begins
    anew with the move.
    """

    element: str
    name: str
    due: datetime | None
    anew: bool


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """Open cases that wait at the same steps.

    `becomes` is same (they move and stay in place), elsewhere, stays (they finish on their release)
    or cannot.
    """

    key: str
    release: str
    places: str
    cases: int
    becomes: str
    goals: str
    reasons: tuple[str, ...]
    deadline_changes: tuple[str, ...]
    deadlines: tuple[PlannedDeadline, ...]


@dataclass(frozen=True, slots=True)
class PlanWork:
    """A trial, a move or its undoing. `counts` is what became of how many cases."""

    id: str
    kind: str
    state: str
    done: int
    total: int
    begun_at: datetime
    ended_at: datetime | None
    by: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MigrationPlanState:
    """A plan: its rows, the review (`asked`, `approved`, `refused`, `expired`; empty for none), and
    its work, the newest first.
    """

    id: str
    source: str
    target: str
    current: bool
    """Whether its release is still the one in force."""
    rows: tuple[PlannedRow, ...]
    review: str
    work: tuple[PlanWork, ...]
    can_undo: int
    undo_until: datetime | None


@operation("list_migrations", "GET", "/migrations", gives=MigrationList, act=READ)
def list_migrations() -> Reply:
    """Open cases on earlier releases, and the plans to move them."""
    context = current()
    with context.transaction() as tx:
        page = load_migrations_page(tx, context.program.services, context.viewer)
    earlier = tuple(EarlierRelease(one.id, one.name, one.open) for one in page.sources)
    plans = tuple(ListedPlan(one.id, one.name, one.made, one.by) for one in page.plans)
    return Reply(MigrationList(page.target, earlier, plans))


@operation(
    "get_migration", "GET", "/migrations/<plan>", gives=MigrationPlanState, tagged=True, act=READ
)
def get_migration(plan: str) -> Reply:
    """A plan as its cases stand now, its review and its work."""
    context = current()
    with context.transaction() as tx:
        page = load_plan_page(
            tx,
            context.program.services,
            context.viewer,
            plan_id=plan,
            now=context.now,
            xml=lambda *_: "",
        )
    return Reply(_shown(page), rev=page.plan.rev)


def _shown(page: PlanPage) -> MigrationPlanState:
    return MigrationPlanState(
        id=page.plan.id,
        source=page.source,
        target=page.target,
        current=page.current,
        rows=tuple(map(_row, page.rows)),
        review=page.review.state if page.review is not None else "",
        work=tuple(
            PlanWork(
                run.id,
                run.kind,
                run.state,
                run.done,
                run.total,
                run.at,
                run.ended,
                run.by,
                dict(run.counts),
            )
            for run in page.run
        ),
        can_undo=page.can_undo,
        undo_until=page.undo_until,
    )


def _row(row: RowText) -> PlannedRow:
    return PlannedRow(
        key=row.key,
        release=row.release,
        places=row.places,
        cases=row.number,
        becomes=row.becomes,
        goals=row.goals,
        reasons=row.reasons,
        deadline_changes=row.notes,
        deadlines=tuple(
            PlannedDeadline(one.element, one.name, one.due, one.anew) for one in row.deadlines
        ),
    )
