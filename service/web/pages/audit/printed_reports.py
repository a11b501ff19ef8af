"""Reports that an auditor prints: of a case, and of the programme. Made by typst in a child.

Registered on the blueprint of the audit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256

from flask import Response, request
from flask.typing import ResponseReturnValue

from service.audit.printed.case_report import compose_case_report, record_case_report
from service.audit.reporting import report_file
from service.audit.reporting.report_page import load_report
from service.audit.reporting.report_paper import compose_programme_report
from service.errors import PaperFailed, ReportFailed
from service.release.printed.report import PrintedReport
from service.sandbox.paper_compilers import SHARED as COMPILERS
from service.store.transaction import Tx
from service.web.page_policy import page_policy
from service.web.pages.audit import bp
from service.web.request_context import current

LONGEST = 80
"""Longest id of an office or name of a period in an address, in characters."""


@bp.get("/audit/cases/<case>/report.pdf")
@page_policy("file", act="audit")
def case_report(case: str) -> ResponseReturnValue:
    """The report of a case; the read log says so before it is sent."""
    context = current()
    with context.transaction() as tx:
        services, viewer = context.program.services, context.viewer_in_own_zone
        name = context.signed_in.name
        made = compose_case_report(tx, services, viewer, case, context.now, by_name=name)
    record = partial(record_case_report, by=context.viewer, now=context.now, case_id=case)
    return _made(made, lambda tx, digest: record(tx, digest=digest))


@bp.get("/audit/report.pdf")
@page_policy("file", act="audit")
def programme_report() -> ResponseReturnValue:
    """The programme report of a period and an office; written into the ledger."""
    context, asked = current(), request.args
    services = context.program.services
    with context.transaction() as tx:
        page = load_report(
            tx,
            services,
            context.viewer_in_own_zone,
            context.now,
            period=asked.get("period", "")[:LONGEST],
            office=asked.get("office", "")[:LONGEST],
        )
    made = compose_programme_report(
        page, context.viewer_in_own_zone, context.now, by_name=context.signed_in.name
    )

    def record(tx: Tx, _digest: str) -> None:
        report_file.record_export(
            tx, services, by=context.viewer, now=context.now, page=page, form="pdf"
        )

    return _made(made, record)


def _made(made: PrintedReport, record: Callable[[Tx, str], None]) -> Response:
    """Make the file outside of any transaction, record it, and send it.

    Raises:
        ReportFailed: it became too large.   Busy: too many others are having papers made.
    """
    try:
        content = COMPILERS.compile(made.source, made.data, at=current().now)
    except PaperFailed as e:
        raise ReportFailed from e
    digest = sha256(content).hexdigest()
    current().write(lambda tx: record(tx, digest))
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
