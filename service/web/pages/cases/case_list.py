"""The list of cases."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from service.actions.pages import case_list, message_form
from service.actions.people import accounts
from service.web.page_policy import WORK, page_policy
from service.web.pages.cases.blueprint import bp
from service.web.request_context import current, page_request

EVERY = "every"
"""The state that an address asks for to see ended cases too."""


@bp.get("/cases")
@page_policy("plain", act=WORK)
def index() -> ResponseReturnValue:
    """The cases that the viewer may see."""
    at, args = current(), request.args
    asked: dict[str, Any] = {name: args.get(name, "") for name in ("stage", "handler")}
    state, sort = args.get("state") or case_list.OPEN, args.get("sort") or case_list.SORTS[0]
    narrows = {"state": "" if state == EVERY else state, "sort": sort}
    with at.transaction() as tx:
        found = case_list.load_case_list(
            tx, at.program.services, at.viewer, at.now, page_request(), **asked, **narrows
        )
        people = accounts.colleagues(tx, at.program.services, at.viewer.office)
        can_start = message_form.can_start(tx, at.program.services, at.viewer, at.lang)
    return render_template(
        "case_list/page.html",
        rows=found.rows,
        total=found.total,
        previous=found.previous,
        next=found.next,
        can_start=can_start,
        states=[(code, at.t(f"cases.state_{code}")) for code in (*case_list.STATES, EVERY)],
        people=people,
        filtered=bool(asked["stage"] or asked["handler"] or state != case_list.OPEN),
        state=state,
        sort=sort,
        **asked,
    )
