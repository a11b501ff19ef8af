"""The calendars of a draft: the list, and one with its days off by year."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from service.errors import NotFound
from service.web.page_policy import page_policy
from service.web.pages.workshop.configuration.configuration_page import load, page, save, sent
from service.workshop.configuration import calendars

bp = Blueprint("draft_calendars", __name__)


@bp.get("/drafts/<draft>/configuration/calendars")
@page_policy("plain", act="read_process")
def index(draft: str) -> ResponseReturnValue:
    """Every calendar."""
    loaded = load(draft)
    names = calendars.read_calendar_names(loaded.bundle)
    return page(
        loaded,
        "processes/configuration/calendars.html",
        now={},
        faults={},
        files=(f"{calendars.FOLDER}/",),
        calendars=[(name, calendars.read_calendar(loaded.bundle, name)) for name in names],
    )


@bp.get("/drafts/<draft>/configuration/calendars/<name>")
@page_policy("plain", act="read_process")
def show(draft: str, name: str) -> ResponseReturnValue:
    """One calendar."""
    return _draw(draft, name, {})


@bp.post("/drafts/<draft>/configuration/calendars/<name>")
@page_policy("plain", act="edit_process")
def change(draft: str, name: str) -> ResponseReturnValue:
    """Save a calendar, with a day off that is added.

    Raises:
        NotFound: the draft has no such calendar that can be read.
    """
    loaded = load(draft)
    calendar = calendars.read_calendar(loaded.bundle, name)
    if calendar is None:
        raise NotFound
    edit = calendars.save_calendar(loaded.bundle, calendar, sent())
    then = url_for(".show", draft=draft, name=name)
    return save(loaded, edit, then, lambda faults: _draw(draft, name, faults))


def _draw(draft: str, name: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    loaded = load(draft)
    calendar = calendars.read_calendar(loaded.bundle, name)
    if calendar is None:
        raise NotFound
    return page(
        loaded,
        "processes/configuration/calendar.html",
        now=calendars.calendar_values(calendar),
        faults=faults,
        files=(f"{calendars.FOLDER}/{name}{calendars.ENDING}",),
        calendar=calendar,
        week=calendars.WEEK,
    )
