"""The reminders of a draft, as sentences with numbers in them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from service.release.programme.process_configuration import REMINDERS
from service.web.page_policy import page_policy
from service.web.pages.workshop.configuration.configuration_page import load, page, save, sent
from service.workshop.configuration import reminders
from service.workshop.configuration.entries import key_name, read_entries, said

bp = Blueprint("draft_reminders", __name__)


@bp.get("/drafts/<draft>/configuration/reminders")
@page_policy("plain", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """Every reminder."""
    return _draw(draft, {})


@bp.post("/drafts/<draft>/configuration/reminders")
@page_policy("plain", act="edit_process")
def change(draft: str) -> ResponseReturnValue:
    """Save days and hours."""
    loaded = load(draft)
    edit = reminders.save_reminders(loaded.text(REMINDERS), sent())
    return save(loaded, edit, url_for(".show", draft=draft), lambda faults: _draw(draft, faults))


def _draw(draft: str, faults: Mapping[str, str]) -> ResponseReturnValue:
    loaded = load(draft)
    text, words = loaded.text(REMINDERS), loaded.words
    try:
        entries = read_entries(REMINDERS, text, words)
    except ValueError:
        entries = {}
    values = reminders.reminder_values(text)
    parts = dict.fromkeys(number.table for number in reminders.NUMBERS)
    return page(
        loaded,
        "processes/configuration/reminders.html",
        now=values,
        faults=faults,
        files=(reminders.FILE,),
        parts=[
            (
                entries[part].name,
                [number for number in reminders.NUMBERS if number.table == part],
                [
                    (key_name(key, words), said(value))
                    for key, value in entries[part].values.items()
                    if f"{part}.{key}" not in values
                ],
            )
            for part in parts
            if part in entries
        ],
        last_hour=reminders.LAST_HOUR,
    )
