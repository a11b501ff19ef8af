"""The programme report for print: the tables of its page, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.audit.reporting.report_page import ReportPage
from service.audit.reporting.report_tables import ReportTable
from service.release.printed.report import PrintedReport, template
from service.text import say

SOURCE: Final = Path(__file__).with_name("report_paper.typ")
WORDS: Final = ("page", "months")


@cache
def _source() -> str:
    return template("page") + SOURCE.read_text("utf-8")


def compose_programme_report(
    page: ReportPage, viewer: Viewer, now: datetime, *, by_name: str
) -> PrintedReport:
    """Put together the report of a period, in the reader's language.

    Args:
        by_name: the reader's name, as it stands on the report.
    """
    lang = viewer.lang
    local = now.astimezone(ZoneInfo(viewer.zone))
    moment = f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
    office = dict(page.offices).get(page.office, "")
    data = {
        "title": f"{say('report.title', lang)} {page.period.years}",
        "lang": lang,
        "over": office or say("report.every_office", lang),
        "under": "",
        "foot": say("report_paper.foot", lang, years=page.period.years, who=by_name, when=moment),
        "lead": say("report.open_lead", lang),
        "notes": list(_notes(page, lang)),
        "tiles": list(_tiles(page, lang)),
        "tables": [_table(one) for one in page.tables],
        "months": _months(page, lang),
        "sealed": say("report.sealed_title", lang),
        "sealed_lead": say("report.sealed_lead", lang, least=page.least),
        "published": list(_published(page, lang)),
        "words": {word: say(f"report_paper.{word}", lang) for word in WORDS},
    }
    return PrintedReport(_source(), data, f"report-{page.period}.pdf")


def _notes(page: ReportPage, lang: str) -> Iterator[str]:
    """What must be known to read the figures."""
    if page.too_few:
        yield say("report.too_few", lang, least=page.least)
    if page.figures.older:
        yield say("report.older", lang, n=page.figures.cases, older=page.figures.older)


def _tiles(page: ReportPage, lang: str) -> Iterator[tuple[str, str]]:
    figures = page.figures
    yield say("report.tile_cases", lang), str(figures.cases)
    yield say("report.tile_ended", lang), str(figures.ended)
    yield say("report.tile_length", lang), page.length
    yield say("report.tile_follow_ups", lang), str(page.follow_ups)
    yield say("report.tile_late", lang), str(page.late)
    broken = say("report.of", lang, n=page.broken, of=figures.cases)
    yield say("report.tile_broken", lang), broken


def _table(table: ReportTable) -> dict[str, Any]:
    return {
        "title": table.title,
        "heads": list(table.heads),
        "rows": [list(row) for row in table.rows],
        "note": table.note,
        "empty": table.empty,
    }


def _months(page: ReportPage, lang: str) -> dict[str, Any]:
    """The months as a table, with bars next to the numbers."""
    heads = [say(f"report.head_{head}", lang) for head in ("month", "begun", "ended")]
    most = max((one.begun for one in page.months), default=0)
    rows = [
        [one.month, one.begun, one.ended, round(100 * one.begun / most) if most else 0]
        for one in page.months
    ]
    return {"title": say("report.months_title", lang), "heads": heads, "rows": rows}


def _published(page: ReportPage, lang: str) -> Iterator[dict[str, Any]]:
    """What was published of sealed answers, with what is withheld."""
    for version in page.published:
        withheld = "; ".join(table.title for table in version.withheld)
        yield {
            "title": say("report.cases_of", lang, n=version.total, period=version.period.years),
            "version": say("report.version", lang, n=version.version),
            "tables": [_table(one) for one in version.shown],
            "withheld": say("report.withheld_list", lang, tables=withheld) if withheld else "",
        }
