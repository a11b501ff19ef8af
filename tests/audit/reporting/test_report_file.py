"""The file has every number of the page, and its leaving is written into the ledger."""

from __future__ import annotations

import csv
import json
from io import StringIO

from service.audit.reporting import report_file
from service.audit.reporting.report_page import ReportPage, load_report
from service.records.context import release_stream
from service.store.installation import ledger_entries
from tests.audit.reporting.conftest import AUDITOR, Run
from tests.support.world import World


def page_of(world: World) -> ReportPage:
    with world.database.transaction(write=False) as tx:
        return load_report(
            tx, world.program.services, AUDITOR, world.clock.now(), period="2026", office=""
        )


def test_every_number_is_a_line(reported: World, run: Run) -> None:
    run(2)
    page = page_of(reported)
    text = report_file.csv_file(page, "en")
    assert text.startswith("\ufeff")
    heads, *lines = csv.reader(StringIO(text.removeprefix("\ufeff")))
    assert heads == ["years", "table", "row", "column", "value"]
    numbers = sum(len(row) - 1 for table in page.tables for row in table.rows)
    assert len(lines) == numbers
    assert ["2026", "Results", "Ja", "Cases", "1"] in lines


def test_no_cell_is_a_formula() -> None:
    assert report_file._plain("=1+1") == "'=1+1"
    assert report_file._plain("<11") == "<11"


def test_it_is_written_that_it_left(reported: World, run: Run) -> None:
    run(1)
    services, page = reported.program.services, page_of(reported)
    with reported.database.transaction() as tx:
        report_file.record_export(tx, services, by=AUDITOR, now=reported.clock.now(), page=page)
    with reported.database.transaction(write=False) as tx:
        [entry] = ledger_entries.latest(tx, release_stream(services), kinds=["report_exported"])
    body = json.loads(entry.body)
    assert (body["first"], body["last"], body["of"], body["format"]) == (2026, 2026, "", "csv")
