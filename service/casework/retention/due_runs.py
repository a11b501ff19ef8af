"""What falls due under the retention plan, and the rules that run by themselves.

Only a rule that its owner has signed as it stands runs by itself: it erases, locks, or gives the
office a task; the others stand in the list. Each case is looked at once more in the transaction
that acts: nothing that fell due yesterday is erased under a hold of today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.casework.retention import locks, retention_tasks
from service.casework.retention.erasure import ErasureOrder, erase, erase_path, path_order
from service.casework.retention.kept import KeptOfCase, held, load_kept
from service.casework.retention.open_matters import OpenMatters, load_open_matters
from service.errors import CannotOpen, NotErasable, NotFound, RowRefused
from service.records.context import CLOCK, Services
from service.records.retention import ZONE, FallingDue, due, office_day
from service.release.programme.retention_rules import (
    DESTROY,
    HAND_OVER,
    HOST,
    LOCK,
    REVIEW,
    RetentionPlan,
)
from service.release.retention_checks import is_signed
from service.store.casefile import cases
from service.store.casefile.retention_acts import RetentionAct
from service.store.installation import keys, offices, reports
from service.store.installation.offices import Office
from service.store.transaction import Tx

AHEAD: Final = timedelta(days=30)
"""How far ahead the list looks."""
NOW: Final = timedelta()
FAR: Final = timedelta(days=36_500)
"""Further ahead than any rule reaches."""
PAGE: Final = 200
REFUSED: Final = (RowRefused, CannotOpen, NotErasable)
"""What keeps one case from being looked at or erased, and no other."""


@dataclass(frozen=True, slots=True)
class DueRecords:
    """Something that falls due, with the case as lists call it."""

    ref: str
    number: str
    falls: FallingDue
    runs: bool
    """Whether the rule runs by itself on that day."""


@dataclass(frozen=True, slots=True)
class DueList:
    """What falls due, the earliest first, and the cases that could not be looked at."""

    records: Sequence[DueRecords] = ()
    unread: Sequence[cases.CaseSummary] = ()
    """A row of them was not written by this installation, or something sealed does not open:
    nothing of them is erased, and nobody knows what falls due in them."""


def today(now: datetime) -> date:
    """The day on which rules run."""
    return now.astimezone(ZoneInfo(ZONE)).date()


def end_of(day: date) -> datetime:
    """The end of a day, where rules run."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(ZONE))


def current_plan(tx: Tx, services: Services) -> RetentionPlan:
    """The plan of the release in force; the empty plan before anything was published."""
    return services.current_configuration(tx).retention


def falling_due(tx: Tx, services: Services, now: datetime, *, ahead: timedelta = AHEAD) -> DueList:
    """List what falls due within some days, as things are now. Where an open case does not open,
    nobody can say whom it holds: then none can be looked at.
    """
    plan, directory = current_plan(tx, services), offices.everyone(tx)
    kinds = kinds_of_offices(directory)
    found, unread = list[DueRecords](), list[cases.CaseSummary]()
    try:
        matters = load_open_matters(tx, services)
    except REFUSED:
        return DueList((), [*ended_cases(tx, plan)])
    for case in ended_cases(tx, plan):
        try:
            rows = of_case(tx, services, plan, case, directory, now, ahead=ahead, matters=matters)
        except REFUSED:
            unread.append(case)
            continue
        found += (DueRecords(case.ref, case.number, row, _runs(plan, row, kinds)) for row in rows)
    return DueList(sorted(found, key=lambda one: one.falls), unread)


def ended_cases(tx: Tx, plan: RetentionPlan) -> Iterator[cases.CaseSummary]:
    """Every case that has ended and of which anything is kept, oldest first; those of which the
    path alone is left where the plan has rules about it.
    """
    after, paths = "", plan.product_record(cases.PATH)
    while page := cases.listed(tx, status="ended", after=after, limit=PAGE):
        kept = keys.of_cases(tx, [case.id for case in page])
        yield from (case for case in page if case.id in kept or (paths and case.kind == cases.PATH))
        after = page[-1].id


def of_case(
    tx: Tx,
    services: Services,
    plan: RetentionPlan,
    case: cases.CaseSummary,
    directory: Mapping[str, Office],
    now: datetime,
    *,
    ahead: timedelta = NOW,
    matters: OpenMatters | None = None,
) -> list[FallingDue]:
    """What falls due in one ended case.

    Args:
        directory: every office, by id.
        matters: where many cases are asked for, loaded once for all of them.
    Raises:
        RowRefused, CannotOpen: it cannot be looked at.
    """
    kept = load_kept(tx, services, plan, case, directory)
    if not _due_where_kept(plan, kept, now + ahead):
        return []  # what holds a case only keeps back, so it is asked where something falls due
    kept = held(tx, services, kept, case, now, matters=matters)
    return _due_where_kept(plan, kept, now + ahead)


def _due_where_kept(plan: RetentionPlan, kept: KeptOfCase, when: datetime) -> list[FallingDue]:
    """What has fallen due by a moment, of each office by the day that it is there: where the worker
    runs a day begins before it is over further west.
    """
    return sorted(
        row
        for one in kept.records
        for row in due(plan, [one], {one.case: kept.moments}, office_day(when, one.zone))
    )


def cases_to_run(tx: Tx, services: Services, now: datetime) -> list[str]:
    """The cases in which something has fallen due by a rule that runs by itself, and those that
    could not be looked at: `run_case` looks once more, and says why.
    """
    found = falling_due(tx, services, now, ahead=NOW)
    due_now = {one.falls.case for one in found.records if one.runs}
    return sorted(due_now | {case.id for case in found.unread})


def run_case(tx: Tx, services: Services, case_id: str, now: datetime) -> list[RetentionAct]:
    """Do what has fallen due in one case, by the rules that run by themselves: erase, lock, or give
    an office a task. What each erasure left outside becomes a task of who has it.

    Raises:
        RowRefused, CannotOpen, NotErasable: this case cannot be looked at, or not be erased; the
            next one may be all the same.
    """
    loaded = cases.load(tx, case_id)
    if loaded is None or loaded.case.status != "ended":
        return []
    plan, release = current_plan(tx, services), services.current(tx).id
    directory = offices.everyone(tx)
    acts, kinds = list[RetentionAct](), kinds_of_offices(directory)
    for row in of_case(tx, services, plan, loaded.case, directory, now):
        if _runs(plan, row, kinds):
            acts += _run(tx, services, loaded.case, row, release, now)
    if any(act.does == DESTROY for act in acts) and loaded.case.kind != cases.PATH:
        acts += retention_tasks.recall(tx, case_id=case_id, by=CLOCK, now=now)
    return acts


def _run(
    tx: Tx,
    services: Services,
    case: cases.CaseSummary,
    row: FallingDue,
    release: str,
    now: datetime,
) -> Iterator[RetentionAct]:
    """Do what one rule says; gives the acts."""
    if row.does == DESTROY:
        with suppress(NotFound):
            yield _erase(tx, services, case, row, release, now)
        return
    if row.does == LOCK:
        with suppress(NotFound):
            yield locks.lock_records(
                tx,
                case_id=row.case,
                office=row.office,
                classes=row.classes,
                rule=row.rule,
                plan=release,
                by=CLOCK,
                now=now,
            )
        return
    yield retention_tasks.give_task(
        tx,
        case_id=row.case,
        office=row.office,
        does=row.does,
        classes=row.classes,
        rule=row.rule,
        plan=release,
        by=CLOCK,
        now=now,
    )


def _erase(
    tx: Tx,
    services: Services,
    case: cases.CaseSummary,
    row: FallingDue,
    release: str,
    now: datetime,
) -> RetentionAct:
    """Erase what has fallen due: records of an office, or the path where nothing else is left.

    Raises:
        NotFound: as `erase` and `erase_path` say.
    """
    if case.kind == cases.PATH:
        order = path_order(row.case, row.rule, release)
        return erase_path(tx, services, order, by=CLOCK, now=now)
    order = ErasureOrder(row.case, row.office, row.classes, row.rule, release)
    return erase(tx, services, order, by=CLOCK, now=now)


def uncounted_years(tx: Tx, services: Services, found: DueList) -> list[int]:
    """Years whose sums of answers nobody has published, and in which cases began of which something
    is to be erased: what is erased is counted no more.
    """
    programme, zone = services.programme, ZoneInfo(services.zone)
    going = {one.falls.case for one in found.records if one.falls.does == DESTROY}
    if not (going and programme.report.dimensions):
        return []
    counted = {
        year for row in reports.every(tx) for year in range(row.first_year, row.last_year + 1)
    }
    begun = {
        case.opened_at.astimezone(zone).year
        for case in cases.of_ids(tx, going)
        if case.process == programme.process
    }
    return sorted(begun - counted)


def kinds_of_offices(directory: Mapping[str, Office]) -> dict[str, str]:
    """Office to its kind; what no office wrote belongs to the house."""
    return {"": HOST, **{id_: one.kind for id_, one in directory.items()}}


def _runs(plan: RetentionPlan, row: FallingDue, kinds: Mapping[str, str]) -> bool:
    """Whether a rule runs by itself: who decides has signed it as it stands. What no office wrote
    has nobody to review it or to hand it over.
    """
    if not row.office and row.does in (REVIEW, HAND_OVER):
        return False
    return is_signed(plan, kinds.get(row.office, HOST))
