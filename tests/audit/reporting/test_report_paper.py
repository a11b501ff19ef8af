"""The programme report for print: every number of the page, as a tagged PDF in both languages."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pytest

from service.audit.reporting.report_paper import compose_programme_report
from service.sandbox.paper_compilers import PaperCompilers
from service.text import languages
from tests.audit.reporting.conftest import AUDITOR, Run
from tests.audit.reporting.test_report_file import page_of
from tests.support.pdf_standards import BOTH, standards_of
from tests.support.world import World


def test_every_table_of_the_page_is_on_the_paper(reported: World, run: Run) -> None:
    run(2)
    page = page_of(reported)
    made = compose_programme_report(page, AUDITOR, reported.clock.now(), by_name="Greta")
    assert made.name == "report-2026.pdf"
    assert [one["title"] for one in made.data["tables"]] == [one.title for one in page.tables]
    assert [one["rows"] for one in made.data["tables"]] == [
        [list(row) for row in one.rows] for one in page.tables
    ]
    months = {row[0]: row[1:] for row in made.data["months"]["rows"]}
    assert [months[one.month][:2] for one in page.months] == [
        [one.begun, one.ended] for one in page.months
    ]
    assert max(row[3] for row in made.data["months"]["rows"]) == 100
    assert "Greta" in made.data["foot"]


@pytest.mark.parametrize("lang", languages())
def test_it_is_a_tagged_pdf(reported: World, run: Run, lang: str) -> None:
    run(2)
    page, now = page_of(reported), reported.clock.now()
    made = compose_programme_report(page, replace(AUDITOR, lang=lang), now, by_name="Greta")
    compilers = PaperCompilers(seconds=60)
    try:
        content = compilers.compile(made.source, made.data, at=now, sample=True)
    finally:
        compilers.close()
    assert standards_of(content) == BOTH
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == lang
        assert f"{pdf.docinfo['/Title']}".endswith("2026")
