"""Approvals: what waits for a second person, and what the reader has asked for herself."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.approvals.waiting_list import load_approval_lists
from service.actions.casefile.protected_commands import DecideApproval
from service.actions.publishing.editor import main_file
from service.errors import NotFound
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("approvals", __name__)
ANSWERS = {"approve": True, "refuse": False}


@bp.get("/approvals")
@page_policy("plain")
def index() -> ResponseReturnValue:
    """What waits for the reader, and what she asked for."""
    at = current()
    with at.transaction() as tx:
        lists = load_approval_lists(tx, at.program.services, at.viewer_in_own_zone, at.now)
    process = at.program.services.programme.process
    return render_template(
        "approvals/page.html",
        waiting=lists.waiting,
        own=lists.own,
        main=main_file(process).rpartition("/")[2],
    )


@bp.post("/approvals/<approval>")
@page_policy("plain")
def decide(approval: str) -> ResponseReturnValue:
    """Approve, or do not, as the pressed button says."""
    do = request.form.get("do", "")
    if do not in ANSWERS:
        raise NotFound
    return submit(DecideApproval(approval, ANSWERS[do]), then=url_for("approvals.index"))
