"""View models of the pages about moving open cases: what can be planned, and one plan.

Numbers, drawn names and pseudonyms; nothing that anybody answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.access import Viewer
from service.casework.casefile.diagram_viewer import Address, standing_diagram_data
from service.people import accounts
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.store.installation import releases
from service.store.read_models import oversight
from service.store.transaction import Tx
from service.store.work import batches
from service.text import say
from service.workshop.comparison.release_changes import ReleaseChange
from service.workshop.migrations import migration_runs
from service.workshop.migrations.case_move import UNDO
from service.workshop.migrations.groups import CANNOT, STAYS, PlanRow, count_places, load_rows
from service.workshop.migrations.plan_review import load_plan_review
from service.workshop.migrations.plan_work import DrawnNames, RunText, load_work
from service.workshop.migrations.plans import MigrationPlan, load_plan, plans
from service.workshop.reviews import Review

LISTED: Final = 12
"""Pseudonyms of a row that are shown; the rest is a number."""


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """An earlier release with open cases."""

    id: str
    name: str
    open: int


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A plan in the list of plans."""

    id: str
    name: str
    made: datetime
    by: str


@dataclass(frozen=True, slots=True)
class MigrationsPage:
    """What can be planned, and the plans to the current release."""

    target: str
    sources: tuple[SourceEntry, ...]
    plans: tuple[PlanEntry, ...]

    @property
    def open(self) -> int:
        """Open cases on earlier releases."""
        return sum(source.open for source in self.sources)


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """An element at which something waits that has to go on elsewhere."""

    element: str
    name: str
    options: tuple[tuple[str, str], ...]
    """(element, name) of where it may go on."""
    chosen: str


@dataclass(frozen=True, slots=True)
class DeadlineChoice:
    """A running deadline: when it passes in the first of the cases, and whether it begins anew."""

    element: str
    name: str
    due: datetime | None
    anew: bool


@dataclass(frozen=True, slots=True)
class RowText:
    """A row of a plan in words."""

    key: str
    release: str
    number: int
    refs: tuple[str, ...]
    more: int
    places: str
    becomes: str
    goals: str
    stays: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    changes: tuple[ReleaseChange, ...]
    targets: tuple[TargetChoice, ...]
    deadlines: tuple[DeadlineChoice, ...]
    text_only: bool


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One plan."""

    plan: MigrationPlan
    source: str
    target: str
    current: bool
    """Whether its release is still the one in force."""
    rows: tuple[RowText, ...]
    review: Review | None
    run: tuple[RunText, ...]
    """The newest trial, move and undoing, the newest first."""
    can_undo: int
    """Cases that the plan moved and that could be put back, if they have not gone on."""
    undo_until: datetime | None
    old: Mapping[str, Any] | None
    """Data of the diagram viewer of the release with most of the cases; None without cases."""
    new: Mapping[str, Any]

    @property
    def open(self) -> int:
        """Open cases on the releases that it moves cases from."""
        return sum(row.number for row in self.rows)

    @property
    def moving(self) -> int:
        """Open cases that would move."""
        return sum(row.number for row in self.rows if row.becomes not in (CANNOT, STAYS))

    @property
    def under_way(self) -> bool:
        """Whether its work goes on now."""
        return any(run.runs for run in self.run)


def load_migrations_page(tx: Tx, services: Services, viewer: Viewer) -> MigrationsPage:
    """Load what can be planned."""
    process = services.programme.process
    live = releases.live(tx, process)
    counted = oversight.open_on(tx, process, viewer.barred)
    if live is None:
        return MigrationsPage("", (), ())
    titles = [title for title in releases.of_process(tx, process) if title.id != live.id]
    sources = [
        SourceEntry(title.id, f"v{title.number}", counted[title.id])
        for title in titles
        if counted.get(title.id)
    ]
    made = plans(tx, live.id)
    names = accounts.names(tx, services, {plan.made_by for plan in made})
    numbers = {title.id: f"v{title.number}" for title in titles}
    entries = [
        PlanEntry(
            plan.id,
            f"{numbers.get(plan.source) or say('migrate.all_earlier', viewer.lang)} → "
            f"v{live.number}",
            plan.made_at,
            names.get(plan.made_by, ""),
        )
        for plan in made
    ]
    return MigrationsPage(f"v{live.number}", tuple(sources), tuple(entries))


def load_plan_page(
    tx: Tx, services: Services, viewer: Viewer, *, plan_id: str, now: datetime, xml: Address
) -> PlanPage:
    """Load a plan.

    Args:
        xml: gives the URL of each drawing.
    Raises:
        NotAllowed: the viewer may not read processes.   NotFound: there is no such plan.
    """
    plan, lang = load_plan(tx, viewer, plan_id), viewer.lang
    rows = load_rows(tx, services, plan, lang=lang, now=now, barred=viewer.barred)
    target = services.release(tx, plan.target)
    live = services.current(tx)
    source = f"v{services.release(tx, plan.source).number}" if plan.source else ""
    moved = migration_runs.moved_cases(tx, plan.id)
    last = _last_move(tx, plan.id)
    until = last + UNDO if last is not None else None
    return PlanPage(
        plan=plan,
        source=source or say("migrate.all_earlier", lang),
        target=f"v{target.number}",
        current=live.id == plan.target,
        rows=tuple(_row_text(row, target, services.programme.process, lang) for row in rows),
        review=load_plan_review(tx, services, viewer, now, plan.id),
        run=load_work(tx, services, viewer, plan.id),
        can_undo=len(moved) if until is not None and now <= until else 0,
        undo_until=until,
        old=_old_diagram(services, rows, lang, xml),
        new=standing_diagram_data(
            target,
            services.programme.process,
            count_places(rows, moved=True),
            lang=lang,
            xml=xml,
        ),
    )


def _last_move(tx: Tx, plan_id: str) -> datetime | None:
    moves = batches.of_subject(tx, migration_runs.RUN, plan_id)
    return max((row.ended_at or row.at for row in moves), default=None)


def _old_diagram(
    services: Services, rows: Sequence[PlanRow], lang: str, xml: Address
) -> Mapping[str, Any] | None:
    """The release on which most of the cases are, with their number on each element."""
    numbers: dict[str, int] = {}
    for row in rows:
        numbers[row.release.id] = numbers.get(row.release.id, 0) + len(row.cases)
    if not numbers:
        return None
    most = max(numbers, key=lambda id_: numbers[id_])
    there = [row for row in rows if row.release.id == most]
    process = services.programme.process
    counts = count_places(there)
    return standing_diagram_data(there[0].release, process, counts, lang=lang, xml=xml)


def _row_text(row: PlanRow, target: PreparedRelease, process: str, lang: str) -> RowText:
    """A row in words."""
    old, new = row.release.definitions[process], target.definitions[process]
    names = DrawnNames((old, new), lang)
    goals = DrawnNames((new,), lang)
    # a branch that waits at a join has no name: what people work on comes first
    places = sorted(row.places, key=lambda element: not old.elements[element].names)
    return RowText(
        key=row.key,
        release=f"v{row.release.number}",
        number=len(row.cases),
        refs=tuple(ref for _, ref in row.cases[:LISTED]),
        more=max(0, len(row.cases) - LISTED),
        places=", ".join(dict.fromkeys(names.name(element) for element in places)),
        becomes=row.becomes,
        goals=", ".join(dict.fromkeys(goals.name(goal) for goal in row.choice.to.values())),
        stays=row.choice.stays,
        reasons=tuple(names.said(one.code, one.message, one.facts) for one in row.problems),
        notes=tuple(names.said(one.code, one.message, one.facts) for one in row.notes),
        changes=row.changes,
        targets=tuple(
            TargetChoice(
                element,
                names.name(element),
                tuple((option, goals.name(option)) for option in options),
                row.choice.to.get(element, ""),
            )
            for element, options in row.targets.items()
        ),
        deadlines=tuple(
            DeadlineChoice(
                timer.element,
                goals.name(timer.element),
                timer.due,
                timer.element in row.choice.anew,
            )
            for timer in {timer.element: timer for timer in row.timers}.values()
        ),
        text_only=row.text_only,
    )
