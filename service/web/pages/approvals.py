"""Approvals: what waits for a second person, and what the reader has asked for herself."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.approvals import requests
from service.casework.approvals import unmasking as unmask
from service.casework.approvals.requests import TIMED
from service.casework.approvals.unmasking_page import load_open_unmaskings, load_request
from service.casework.approvals.waiting_list import load_approval_lists
from service.casework.break_glass.pages import load_glass_lines, load_glass_tries
from service.casework.casefile.protected_commands import decide_approval
from service.casework.cases.protection import LONGEST
from service.errors import FieldFault, InvalidAnswers, NotAllowed, NotFound, TrestegError
from service.web.accounts.fresh_proof import require_proof
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit
from service.workshop.editor import main_file

bp = Blueprint("approvals", __name__)
ANSWERS = {"approve": True, "refuse": False}
NO_MORE = {"unmask_protected": "unmask.not_protected", "reopen_over": "reopen.not_over"}
"""Why answers cannot be opened any more, to the key of the sentence that says so."""


@bp.get("/approvals")
@page_policy("plain")
def index() -> ResponseReturnValue:
    """What waits for the reader, and what she asked for."""
    context = current()
    with context.transaction() as tx:
        viewer, services = context.viewer_in_own_zone, context.program.services
        lists = load_approval_lists(tx, services, viewer, context.now)
        unmasked = load_open_unmaskings(tx, services, viewer, context.now)
        glass = load_glass_lines(tx, services, viewer, context.now)
        tries = load_glass_tries(tx, services, viewer, context.now)
    process = context.program.services.programme.process
    return render_template(
        "approvals/page.html",
        waiting=lists.waiting,
        own=lists.own,
        reopened=lists.reopened,
        broken=lists.glass,
        unmasked=unmasked,
        glass=glass,
        tries=tries,
        main=main_file(process).rpartition("/")[2],
    )


@bp.post("/approvals/<approval>")
@page_policy("plain")
def decide(approval: str) -> ResponseReturnValue:
    """Approve, or do not, as the pressed button says."""
    do = request.form.get("do", "")
    if do not in ANSWERS:
        raise NotFound
    if ANSWERS[do]:
        require_proof()
    command = partial(decide_approval, approval=approval, approve=ANSWERS[do])
    return submit(command, then=url_for("approvals.index"))


@bp.get("/approvals/<approval>")
@page_policy("plain")
def unmasking(approval: str) -> ResponseReturnValue:
    """A request to open answers of a case for a time, for who decides about it."""
    return _request(approval)


@bp.post("/approvals/<approval>/unmasking")
@page_policy("plain")
def decide_unmasking(approval: str) -> ResponseReturnValue:
    """Approve it, or decline it with a reason."""
    do = request.form.get("do", "")
    reason = request.form.get("why", "").strip()
    if do not in ANSWERS:
        raise NotFound
    if ANSWERS[do]:
        require_proof()

    def refused(e: TrestegError) -> ResponseReturnValue | None:
        match e:
            case InvalidAnswers(faults=faults):
                return _request(approval, reason, faults), 422
            case NotAllowed(facts={"why": str(why)}) if why in NO_MORE:
                return _request(approval, reason, (FieldFault("do", NO_MORE[why]),)), 409
        return None

    command = partial(unmask.decide, id_=approval, approve=ANSWERS[do], reason=reason)
    return submit(command, then=url_for("approvals.index"), refused=refused)


@bp.post("/approvals/<approval>/end")
@page_policy("plain")
def end(approval: str) -> ResponseReturnValue:
    """Mask a case again, or take back a request."""
    then = current().back or url_for("approvals.index")
    return submit(partial(requests.end, id_=approval), then=then)


def _request(approval: str, reason: str = "", faults: tuple[FieldFault, ...] = ()) -> str:
    context = current()
    with context.transaction() as tx:
        viewer = context.viewer_in_own_zone
        found = load_request(tx, context.program.services, viewer, approval, context.now)
        rule = context.program.services.programme.approvals.kinds[found.kind]
    return render_template(
        "approvals/unmasking.html",
        one=found,
        words=TIMED[found.kind],
        reason=reason,
        faults={fault.path: fault for fault in faults},
        minutes=int(rule.lasts.total_seconds() // 60),
        most=LONGEST,
    )
