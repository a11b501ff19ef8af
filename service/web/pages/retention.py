"""What falls due under the retention plan, holds, and what was erased."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.retention.retention_page import hold_case, load_retention, release_hold
from service.errors import FieldFault, InvalidAnswers, TrestegError
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("retention", __name__)
FIELDS = ("case", "until", "reason")


@bp.get("/retention")
@page_policy("plain")
def index() -> ResponseReturnValue:
    """What falls due within 30 days, what is held, and what was erased."""
    return _page()


@bp.post("/retention")
@page_policy("plain")
def change() -> ResponseReturnValue:
    """Set a hold, or end the one whose button was pressed."""
    then = url_for("retention.index")
    if hold := request.form.get("hold", ""):
        return submit(partial(release_hold, hold=hold), then=then)
    word, until, reason = (request.form.get(name, "") for name in FIELDS)

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        return (_page(fault.faults), 422) if isinstance(fault, InvalidAnswers) else None

    return submit(
        partial(hold_case, word=word, until=until, reason=reason), then=then, refused=refused
    )


def _page(faults: tuple[FieldFault, ...] = ()) -> str:
    context = current()
    with context.transaction() as tx:
        page = load_retention(tx, context.program.services, context.viewer_in_own_zone, context.now)
    typed = {name: request.form.get(name, "") for name in FIELDS} if faults else {}
    return render_template("retention/page.html", page=page, faults=faults, typed=typed)
