"""The page of a form that was sent after its session had ended."""

from __future__ import annotations

import json

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service.errors import NotFound
from service.web.late_form_store import read_late_form
from service.web.page_policy import page_policy
from service.web.request_context import current

bp = Blueprint("late_forms", __name__)


@bp.get("/held")
@page_policy("plain")
def page() -> ResponseReturnValue:
    """The fields of the form, in a form that sends them now."""
    context = current()
    with context.transaction() as tx:
        text = read_late_form(tx, context.viewer.person)
    if text is None:
        raise NotFound
    form = json.loads(text)
    fields = [(name, value) for name, values in form["fields"] for value in values]
    return render_template("error/late_form.html", address=form["path"], fields=fields)
