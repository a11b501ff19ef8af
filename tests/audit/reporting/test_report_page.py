"""The page of the report: a period, an office, and what was published."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.audit.reporting.report_page import (
    Period,
    ReportPage,
    load_report,
    published_versions,
    read_period,
)
from service.errors import NotAllowed, NotFound
from service.store.installation.reports import PublishedReport
from tests.audit.reporting.conftest import AUDITOR, Run
from tests.audit.reporting.test_published import USUAL, tables
from tests.support.directory import HELSINKI, OFFICE
from tests.support.world import NOON, World


def load(world: World, period: str = "", office: str = "") -> ReportPage:
    with world.database.transaction(write=False) as tx:
        services, now = world.program.services, world.clock.now()
        return load_report(tx, services, AUDITOR, now, period=period, office=office)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2026", Period(2026, 2026)),
        ("2024-2026", Period(2024, 2026)),
        ("2026-2024", None),
        ("26", None),
        ("0000", None),
        ("9999", None),
        ("x", None),
        ("", None),
    ],
)
def test_a_period_is_a_year_or_years(text: str, period: Period | None) -> None:
    assert read_period(text) == period


def test_without_a_choice_all_years_are_shown(reported: World, run: Run) -> None:
    run(1)
    reported.later(days=400)
    run(1)
    page = load(reported)
    assert [str(one) for one in page.periods] == ["2026-2027", "2027", "2026"]
    assert (str(page.period), page.figures.cases) == ("2026-2027", 2)
    assert load(reported, "2026").figures.cases == 1
    assert [str(one) for one in page.countable] == ["2026", "2024-2026"]


def test_before_any_case_the_page_is_there(reported: World) -> None:
    page = load(reported)
    assert (page.figures.cases, page.countable, page.published, page.result) == (0, [], [], "")


def test_an_office_is_chosen_among_those_that_take_part(reported: World, run: Run) -> None:
    run(1)
    assert OFFICE in [id_ for id_, _ in load(reported).offices]
    assert HELSINKI not in [id_ for id_, _ in load(reported).offices]
    few = load(reported, office=OFFICE)
    assert (few.too_few, few.figures.cases, load(reported).too_few) == (True, 0, False)
    for bad in ({"office": "nowhere"}, {"period": "soon"}):
        with pytest.raises(NotFound):
            load(reported, **bad)


def test_an_office_of_enough_cases_has_figures(reported: World, run: Run) -> None:
    services = replace(reported.program.services, min_cell=2)
    world = replace(reported, program=replace(reported.program, services=services))
    run(1), run(1)
    page = load(world, office=OFFICE)
    assert (page.too_few, page.figures.cases) == (False, 2)


def test_nobody_but_an_auditor_reads_it(reported: World) -> None:
    for role in ("owner", "reviewer", "operator", "ReferringPartner"):
        viewer = replace(AUDITOR, roles=frozenset({role}))
        with reported.database.transaction(write=False) as tx, pytest.raises(NotAllowed):
            load_report(tx, reported.program.services, viewer, NOON, period="", office="")


def test_the_newest_version_of_each_period_is_shown() -> None:
    def row(year: int, version: int) -> PublishedReport:
        return PublishedReport(f"{year}.{version}", year, year, version, tables(*USUAL), "p", NOON)

    shown = published_versions([row(2026, 2), row(2026, 1), row(2025, 1)], "en")
    assert [(str(one.period), one.version) for one in shown] == [("2026", 2), ("2025", 1)]
    assert [one.version for one in shown[0].earlier] == [1]
    assert (shown[0].total, len(shown[0].shown), shown[0].withheld) == (155, 3, [])
