"""A draft: its address, beginning it, taking it up again, throwing it away."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit
from service.workshop import drafts, editor
from service.workshop.draft_commands import discard_draft

bp = Blueprint("drafts", __name__)


@bp.get("/drafts/<draft>")
@page_policy("diagram", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """The address of a draft: redirect to the editor with its main diagram."""
    return redirect(_editor(draft, _process()))


@bp.post("/drafts")
@page_policy("plain", act="edit_process")
def begin() -> ResponseReturnValue:
    """Open a draft: a new one, or the one that is open already."""
    return submit(drafts.open_draft, then=lambda row: _editor(row.id, row.process))


@bp.post("/drafts/<draft>/reopen")
@page_policy("plain", act="edit_process")
def reopen(draft: str) -> ResponseReturnValue:
    """Take up again a draft that was thrown away."""
    reopen = partial(drafts.reopen_draft, draft_id=draft)
    return submit(reopen, then=lambda row: _editor(row.id, row.process))


@bp.post("/drafts/<draft>/discard")
@page_policy("plain", act="edit_process")
def discard(draft: str) -> ResponseReturnValue:
    """Throw a draft away."""
    discard = partial(discard_draft, draft_id=draft)
    return submit(discard, then=url_for("releases.index", discarded=1))


def _editor(draft: str, process: str) -> str:
    return url_for(
        "draft_diagram.edit", draft=draft, file=editor.main_file(process).rpartition("/")[2]
    )


def _process() -> str:
    return current().program.services.programme.process
