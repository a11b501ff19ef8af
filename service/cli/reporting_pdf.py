"""Write a report as PDF from the command line: of a case, or of the programme."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import click

from service.access import Viewer
from service.application.container import Tresteg
from service.audit.printed.case_report import PrintedReport, compose_case_report, record_case_report
from service.audit.reporting import report_file
from service.audit.reporting.report_page import load_report
from service.audit.reporting.report_paper import compose_programme_report
from service.cli.beginning import find_case
from service.cli.ending import COULD_NOT, REFUSED, end_with
from service.errors import PaperFailed
from service.people import accounts
from service.sandbox.paper_compilers import PaperCompilers
from service.store.installation import offices
from service.store.transaction import Tx

Reader = Callable[[Tx, Tresteg, str], Viewer]


def print_pdf(
    made: Tresteg,
    file: Path,
    lang: str,
    *,
    case: str | None,
    period: str,
    office: str,
    viewer: Reader,
) -> None:
    """Write the report of a case, or of the programme; the ledger says so before the file is there.

    Args:
        viewer: gives the rights of who gives the command.
    """
    if file.exists():
        end_with(f"{file} is there already; nothing was written", COULD_NOT)
    if not file.parent.is_dir():
        end_with(f"there is no folder {file.parent}; nothing was written", COULD_NOT)
    if case is not None:
        _print_case(made, file, lang, case, viewer)
    else:
        _print_programme(made, file, lang, period, office, viewer)


def _print_case(made: Tresteg, file: Path, lang: str, case: str, viewer: Reader) -> None:
    now = made.clock.now()
    with made.database.transaction(write=False) as tx:
        by = viewer(tx, made, lang)
        found = find_case(tx, case)
        name = accounts.names(tx, made.services, [by.person]).get(by.person, "")
        report = compose_case_report(tx, made.services, by, found.id, now, by_name=name)
    content = _compiled(made, report)
    digest = sha256(content).hexdigest()
    with made.database.transaction() as tx:
        record_case_report(tx, by=by, now=now, case_id=found.id, digest=digest)
    _write(file, content)


def _print_programme(
    made: Tresteg, file: Path, lang: str, period: str, office: str, viewer: Reader
) -> None:
    now = made.clock.now()
    with made.database.transaction(write=False) as tx:
        by = viewer(tx, made, lang)
        if office and offices.get(tx, office) is None:
            end_with(f"there is no office with the id {office}; see `tresteg office list`", REFUSED)
        page = load_report(tx, made.services, by, now, period=period, office=office)
        name = accounts.names(tx, made.services, [by.person]).get(by.person, "")
    content = _compiled(made, compose_programme_report(page, by, now, by_name=name))
    with made.database.transaction() as tx:
        report_file.record_export(tx, made.services, by=by, now=now, page=page, form="pdf")
    _write(file, content)


def _compiled(made: Tresteg, report: PrintedReport) -> bytes:
    """Make the PDF in a child, as the pages do."""
    compilers = PaperCompilers()
    try:
        return compilers.compile(report.source, report.data, at=made.clock.now())
    except PaperFailed:
        end_with("the report became too large for one PDF; nothing was written", COULD_NOT)
    finally:
        compilers.close()


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    click.echo(f"{file} {sha256(content).hexdigest()}")
