"""What a person chooses for herself."""

from __future__ import annotations

from types import SimpleNamespace
from zoneinfo import available_timezones

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions import choices
from service.store import offices
from service.text import languages
from service.web.doors import door
from service.web.here import here
from service.web.words import THEMES

bp = Blueprint("settings", __name__)


@bp.get("/settings")
@door("plain")
def page() -> ResponseReturnValue:
    """The page."""
    person = here().someone
    with here().transaction() as tx:
        zones = sorted({office.zone for office in offices.everyone(tx).values()} | {"UTC"})
    own = person.settings
    chosen = SimpleNamespace(
        language=person.language,
        theme=own.get("theme", "auto"),
        dense=own.get("dense") == "yes",
        shortcuts=own.get("shortcuts", "yes") == "yes",
        zone=own.get("zone", ""),
    )
    names = [("", f"{here().t('settings.zone_office')} ({person.office.zone})"), *((zone, zone) for zone in zones)]
    return render_template("settings/page.html", chosen=chosen, zones=names, saved="saved" in request.args)


@bp.post("/settings", endpoint="save")
@door("plain")
def save() -> ResponseReturnValue:
    """Keep what was chosen; what is no choice is left out."""
    form = request.form
    wanted = {
        "theme": form.get("theme", "") if form.get("theme") in THEMES else "auto",
        "dense": "yes" if form.get("dense") else "no",
        "shortcuts": "yes" if form.get("shortcuts") else "no",
        "zone": form.get("zone", "") if form.get("zone") in available_timezones() else "",
    }
    tongue = form.get("language", "")
    with here().transaction(write=True) as tx:
        choices.choose(tx, here().someone, language=tongue if tongue in languages() else here().someone.language, settings=wanted)
    return redirect(url_for("settings.page", saved=1), 303)
