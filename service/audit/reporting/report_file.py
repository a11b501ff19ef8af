"""The programme report as a file: one CSV with every number of the page, a line each."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Final

from service.access import Viewer
from service.audit.reporting.report_page import ReportPage
from service.audit.reporting.report_tables import ReportTable
from service.records.context import Services, actor, release_stream
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.transaction import Tx
from service.text import say

BOM: Final = "\ufeff"
"""Spreadsheets read a file as UTF-8 only when it begins with this."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_file(page: ReportPage, lang: str) -> str:
    """The tables, one number a line: period, table, row, column, value."""
    out = StringIO()
    writer = csv.writer(out)
    heads = ("period", "table", "row", "column", "value")
    writer.writerow([say(f"report.file_{head}", lang) for head in heads])
    for period, table in _tables(page):
        for row in table.rows:
            for head, cell in zip(table.heads[1:], row[1:], strict=True):
                writer.writerow(map(_plain, (period, table.title, row[0], head, cell)))
    return BOM + out.getvalue()


def _tables(page: ReportPage) -> Iterator[tuple[str, ReportTable]]:
    for table in page.tables:
        yield str(page.period), table
    for version in page.published:
        for table in version.tables:
            yield str(version.period), table


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def record_export(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    page: ReportPage,
    form: str = "csv",
) -> None:
    """Record that the report leaves as a file.

    Args:
        form: "csv", "pdf" or "text".
    """
    body: dict[str, ledger_lines.Canonical] = {
        "first": page.period.first,
        "last": page.period.last,
        "of": page.office,
        "format": form,
    }
    append_entry(tx, release_stream(services), "report_exported", by=actor(by), now=now, body=body)
