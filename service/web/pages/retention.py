"""What falls due under the retention plan, tasks, holds, what was erased, and erasing earlier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.audit.archive.package_content import PackageContent
from service.audit.archive.package_file import make_package
from service.audit.archive.package_papers import papers_of
from service.audit.archive.packaging import load_package, record_package
from service.casework.retention import early, early_page, retention_tasks, task_page
from service.casework.retention.handing_over import ask_second
from service.casework.retention.holds import ORDER, WHYS
from service.casework.retention.retention_page import (
    hold_case,
    lengthen_hold,
    load_retention,
    release_hold,
)
from service.errors import (
    ApprovalNeeded,
    FieldFault,
    InvalidAnswers,
    NotPackable,
    PaperFailed,
    ReportFailed,
    TrestegError,
)
from service.sandbox.paper_compilers import SHARED as COMPILERS
from service.web.accounts.fresh_proof import require_proof
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("retention", __name__)
FIELDS = ("case", "until", "why")


@bp.get("/retention")
@page_policy("plain")
def index() -> ResponseReturnValue:
    """What falls due within 30 days, what waits, what is held, and what was erased."""
    return _page()


@bp.post("/retention")
@page_policy("plain")
def change() -> ResponseReturnValue:
    """Set a hold, or end or lengthen the one whose button was pressed."""
    then = url_for("retention.index")
    if hold := request.form.get("hold", ""):
        return submit(partial(release_hold, hold=hold), then=then)
    if hold := request.form.get("lengthen", ""):
        approval = request.form.get("approval", "")
        return submit(partial(lengthen_hold, hold=hold, approval=approval), then=then)
    word, until, reason = (request.form.get(name, "") for name in FIELDS)
    why = request.form.get("for", ORDER)

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        return (_page(fault.faults), 422) if isinstance(fault, InvalidAnswers) else None

    return submit(
        partial(hold_case, word=word, until=until, reason=reason, why=why),
        then=then,
        refused=refused,
    )


@bp.get("/retention/tasks/<act>")
@page_policy("plain")
def task(act: str) -> ResponseReturnValue:
    """A task that the plan gave an office."""
    return _task(act)


@bp.post("/retention/tasks/<act>")
@page_policy("plain", act="keep_records")
def answer_task(act: str) -> ResponseReturnValue:
    """Say that it is done."""

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        return (_task(act, fault.faults), 422) if isinstance(fault, InvalidAnswers) else None

    sent = request.form
    receipt = retention_tasks.ArchiveReceipt(sent.get("archive", ""), sent.get("receipt", ""))
    answer = partial(retention_tasks.answer_task, act=act, reason=sent.get("why", ""))
    command = partial(answer, receipt=receipt)
    return submit(command, then=url_for("retention.index"), refused=refused)


@bp.get("/retention/erase")
@page_policy("plain", act="keep_records")
def find() -> ResponseReturnValue:
    """Find the case of which something is to be erased earlier."""
    context = current()
    try:
        with context.transaction() as tx:
            found = early.find_case(tx, context.viewer, request.args.get("case", ""))
    except InvalidAnswers as e:
        return _page(e.faults, place="erase"), 422
    return redirect(url_for("retention.erase", case=found.id), 303)


@bp.get("/retention/cases/<case>")
@page_policy("plain", act="keep_records")
def erase(case: str) -> ResponseReturnValue:
    """What the office keeps of a case, and what is asked for."""
    return _early(case)


@bp.post("/retention/cases/<case>")
@page_policy("plain", act="keep_records")
def ask_or_erase(case: str) -> ResponseReturnValue:
    """Ask a second person, or erase what was approved."""
    then = url_for("retention.erase", case=case)
    if approval := request.form.get("approval", ""):
        require_proof()
        erased = partial(early.erase_early, case_id=case, approval=approval)
        return submit(erased, then=url_for("retention.index"))

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        return (_early(case, fault.faults), 422) if isinstance(fault, InvalidAnswers) else None

    classes, why = request.form.getlist("classes"), request.form.get("why", "")
    command = partial(early.ask_early, case_id=case, classes=classes, why=why)
    return submit(command, then=then, refused=refused)


@bp.post("/retention/cases/<case>/package")
@page_policy("plain", act="keep_records")
def package(case: str) -> ResponseReturnValue:
    """Make the package for an archive, record it and send it; or ask a second person for it.

    It goes back to the page that it came from: that of a task, which names itself, or of the case.
    """
    context = current()
    page, back = partial(_early, case), url_for("retention.erase", case=case)
    if task := request.form.get("task", ""):
        page, back = partial(_task, task), url_for("retention.task", act=task)
    if "second" in request.form:
        ask = partial(ask_second, case_id=case, why=request.form["second"])
        return submit(ask, then=back, refused=partial(_again, page))
    services, viewer = context.program.services, context.viewer_in_own_zone
    try:
        with context.transaction() as tx:
            content = load_package(tx, services, viewer, context.now, case_id=case)
        made = make_package(content, _papers(content))
        record = partial(record_package, content=content, made=made)
        context.write(lambda tx: record(tx, context.viewer, context.now))
    except (NotPackable, ApprovalNeeded) as e:
        return page(no_package=str(e.facts.get("why", ""))), 409
    response = Response(made.content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _papers(content: PackageContent) -> dict[str, bytes]:
    """Have the papers of a package made, outside of any transaction.

    Raises:
        ReportFailed: one became too large.   Busy: too many others are having papers made.
    """
    try:
        return {
            file: COMPILERS.compile(paper.source, paper.data, at=content.made)
            for file, paper in papers_of(content).items()
        }
    except PaperFailed as e:
        raise ReportFailed from e


def _again(page: Callable[..., str], fault: TrestegError) -> ResponseReturnValue | None:
    """The page with what is wrong with a question to a second person."""
    if isinstance(fault, InvalidAnswers):
        faults = tuple(replace(one, path="second") for one in fault.faults)
        return page(faults), 422
    return None


@bp.get("/retention/requests/<approval>")
@page_policy("plain")
def asked(approval: str) -> ResponseReturnValue:
    """A request to erase earlier, for who decides about it."""
    context = current()
    with context.transaction() as tx:
        page = early_page.load_request(
            *(tx, context.program.services, context.viewer_in_own_zone, context.now),
            approval=approval,
        )
    return render_template("retention/request.html", page=page)


def _page(faults: tuple[FieldFault, ...] = (), *, place: str = "hold") -> str:
    context = current()
    with context.transaction() as tx:
        page = load_retention(tx, context.program.services, context.viewer_in_own_zone, context.now)
    typed = {name: request.values.get(name, "") for name in FIELDS} if faults else {}
    return render_template(
        "retention/page.html", page=page, faults=faults, typed=typed, place=place, whys=WHYS
    )


def _task(act: str, faults: tuple[FieldFault, ...] = (), *, no_package: str = "") -> str:
    context = current()
    with context.transaction() as tx:
        found = task_page.load_task(
            *(tx, context.program.services, context.viewer_in_own_zone, context.now), act=act
        )
    typed = {name: request.form.get(name, "") for name in ("why", "archive", "receipt")}
    return render_template(
        "retention/task.html",
        task=found,
        faults=faults,
        typed=typed,
        second_typed=request.form.get("second", ""),
        no_package=no_package,
    )


def _early(case: str, faults: tuple[FieldFault, ...] = (), *, no_package: str = "") -> str:
    context = current()
    with context.transaction() as tx:
        page = early_page.load_early_erasure(
            *(tx, context.program.services, context.viewer_in_own_zone, context.now), case=case
        )
    return render_template(
        "retention/early.html",
        page=page,
        faults=faults,
        typed=request.form.get("why", ""),
        marked=request.form.getlist("classes"),
        second_typed=request.form.get("second", ""),
        no_package=no_package,
    )
