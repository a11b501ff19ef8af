"""What falls due under the retention plan, and the rules that run by themselves.

Only a rule that destroys, and that its owner has signed as it stands, runs by itself; what is to be
reviewed, locked or handed over stands in the list. Each case is looked at once more in the
transaction that erases: nothing that fell due yesterday is erased under a hold of today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.casework.retention.erasure import ErasureOrder, erase, erase_path, path_order
from service.casework.retention.kept import load_kept
from service.errors import NotFound
from service.records.context import CLOCK, Services
from service.records.retention import ZONE, FallingDue, due
from service.release.programme.retention_rules import DESTROY, HOST, RetentionPlan
from service.release.retention_checks import is_signed
from service.store.casefile import cases
from service.store.casefile.retention_acts import RetentionAct
from service.store.installation import offices
from service.store.transaction import Tx

AHEAD: Final = timedelta(days=30)
"""How far ahead the list looks."""
NOW: Final = timedelta()
PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class DueRecords:
    """Something that falls due, with the case as lists call it."""

    ref: str
    number: str
    falls: FallingDue
    runs: bool
    """Whether the rule runs by itself on that day."""


def today(now: datetime) -> date:
    """The day on which rules run."""
    return now.astimezone(ZoneInfo(ZONE)).date()


def end_of(day: date) -> datetime:
    """The end of a day, where rules run."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(ZONE))


def current_plan(tx: Tx, services: Services) -> RetentionPlan:
    """The plan of the release in force; the empty plan before anything was published."""
    return services.current_configuration(tx).retention


def falling_due(
    tx: Tx, services: Services, now: datetime, *, ahead: timedelta = AHEAD
) -> list[DueRecords]:
    """List what falls due within some days, the earliest first, as things are now."""
    plan = current_plan(tx, services)
    kinds = kinds_of_offices(tx)
    found = [
        DueRecords(case.ref, case.number, row, _runs(plan, row, kinds))
        for case in ended_cases(tx)
        for row in of_case(tx, services, plan, case, now, ahead=ahead)
    ]
    return sorted(found, key=lambda one: one.falls)


def ended_cases(tx: Tx) -> Iterator[cases.CaseSummary]:
    """Every case that has ended, oldest first."""
    after = ""
    while page := cases.listed(tx, status="ended", after=after, limit=PAGE):
        yield from page
        after = page[-1].id


def of_case(
    tx: Tx,
    services: Services,
    plan: RetentionPlan,
    case: cases.CaseSummary,
    now: datetime,
    *,
    ahead: timedelta = NOW,
) -> list[FallingDue]:
    """What falls due in one ended case."""
    kept = load_kept(tx, services, plan, case, now)
    return due(plan, kept.records, {case.id: kept.moments}, today(now + ahead))


def cases_to_run(tx: Tx, services: Services, now: datetime) -> list[str]:
    """The cases in which something has fallen due by a rule that runs by itself."""
    found = falling_due(tx, services, now, ahead=NOW)
    return sorted({one.falls.case for one in found if one.runs})


def run_case(tx: Tx, services: Services, case_id: str, now: datetime) -> list[RetentionAct]:
    """Erase what has fallen due in one case, by the rules that run by themselves."""
    loaded = cases.load(tx, case_id)
    if loaded is None or loaded.case.status != "ended":
        return []
    plan, release = current_plan(tx, services), services.current(tx).id
    acts, kinds = list[RetentionAct](), kinds_of_offices(tx)
    for row in of_case(tx, services, plan, loaded.case, now):
        if _runs(plan, row, kinds):
            with suppress(NotFound):
                acts.append(_erase(tx, services, loaded.case, row, release, now))
    return acts


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


def kinds_of_offices(tx: Tx) -> dict[str, str]:
    """Office to its kind; what no office wrote belongs to the house."""
    return {"": HOST, **{id_: one.kind for id_, one in offices.everyone(tx).items()}}


def _runs(plan: RetentionPlan, row: FallingDue, kinds: Mapping[str, str]) -> bool:
    """Whether a rule runs by itself: it destroys, and who decides has signed it as it stands."""
    return row.does == DESTROY and is_signed(plan, kinds.get(row.office, HOST))
