"""Giving a case to a colleague, who handles it from then on."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.pages.given_cases import GiveCaseWithTasks
from service.errors import InvalidAnswers, TrestegError
from service.web.page_policy import WORK, page_policy
from service.web.pages.cases import bp
from service.web.submit import submit


@bp.post("/cases/<case>/officer")
@page_policy("diagram", act=WORK)
def give(case: str) -> ResponseReturnValue:
    """Make a colleague of the viewer the officer of the case."""
    then = url_for("cases.show", case=case, done="officer")

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        if not isinstance(fault, InvalidAnswers):
            return None
        return redirect(url_for("cases.show", case=case, done="officer_refused"), 303)

    sent = request.form
    command = GiveCaseWithTasks(case, sent.get("to", ""), tasks_too="tasks" in sent)
    return submit(command, then=then, refused=refused)
