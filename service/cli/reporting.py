"""The command for reports: the programme report as text, CSV or PDF, the counting of sealed answers
for it, and the report of one case as PDF.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import click

from service.access import Viewer
from service.application.container import Tresteg
from service.audit.printed.case_report import compose_case_report, record_case_report
from service.audit.reporting import counting, report_file
from service.audit.reporting.report_page import ReportPage, load_report, read_period
from service.audit.reporting.report_paper import compose_programme_report
from service.audit.reporting.report_tables import ReportTable
from service.cli.acting import acting, who_acts
from service.cli.beginning import find_case, working_program
from service.cli.ending import COULD_NOT, REFUSED, end_with, explain_errors
from service.cli.language import speaking
from service.errors import NotAllowed, PaperFailed
from service.people import accounts
from service.release.printed.report import PrintedReport
from service.sandbox.paper_compilers import PaperCompilers
from service.store.installation import offices
from service.store.transaction import Tx
from service.text import say


@click.command("report")
@click.option("--period", default="", metavar="YEARS", help="As 2026 or 2024-2026; else all years.")
@click.option("--office", default="", metavar="ID", help="Only cases in which it takes part.")
@click.option("--csv", "as_csv", is_flag=True, help="One number a line, as the page's file has it.")
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it as PDF; the file must not be there yet.",
)
@click.option("--case", metavar="CASE", help="With --pdf: the report of one case.")
@click.option(
    "--count",
    "years",
    default="",
    metavar="YEARS",
    help="Have the worker count sealed answers of one year, or of three in a row.",
)
@speaking
@acting
@explain_errors
def report(
    *,
    period: str,
    office: str,
    as_csv: bool,
    pdf: Path | None,
    case: str | None,
    years: str,
    lang: str,
) -> None:
    """Show how the programme goes: numbers, durations, and what was published of sealed answers.

    With --case it is the report of one case: what happened, whether it holds, and how to check it.
    For an auditor; that she had it is written into the ledger.
    """
    if case is not None and (pdf is None or period or office or as_csv or years):
        raise click.UsageError("--case is the report of one case: take it with --pdf alone")
    if period and read_period(period) is None:
        end_with(say("cli.report.no_period", lang, period=period), REFUSED)
    made = working_program()
    now = made.clock.now()
    if pdf is not None and not years:
        _print_pdf(made, pdf, lang, case=case, period=period, office=office)
        return
    with made.database.transaction() as tx:
        by = auditor(tx, made, lang, "the programme report")
        if years:
            _count(tx, made, by, years)
            return
        if office and offices.get(tx, office) is None:
            end_with(say("cli.report.no_office", lang, office=office), REFUSED)
        page = load_report(tx, made.services, by, now, period=period, office=office)
        form = "csv" if as_csv else "text"
        report_file.record_export(tx, made.services, by=by, now=now, page=page, form=form)
    if as_csv:
        sys.stdout.write(report_file.csv_file(page, lang))
    else:
        _show(page, lang)


def auditor(tx: Tx, made: Tresteg, lang: str, what: str) -> Viewer:
    """The rights of the auditor who gives a command, with its language.

    Args:
        what: what the command shows, for the sentence that refuses it.
    Raises:
        NotAllowed: nobody is named, or she is no auditor.
    """
    found = accounts.load_viewer(tx, who_acts(tx, made, act="audit").id)
    if found is None:
        raise NotAllowed(f"{what} is for an auditor; nobody holds that role yet")
    return replace(found, lang=lang)


def _count(tx: Tx, made: Tresteg, by: Viewer, years: str) -> None:
    """Begin to count, and say so; what keeps it from beginning is one sentence."""
    chosen = read_period(years)
    if chosen is None:
        end_with(say("report.not_years", by.lang), REFUSED)
    try:
        counting.begin_count(
            tx, made.services, by, made.clock.now(), first=chosen.first, last=chosen.last
        )
    except NotAllowed as e:
        why = str(e.facts.get("why", ""))
        if not why.startswith("report_"):
            raise
        end_with(say(f"report.not_{why.removeprefix('report_')}", by.lang), REFUSED)
    click.echo(say("cli.report.counts", by.lang, years=chosen))


def _show(page: ReportPage, lang: str) -> None:
    """Print every table, its columns below each other."""
    click.echo(f"{say('report.title', lang)} {page.period}")
    if page.too_few:
        click.echo(say("report.too_few", lang, least=page.least))
    facts = (("cases", page.figures.cases), ("ended", page.figures.ended), ("length", page.length))
    for key, number in facts:
        click.echo(f"{number} {say(f'report.tile_{key}', lang)}")
    for table in page.tables:
        _show_table(table)
    for version in page.published:
        about = say("report.cases_of", lang, period=version.period, n=version.total)
        click.echo(f"\n{about}, {say('report.version', lang, n=version.version)}")
        for table in version.tables:
            _show_table(table)


def _show_table(table: ReportTable) -> None:
    click.echo(f"\n{table.title}")
    if not table.rows:
        click.echo(f"  {table.empty}")
        return
    lines = [table.heads, *table.rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(table.heads))]
    for line in lines:
        first, *rest = zip(line, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        click.echo("  " + "  ".join(cells).rstrip())


def _print_pdf(
    made: Tresteg,
    file: Path,
    lang: str,
    *,
    case: str | None,
    period: str,
    office: str,
) -> None:
    """Write the report of a case or of the programme, when the ledger has the export."""
    if file.exists():
        end_with(say("cli.export.there", lang, file=file), COULD_NOT)
    if not file.parent.is_dir():
        end_with(say("cli.report.no_folder", lang, folder=file.parent), COULD_NOT)
    if case is not None:
        _print_case(made, file, lang, case)
    else:
        _print_programme(made, file, lang, period, office)


def _print_case(made: Tresteg, file: Path, lang: str, case: str) -> None:
    now = made.clock.now()
    with made.database.transaction(write=False) as tx:
        by = auditor(tx, made, lang, "the report")
        found = find_case(tx, case)
        name = accounts.names(tx, made.services, [by.person]).get(by.person, "")
        report = compose_case_report(tx, made.services, by, found.id, now, by_name=name)
    content = _compiled(made, report, lang)
    digest = sha256(content).hexdigest()
    with made.database.transaction() as tx:
        record_case_report(tx, by=by, now=now, case_id=found.id, digest=digest)
    _write(file, content)


def _print_programme(made: Tresteg, file: Path, lang: str, period: str, office: str) -> None:
    now = made.clock.now()
    with made.database.transaction(write=False) as tx:
        by = auditor(tx, made, lang, "the report")
        if office and offices.get(tx, office) is None:
            end_with(say("cli.report.no_office", lang, office=office), REFUSED)
        page = load_report(tx, made.services, by, now, period=period, office=office)
        name = accounts.names(tx, made.services, [by.person]).get(by.person, "")
    content = _compiled(made, compose_programme_report(page, by, now, by_name=name), lang)
    with made.database.transaction() as tx:
        report_file.record_export(tx, made.services, by=by, now=now, page=page, form="pdf")
    _write(file, content)


def _compiled(made: Tresteg, report: PrintedReport, lang: str) -> bytes:
    """Make the PDF in a child, as the pages do."""
    compilers = PaperCompilers()
    try:
        return compilers.compile(report.source, report.data, at=made.clock.now())
    except PaperFailed:
        end_with(say("cli.report.large", lang), COULD_NOT)
    finally:
        compilers.close()


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    click.echo(f"{file} {sha256(content).hexdigest()}")
