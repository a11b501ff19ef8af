"""The programme report: figures of all cases, sealed sums, and the diagram with its figures."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.audit.reporting import counting, report_file
from service.audit.reporting.counting import begin_count
from service.audit.reporting.heat import heat_data, heat_table
from service.audit.reporting.report_page import ReportPage, load_report, read_period
from service.errors import NotAllowed, NotFound, TrestegError
from service.records.batch_runs import stop_batch
from service.store.work import batches
from service.web.addresses import diagram_address
from service.web.batch_progress import draw_progress
from service.web.page_policy import page_policy
from service.web.pages.audit.chart import bar_chart
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("report", __name__)
LONGEST = 80
"""Longest id of an office or name of a period in an address, in characters."""
DAY = timedelta(days=1)


def _load() -> ReportPage:
    """The report of the period and the office that the address names."""
    context, asked = current(), request.args
    with context.transaction() as tx:
        return load_report(
            tx,
            context.program.services,
            context.viewer_in_own_zone,
            context.now,
            period=asked.get("period", "")[:LONGEST],
            office=asked.get("office", "")[:LONGEST],
        )


@bp.get("/audit/report")
@page_policy("polling", act="audit")
def show() -> ResponseReturnValue:
    """The figures of a period, and what was published of sealed ones."""
    return _draw()


@bp.post("/audit/report")
@page_policy("polling", act="audit")
def change() -> ResponseReturnValue:
    """Begin to count sealed answers, or stop that."""
    match request.form.get("do"):
        case "count":
            period = read_period(request.form.get("years", "")[:LONGEST])
            if period is None:
                raise NotFound
            return submit(
                partial(begin_count, first=period.first, last=period.last),
                then=url_for(".show", _anchor="sealed"),
                refused=_refused,
            )
        case "stop":
            return submit(
                partial(stop_batch, batch_id=request.form.get("run", ""), kinds=(counting.KIND,)),
                then=url_for(".show", _anchor="sealed"),
            )
    raise NotFound


def _refused(e: TrestegError) -> ResponseReturnValue | None:
    """The page again with why these years are not counted; None for any other fault."""
    match e:
        case NotAllowed(facts={"why": str(why)}) if why.startswith("report_"):
            return _draw(fault=current().t(f"report.not_{why.removeprefix('report_')}"))
    return None


def _draw(fault: str = "") -> ResponseReturnValue:
    page = _load()
    months = [(one.month, float(one.begun), float(one.ended)) for one in page.months]
    lengths = [
        (one.month, round(one.length / DAY, 1) if one.length else 0.0, 0.0) for one in page.months
    ]
    drawn = render_template(
        "report/page.html",
        page=page,
        fault=fault,
        periods=[(str(one), one.years) for one in page.periods],
        countable=[(str(one), one.years) for one in page.countable],
        months=bar_chart(months),
        lengths=bar_chart(lengths),
        length_rows=lengths,
        running=page.run is not None and page.run.state == batches.RUNNING,
    )
    return (drawn, 422) if fault else drawn


@bp.get("/audit/report/progress")
@page_policy("polling", act="audit", awake=False)
def progress() -> ResponseReturnValue:
    """How far the count has come; when it is over, the browser is asked to load the page anew."""
    with current().transaction() as tx:
        run = batches.newest(tx, counting.KIND)
    return draw_progress(run, progress="report.progress", running="report.running")


@bp.get("/audit/report/diagram")
@page_policy("diagram", act="audit")
def diagram() -> ResponseReturnValue:
    """The diagram in force with how often each step was passed, and how long it lasts."""
    page = _load()
    context = current()
    with context.transaction() as tx:
        release = context.program.services.current(tx)
    process = context.program.services.programme.process
    return render_template(
        "report/diagram.html",
        page=page,
        data=heat_data(release, process, page.figures, lang=context.lang, xml=diagram_address),
        table=heat_table(release, page.figures, context.lang),
    )


@bp.get("/audit/report.csv")
@page_policy("file", act="audit")
def table_file() -> ResponseReturnValue:
    """All tables of the page as one CSV file; written into the ledger."""
    page = _load()
    context = current()
    context.write(
        lambda tx: report_file.record_export(
            tx, context.program.services, by=context.viewer, now=context.now, page=page
        )
    )
    response = Response(
        report_file.csv_file(page, context.lang), content_type="text/csv; charset=utf-8"
    )
    name = f"report-{page.period}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
