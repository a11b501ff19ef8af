"""Giving a case to a colleague, who handles it from then on."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.staffing.handlers import HandCase
from service.errors import InvalidAnswers, TrestegError
from service.web.page_policy import WORK, page_policy
from service.web.pages.cases.blueprint import bp
from service.web.submit import submit


@bp.post("/cases/<case>/handler")
@page_policy("diagram", act=WORK)
def give(case: str) -> ResponseReturnValue:
    """Make a colleague of the viewer the handler of the case."""
    then = url_for("cases.show", case=case, done="handler")

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        if not isinstance(fault, InvalidAnswers):
            return None
        return redirect(url_for("cases.show", case=case, done="handler_refused"), 303)

    return submit(HandCase(case, request.form.get("to", "")), then=then, refused=refused)
