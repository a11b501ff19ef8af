"""Export the events of many cases: choose which and how, and get a file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import IO

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from service.audit.exports.event_export import (
    FORMATS,
    LEFT_OUT,
    ExportOrder,
    ExportReport,
    count_cases,
    export_cases,
    file_name,
    record_export,
)
from service.records.context import actor
from service.standalone.verify import zipped
from service.store.installation import offices
from service.store.transaction import Tx
from service.web.accounts.fresh_proof import require_proof
from service.web.page_policy import page_policy
from service.web.request_context import current, whole_number

bp = Blueprint("export", __name__)
MOST_CASES = 1_000
"""More are exported from the command line: nobody waits so long for a page."""
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class ExportForm:
    """What was typed, as it was typed, and what is wrong with it by field."""

    what: str = ""
    since: str = ""
    until: str = ""
    release: str = ""
    office: str = ""
    options: tuple[str, ...] = ("shifted",)
    reason: str = ""
    faults: dict[str, str] = field(default_factory=dict)


@bp.get("/audit/export")
@page_policy("plain", act="audit")
def show() -> ResponseReturnValue:
    """What can be exported, and how."""
    with current().transaction() as tx:
        return _page(tx, ExportForm())


@bp.post("/audit/export")
@page_policy("plain", act="audit")
def download() -> ResponseReturnValue:
    """Export; the ledger says so before the file is sent."""
    require_proof()
    sent = request.form
    form = ExportForm(
        what=sent.get("what", ""),
        since=sent.get("since", "").strip(),
        until=sent.get("until", "").strip(),
        release=sent.get("release", "").strip(),
        office=sent.get("office", ""),
        options=tuple(sent.getlist("option")),
        reason=sent.get("reason", "").strip()[:LONGEST_REASON],
    )
    order = _order(form)
    with current().transaction() as tx:
        if not form.faults:
            form.faults.update(_too_many(tx, order))
        if form.faults:
            return _page(tx, form), 422
    with tempfile.TemporaryFile() as file:
        return _send(form, order, file)


def _send(form: ExportForm, order: ExportOrder, file: IO[bytes]) -> ResponseReturnValue:
    """Write the file in a transaction that reads, and send it when the ledger says so."""
    context = current()
    services = current().program.services
    least = context.program.settings.report_min_cell
    with context.transaction() as tx:
        report = export_cases(tx, services, order, file, least=least)
    if not report.cases:
        form.faults["what"] = context.t("export.all_left_out")
        with context.transaction() as tx:
            return _page(tx, form, report), 422
    by, now = actor(context.viewer), context.now
    context.write(
        lambda tx: record_export(tx, services, order, report, by=by, now=now, reason=form.reason)
    )
    file.seek(0)
    name = file_name(order, now)
    packed = zipped({name: file.read(), "README.txt": _about(order, report).encode()})
    response = Response(packed, content_type="application/zip")
    packed_name = f"{name.rpartition('.')[0]}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{packed_name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _about(order: ExportOrder, report: ExportReport) -> str:
    """What is in the file and what is not, for who gets it."""
    context = current()
    lines = [
        context.t("export.title"),
        "",
        context.t("export.made", cases=report.cases, events=report.events),
        f"SHA-256 {report.digest}",
        *(f"- {option}" for option in order.options()),
        "",
        *_left_out(report),
        context.t("export.left_persons_never"),
        context.t("export.left_places"),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _left_out(report: ExportReport) -> list[str]:
    """What was left out, and why."""
    left, t = report.left_out, current().t
    return [t(f"export.left_{why}", n=left[why]) for why in LEFT_OUT if left[why]]


def _order(form: ExportForm) -> ExportOrder:
    """What is ordered; what is wrong with it goes to the form."""
    context, faults = current(), form.faults
    if form.what not in FORMATS:
        faults["what"] = context.t("export.need_format")
    if not form.reason:
        faults["reason"] = context.t("export.need_reason")
    since = _read(form, "since", date.fromisoformat, "export.bad_day")
    until = _read(form, "until", date.fromisoformat, "export.bad_day")
    if since and until and until < since:
        faults["until"] = context.t("export.backwards")
    release = whole_number(form.release)
    if form.release and not release:
        faults["release"] = context.t("export.bad_release")
    return ExportOrder(
        what=form.what,
        since=since,
        until=until,
        release=release or None,
        office=form.office,
        pseudonyms="pseudonyms" in form.options,
        shifted="shifted" in form.options,
        rare="rare" in form.options,
        zone=context.viewer.zone,
        lang=context.lang,
        barred=context.viewer.barred,
    )


def _read(form: ExportForm, name: str, read: Callable[[str], date], fault: str) -> date | None:
    """A day that was typed; None when there is none, or it cannot be read."""
    typed = getattr(form, name)
    try:
        return read(typed) if typed else None
    except ValueError:
        form.faults[name] = current().t(fault)
        return None


def _too_many(tx: Tx, order: ExportOrder) -> dict[str, str]:
    found = count_cases(tx, replace(order))
    if found == 0:
        return {"what": current().t("export.none")}
    if found > MOST_CASES:
        return {"what": current().t("export.too_many", n=found)}
    return {}


def _page(tx: Tx, form: ExportForm, report: ExportReport | None = None) -> str:
    context = current()
    return render_template(
        "audit/export.html",
        form=form,
        formats=FORMATS,
        offices=sorted(offices.names(tx).items(), key=lambda row: row[1]),
        least=context.program.settings.report_min_cell,
        left_out=_left_out(report) if report is not None else [],
    )
