"""A person's settings: language, theme, density, keyboard shortcuts, time zone."""

from __future__ import annotations

from types import SimpleNamespace
from zoneinfo import available_timezones

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.people import preferences
from service.store.installation import offices
from service.text import languages
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.template_globals import THEMES

bp = Blueprint("settings", __name__)


@bp.get("/settings")
@page_policy("plain")
def page() -> ResponseReturnValue:
    """The form with what the person has chosen."""
    session = current().signed_in
    with current().transaction() as tx:
        zones = sorted({office.zone for office in offices.everyone(tx).values()} | {"UTC"})
    own = session.settings
    chosen = SimpleNamespace(
        language=session.viewer.lang,
        theme=own.get("theme", "auto"),
        dense=own.get("dense") == "yes",
        shortcuts=own.get("shortcuts", "yes") == "yes",
        zone=own.get("zone", ""),
    )
    names = [
        ("", f"{current().t('settings.zone_office')} ({session.office.zone})"),
        *((zone, zone) for zone in zones),
    ]
    return render_template(
        "settings/page.html", chosen=chosen, zones=names, saved="saved" in request.args
    )


@bp.post("/settings", endpoint="save")
@page_policy("plain")
def save() -> ResponseReturnValue:
    """Save what was chosen; a value that is no choice becomes the default."""
    form = request.form
    wanted = {
        "theme": form.get("theme", "") if form.get("theme") in THEMES else "auto",
        "dense": "yes" if form.get("dense") else "no",
        "shortcuts": "yes" if form.get("shortcuts") else "no",
        "zone": form.get("zone", "") if form.get("zone") in available_timezones() else "",
    }
    language = form.get("language", "")
    with current().transaction(write=True) as tx:
        preferences.save_preferences(
            tx,
            by=current().viewer,
            language=language if language in languages() else current().signed_in.viewer.lang,
            settings=wanted,
        )
    return redirect(url_for("settings.page", saved=1), 303)
