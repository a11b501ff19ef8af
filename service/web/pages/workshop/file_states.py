"""Earlier states of a file of a draft: who saved what and when, and going back to one."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.errors import BadDiagram, NotFound, Stale, TrestegError
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_head import draft_head
from service.web.request_context import current, whole_number
from service.web.submit import submit
from service.workshop import drafts, editor
from service.workshop.file_states import load_content, load_states

bp = Blueprint("file_states", __name__)


@bp.get("/drafts/<draft>/states/<path:name>")
@page_policy("plain", act="read_process")
def show(draft: str, name: str) -> ResponseReturnValue:
    """The states of a file, the newest first."""
    return _draw(draft, name)


@bp.post("/drafts/<draft>/states/<path:name>")
@page_policy("plain", act="edit_process")
def go_back(draft: str, name: str) -> ResponseReturnValue:
    """Save a file as it was in an earlier state; the newer states stay in the list.

    Raises:
        Stale: somebody saved the draft since the page was made.   NotFound: no such state.
    """
    state = request.form.get("state", "")
    rev = current().rev
    if not state.isdigit():
        raise NotFound
    if rev is None:
        raise Stale
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, draft)
        content = load_content(tx, row, name, int(state))
    changed = {name: content}
    found = drafts.check_draft(current().program.services, row, changed)
    return submit(
        partial(drafts.save_files, draft_id=draft, rev=rev, changed=changed, found=found),
        then=url_for(".show", draft=draft, name=name, back=state),
        refused=lambda e: _refused(e, draft, name),
    )


def _refused(e: TrestegError, draft: str, name: str) -> ResponseReturnValue | None:
    match e:
        case Stale():
            return _draw(draft, name, fault=current().t("states.stale"), status=409)
        case BadDiagram():
            texts = editor.finding_texts(e.findings, current().lang)
            return _draw(draft, name, fault=" ".join(one.text for one in texts), status=422)
    return None


def _draw(draft: str, name: str, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    context = current()
    services, before = context.program.services, whole_number(request.args.get("before", "")) or 0
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
        live = services.current(tx)
        states, older = load_states(tx, services, context.viewer, row, name, before)
    page = render_template(
        "processes/file_states.html",
        draft=draft_head(row, live),
        file=name,
        states=states,
        older=older,
        before=before,
        went_back="back" in request.args,
        fault=fault,
        can_edit=can_act(context.viewer, "edit_process"),
    )
    return page, status
