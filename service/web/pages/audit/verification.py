"""Verify every case, in the background: begin, follow, read what was found.

Registered on the blueprint of the audit.
"""

from __future__ import annotations

from functools import partial

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.errors import NotAllowed, NotFound, TrestegError
from service.operations import verification_runs
from service.operations.verification_page import load_verification
from service.operations.verification_runs import begin_verification
from service.records.batch_runs import stop_batch
from service.store.work import batches
from service.web.batch_progress import draw_progress
from service.web.page_policy import page_policy
from service.web.pages.audit import bp
from service.web.request_context import current
from service.web.submit import submit


@bp.get("/audit/verify")
@page_policy("polling", act="audit")
def verify_all() -> ResponseReturnValue:
    """What the last verification found, and the runs before it."""
    return _draw()


@bp.post("/audit/verify")
@page_policy("polling", act="audit")
def change_verification() -> ResponseReturnValue:
    """Begin to verify every case, or stop that."""
    then = url_for("audit.verify_all")
    match request.form.get("do"):
        case "begin":
            return submit(begin_verification, then=then, refused=_refused)
        case "stop":
            run = request.form.get("run", "")
            return submit(
                partial(stop_batch, batch_id=run, kinds=(verification_runs.KIND,)), then=then
            )
    raise NotFound


def _refused(e: TrestegError) -> ResponseReturnValue | None:
    match e:
        case NotAllowed(facts={"why": "verify_no_case"}):
            return _draw(fault=current().t("verify.no_case")), 422
    return None


def _draw(fault: str = "") -> str:
    context = current()
    with context.transaction() as tx:
        page = load_verification(tx, context.program.services, context.viewer)
    contact = context.program.settings.help_contact or context.t("proof.broken_contact")
    return render_template("audit/verify.html", page=page, fault=fault, contact=contact)


@bp.get("/audit/verify/progress")
@page_policy("polling", act="audit", awake=False)
def verification_progress() -> ResponseReturnValue:
    """How far it has come; when it is over, the browser is asked to load the page anew."""
    with current().transaction() as tx:
        run = batches.newest(tx, verification_runs.KIND)
    return draw_progress(run, progress="verify.progress", running="verify.running")
