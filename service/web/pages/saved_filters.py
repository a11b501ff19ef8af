"""Saving and forgetting a filter of the inbox."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.people import preferences
from service.web.inbox_filters import MOST, SETTING, filter_text, saved_filters
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current

bp = Blueprint("saved_filters", __name__)


@bp.post("/inbox/filters")
@page_policy("polling", act=WORK)
def change() -> ResponseReturnValue:
    """Save the filter that the page shows, or forget it; of too many the oldest is forgotten."""
    chosen = filter_text(request.form)
    filters = [saved for saved in saved_filters() if saved != chosen]
    if request.form.get("do") == "save":
        filters = [*filters, chosen][-MOST:]
    with current().transaction(write=True) as tx:
        preferences.save_preferences(
            tx,
            current().someone,
            language=current().someone.language,
            settings={SETTING: "\n".join(filters)},
        )
    return redirect(f"{url_for('inbox.index')}?{chosen}", 303)
