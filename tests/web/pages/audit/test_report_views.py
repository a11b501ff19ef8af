"""The auditor's programme report: figures on a page, on the diagram and as a file, and sums."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.audit.reporting import counting
from service.records.context import release_stream
from service.store.installation import ledger_entries
from service.store.work import batches
from tests.support.dry_runs import finish_batches
from tests.support.world import World


@pytest.fixture
def counted(shipped_world: World) -> World:
    """Some cases of a year that is over, with a limit that they reach."""
    program = shipped_world.program
    services = replace(program.services, min_cell=2)
    world = replace(shipped_world, program=replace(program, services=services))
    for n in range(8):
        world.start_case(municipality="2580" if n < 4 else "0180")
    world.clock.set(datetime(2027, 2, 1, 12, tzinfo=UTC))
    return world


def run_of(world: World) -> str:
    """The id of the count that goes on."""
    with world.database.transaction(write=False) as tx:
        run = batches.newest(tx, counting.KIND)
    assert run is not None
    return run.id


def test_the_page_has_figures_tables_and_charts(shipped_world: World) -> None:
    shipped_world.start_case()
    page = shipped_world.browser("greta").get("/audit/report").text
    assert "Whom the cases wait for" in page
    assert "New case: offer information" in page
    assert page.count('<svg class="t-chart"') == 2
    assert '<title id="months-chart-name">Cases by the month' in page
    assert "Task_" not in page
    assert "No year is over yet" in page


def test_it_is_in_the_menu_of_auditors_alone(shipped_world: World) -> None:
    assert 'href="/audit/report"' in shipped_world.browser("greta").get("/audit").text
    for name in ("sara", "omar"):
        browser = shipped_world.browser(name)
        for address in ("/audit/report", "/audit/report.csv", "/audit/report/diagram"):
            assert browser.get(address).status_code == 404
        assert "/audit/report" not in browser.get("/inbox").text


def test_before_any_case_the_page_says_so(shipped_world: World) -> None:
    page = shipped_world.browser("greta").get("/audit/report")
    assert page.status_code == 200
    assert "No case began then" in page.text


@pytest.mark.parametrize("query", ["period=soon", "period=2026-2020", "office=nowhere"])
def test_a_choice_that_there_is_not_is_not_found(shipped_world: World, query: str) -> None:
    assert shipped_world.browser("greta").get(f"/audit/report?{query}").status_code == 404


def test_sealed_answers_are_counted_and_shown(counted: World) -> None:
    browser = counted.browser("greta")
    page = browser.get("/audit/report").text
    assert "No sums have been counted yet" in page
    done = browser.post("/audit/report", {"do": "count", "years": "2026"})
    assert done.status_code == 303
    page = browser.get("/audit/report").text
    assert "0 of 8 cases are counted" in page
    assert "cases are counted" in browser.get("/audit/report/progress").text
    finish_batches(counted.program)
    over = browser.get("/audit/report/progress")
    assert (over.status_code, over.headers["HX-Refresh"]) == (204, "true")
    page = browser.get("/audit/report").text
    assert "2026 is counted: version 1" in page
    assert "8 cases counted" in page
    assert "Part of Sweden" in page
    assert "&lt;2" in page
    assert "Not shown, too few cases" in page


def test_a_count_is_stopped_from_the_page(counted: World) -> None:
    browser = counted.browser("greta")
    browser.get("/audit/report")
    browser.post("/audit/report", {"do": "count", "years": "2026"})
    browser.get("/audit/report")
    browser.post("/audit/report", {"do": "stop", "run": run_of(counted)})
    assert "was stopped" in browser.get("/audit/report").text


def test_years_that_cannot_be_counted_are_explained(counted: World) -> None:
    browser = counted.browser("greta")
    browser.get("/audit/report")
    refused = browser.post("/audit/report", {"do": "count", "years": "2027"})
    assert refused.status_code == 422
    assert "The year is not over" in refused.text


def test_the_diagram_has_the_figures_of_its_steps(shipped_world: World) -> None:
    shipped_world.start_case()
    page = shipped_world.browser("greta").get("/audit/report/diagram").text
    assert "The same as a table" in page
    assert "from a week" in page


def test_the_file_is_written_into_the_ledger(shipped_world: World) -> None:
    shipped_world.start_case()
    sent = shipped_world.browser("greta").get("/audit/report.csv?period=2026")
    assert sent.headers["Content-Type"].startswith("text/csv")
    assert 'filename="report-2026.csv"' in sent.headers["Content-Disposition"]
    assert "New case: offer information" in sent.text
    stream = release_stream(shipped_world.program.services)
    with shipped_world.database.transaction(write=False) as tx:
        [entry] = ledger_entries.latest(tx, stream, kinds=["report_exported"])
    assert entry.actor == "p_greta"
    assert json.loads(entry.body)["format"] == "csv"
