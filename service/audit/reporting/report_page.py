"""What the page of the programme report shows: a choice of period and office, the open figures, and
what was published of sealed ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.audit.reporting import counting
from service.audit.reporting.open_figures import MonthFigure, OpenFigures, load_open_figures
from service.audit.reporting.published import FEW
from service.audit.reporting.published_text import published_tables
from service.audit.reporting.report_tables import (
    ReportTable,
    ReportTexts,
    reads_of_texts,
    span_text,
)
from service.errors import NotFound
from service.records.context import Services, require_act
from service.store.at_hand import AtHand
from service.store.installation import offices, reports
from service.store.installation.reports import PublishedReport
from service.store.read_models import reporting
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch
from service.text import say

_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d{4}))?")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole years, from the first to the last."""

    first: int
    last: int

    def __str__(self) -> str:
        """As addresses and files have it."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def years(self) -> str:
        """As people read it."""
        return str(self).replace("-", "\u2013")


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One published version with its tables in words."""

    id: str
    period: Period
    version: int
    at: datetime
    total: int
    least: int
    tables: Sequence[ReportTable]
    earlier: Sequence[PublishedReport]
    """Older versions of the same years."""

    @property
    def shown(self) -> list[ReportTable]:
        """Tables with numbers."""
        return [table for table in self.tables if table.rows]

    @property
    def withheld(self) -> list[ReportTable]:
        """Tables that few cases leave nothing of."""
        return [table for table in self.tables if not table.rows]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The programme report for one reader."""

    period: Period
    periods: Sequence[Period]
    office: str
    offices: Sequence[tuple[str, str]]
    too_few: bool
    """Whether an office was chosen with so few cases that no figures of it are shown: an office at
    home tells the country."""
    figures: OpenFigures
    tables: Sequence[ReportTable]
    months: Sequence[MonthFigure]
    length: str
    """Median time from beginning to end."""
    late: int
    follow_ups: int
    broken: int
    """Promises that a case broke, each case once."""
    published: Sequence[PublishedVersion]
    run: Batch | None
    """The last count."""
    result: str
    """What became of it, in words; empty while it goes on."""
    countable: Sequence[Period]
    least: int


def read_period(text: str) -> Period | None:
    """Read "2026" or "2024-2026"; None for anything else."""
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        return None
    first = int(found[1])
    last = int(found[2] or first)
    return Period(first, last) if 1 <= first <= last < _LAST else None


_LAST: Final = 9999


def load_report(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, *, period: str, office: str
) -> ReportPage:
    """Load the programme report.

    Args:
        period: as `read_period` reads it; "" for the years from the first case until now.
        office: only cases in which it takes part; "" for all.
    Raises:
        NotAllowed: the viewer is no auditor.   NotFound: there is no such office or period.
    """
    require_act(viewer, "audit")
    at_hand = tx.read(*reads_of_texts(services))
    services.prepare_current(tx, at_hand)
    years = _years(tx, services, now)
    chosen = read_period(period) if period else Period(years[-1], years[0])
    named = _offices(tx, at_hand, services)
    if chosen is None or (office and office not in dict(named)):
        raise NotFound
    start, until = counting.bounds(services, chosen.first, chosen.last)
    figures = load_open_figures(
        tx, services, start=start, until=until, office=office, now=now, barred=viewer.barred
    )
    if too_few := bool(office) and 0 < figures.cases < services.min_cell:
        figures = load_open_figures(tx, services, start=start, until=start, now=now)
    services.prepare(tx, at_hand, {id_ for id_, _ in figures.elements.values()})
    texts = ReportTexts(at_hand, services, viewer, figures, services.current(at_hand), now)
    every = reports.every(tx)
    run = batches.newest(tx, counting.KIND)
    follow_ups = figures.steps.get(services.current_configuration(at_hand).named_fields.follow_up)
    return ReportPage(
        period=chosen,
        periods=[Period(years[-1], years[0]), *(Period(year, year) for year in years)]
        if len(years) > 1
        else [Period(years[0], years[0])],
        office=office,
        offices=named,
        too_few=too_few,
        figures=figures,
        tables=texts.tables(),
        months=figures.months,
        length=span_text(figures.length.median if figures.length else None, viewer.lang),
        late=sum(one.late for one in figures.waiting),
        follow_ups=follow_ups.number if follow_ups is not None else 0,
        broken=sum(one.broken for one in figures.promises),
        published=published_versions(every, viewer.lang),
        run=run,
        result=_result(run, viewer.lang),
        countable=_countable(years, every, now, services),
        least=services.min_cell,
    )


def _years(tx: Tx, services: Services, now: datetime) -> list[int]:
    """The years from the first case until now, the newest first."""
    zone = ZoneInfo(services.zone)
    first = reporting.first_year(tx, services.programme.process) or now
    return [*range(now.astimezone(zone).year, first.astimezone(zone).year - 1, -1)]


def _offices(tx: Tx, at_hand: AtHand, services: Services) -> list[tuple[str, str]]:
    """Offices that take part in cases, by name."""
    every = offices.everyone(at_hand)
    taking_part = reporting.offices_of(tx, services.programme.process)
    return sorted(
        ((id_, every[id_].name) for id_ in taking_part if id_ in every), key=lambda pair: pair[1]
    )


def published_versions(every: Sequence[PublishedReport], lang: str) -> list[PublishedVersion]:
    """The newest version of each period, the newest period first."""
    newest: dict[tuple[int, int], list[PublishedReport]] = {}
    for row in every:
        newest.setdefault((row.first_year, row.last_year), []).append(row)
    return [_version(rows[0], rows[1:], lang) for rows in newest.values()]


def _version(
    row: PublishedReport, earlier: Sequence[PublishedReport], lang: str
) -> PublishedVersion:
    tables: Mapping[str, Any] = row.tables
    return PublishedVersion(
        row.id,
        Period(row.first_year, row.last_year),
        row.version,
        row.at,
        int(tables["total"]),
        int(tables["least"]),
        published_tables(tables, lang),
        earlier,
    )


def _result(run: Batch | None, lang: str) -> str:
    if run is None or "result" not in run.detail:
        return ""
    years = Period(int(run.detail["first"]), int(run.detail["last"]))
    code = str(run.detail["result"])
    if code == FEW and years.last > years.first:
        code = "few_together"
    return say(f"report.result_{code}", lang, period=years.years, n=run.detail["version"])


def _countable(
    years: Sequence[int], every: Sequence[PublishedReport], now: datetime, services: Services
) -> list[Period]:
    """Years that are over, each by itself and with the two before it, where no others that were
    published overlap.
    """
    this_year = now.astimezone(ZoneInfo(services.zone)).year
    over = [year for year in years if year < this_year]
    periods = [Period(year - span + 1, year) for span in counting.SPANS for year in over]
    return [
        period
        for period in periods
        if all(
            (row.first_year, row.last_year) == (period.first, period.last)
            or row.last_year < period.first
            or row.first_year > period.last
            for row in every
        )
    ]
