"""Breaking the glass in danger to life: saying so, what opens, and who looks at it afterwards."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import GLASS
from service.casework.break_glass import opening
from service.casework.break_glass.opening import may_break
from service.casework.break_glass.pages import GlassPage, glass_page, load_glass_review
from service.casework.casefile import read_log
from service.casework.cases.protection import LONGEST
from service.casework.tasks.task_page import danger_numbers
from service.errors import FieldFault, InvalidAnswers, NotAllowed, NotFound, TrestegError
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy, reload_after
from service.web.request_context import current
from service.web.submit import redraw, submit, submit_once

bp = Blueprint("break_glass", __name__)
REVIEW = "review_glass"
REFUSED = {
    opening.WAITS: "glass.refused_waits",
    opening.BEFORE: "glass.refused_before",
    "glass_open": "glass.refused_open",
}
"""Why something is refused, to the sentence that says so."""


@bp.get("/break-glass")
@page_policy("plain", act=WORK)
def ask() -> ResponseReturnValue:
    """The form: which case, and what the danger is."""
    return _ask()


@bp.post("/break-glass")
@page_policy("plain", act=WORK)
def open_case() -> ResponseReturnValue:
    """Open the case; the same page for one that there is not and one that is none for her."""
    named, reason = request.form.get("named", ""), request.form.get("why", "")

    def refused(e: TrestegError) -> ResponseReturnValue | None:
        match e:
            case InvalidAnswers(faults=faults):
                return _ask(faults), 422
            case NotAllowed(facts={"why": str(why)}) if why in REFUSED:
                return _ask(refused=current().t(REFUSED[why])), 409
        return None

    def then(id_: str) -> str:
        return url_for("break_glass.show", glass=id_) if id_ else ""

    redraw(refused)
    command = partial(opening.break_glass, named=named, reason=reason)
    shown = submit_once(command, current().key, then)
    return redirect(shown, 303) if shown else (_ask(nothing=True), 422)


@bp.get("/break-glass/<glass>")
@page_policy("plain", act=WORK)
def show(glass: str) -> ResponseReturnValue:
    """What is open by it. The page is sent only after its line in the read log is committed."""
    context = current()
    page = context.read_and_log(partial(_look, id_=glass))
    if page.state != "over":
        reload_after((page.until - context.now).total_seconds())
    return render_template("break_glass/case.html", page=page, ref=page.ref)


def _look(tx: Tx, *, id_: str) -> GlassPage:
    context = current()
    services, viewer, now = context.program.services, context.viewer_in_own_zone, context.now
    row = opening.load_glass(tx, viewer, id_)
    opened = opening.load_opened_case(tx, services, viewer, row, now)
    if opened is not None:
        read_log.record_read(
            tx,
            by=viewer,
            now=now,
            case_id=opened.case.id,
            case=opened.case,
            purpose="danger",
            classes=opened.classes,
            about={"glass": opened.glass.number},
        )
    return glass_page(tx, services, viewer, row, opened)


@bp.get("/break-glass/<glass>/review")
@page_policy("plain", act=REVIEW)
def review(glass: str) -> ResponseReturnValue:
    """What was looked at by it, for data protection."""
    return _review(glass)


@bp.post("/break-glass/<glass>/review")
@page_policy("plain", act=REVIEW)
def close(glass: str) -> ResponseReturnValue:
    """Say what one makes of it."""

    def refused(e: TrestegError) -> ResponseReturnValue | None:
        match e:
            case InvalidAnswers(faults=faults):
                return _review(glass, faults), 422
            case NotAllowed(facts={"why": str(why)}) if why in REFUSED:
                return _review(glass, refused=current().t(REFUSED[why])), 409
        return None

    command = partial(opening.review, id_=glass, reason=request.form.get("why", ""))
    return submit(command, then=url_for("approvals.index"), refused=refused)


def _ask(faults: tuple[FieldFault, ...] = (), refused: str = "", *, nothing: bool = False) -> str:
    context = current()
    services = context.program.services
    rules = services.programme.approvals
    if rules.glass is None or not may_break(services, context.viewer):
        raise NotFound
    rule = rules.kinds[GLASS]
    with context.transaction() as tx:
        ground = services.ground(rules.glass.ground, context.lang, services.current(tx))
    return render_template(
        "break_glass/ask.html",
        danger=danger_numbers(services, context.lang),
        nothing=nothing,
        named=request.form.get("named", ""),
        reason=request.form.get("why", ""),
        faults=faults,
        refused=refused,
        ground=ground,
        waits=int(rule.waits.total_seconds() // 60),
        lasts=int(rule.lasts.total_seconds() // 60),
        most=LONGEST,
        longest=opening.LONGEST_NAME,
    )


def _review(glass: str, faults: tuple[FieldFault, ...] = (), refused: str = "") -> str:
    context = current()
    with context.transaction() as tx:
        one = load_glass_review(
            tx, context.program.services, context.viewer_in_own_zone, glass, context.now
        )
    return render_template(
        "break_glass/review.html",
        one=one,
        ref=one.line.ref,
        reason=request.form.get("why", ""),
        faults=faults,
        refused=refused,
        most=LONGEST,
    )
