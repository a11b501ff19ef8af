"""Filters of the inbox that a person keeps.

A filter is named by what it asks for: nobody types a name, so no name of a person can stand there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.people import preferences
from service.actions.tasks.inbox_list import BOXES, DUES, SORTS
from service.engine import STAGES
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current

bp = Blueprint("saved_filters", __name__)
SETTING = "filters"
MOST = 10
PARTS: Mapping[str, Collection[str] | None] = {
    "box": BOXES,
    "stage": STAGES,
    "due": DUES,
    "sender": None,
    "sort": SORTS,
}
"""What a filter can ask for, and with which words; None is the id of any office."""


def asked(given: Mapping[str, str]) -> dict[str, str]:
    """What a filter asks for; what it does not know counts as not asked."""
    return {
        part: given[part]
        for part, words in PARTS.items()
        if given.get(part) and (words is None or given[part] in words)
    }


def written(given: Mapping[str, str]) -> str:
    """A filter as it is kept: the part of an address that asks for it, always in the same order."""
    return urlencode(asked(given))


def saved() -> tuple[str, ...]:
    """The person's filters, oldest first."""
    return tuple(filter(None, current().someone.settings.get(SETTING, "").split("\n")))


def saved_filter_links(senders: Mapping[str, str]) -> list[tuple[str, str]]:
    """(address, words) of each; `senders` are the offices that tasks came from, id to name."""
    return [
        (f"{url_for('inbox.index')}?{one}", _in_words(asked(dict(parse_qsl(one))), senders))
        for one in saved()
    ]


def _in_words(given: Mapping[str, str], senders: Mapping[str, str]) -> str:
    t = current().t
    words = {
        "box": t(
            "inbox.this_week"
            if given.get("box") == "week"
            else f"inbox.{given.get('box', 'office')}"
        ),
        "stage": f"{t('word.step')} {given.get('stage')}",
        "due": t(
            {"late": "inbox.due_late", "today": "due.today", "week": "inbox.this_week"}.get(
                given.get("due", ""), "word.all"
            )
        ),
        "sender": f"{t('inbox.from')} {senders.get(given.get('sender', ''), '–')}",
    }
    return ", ".join(text for part, text in words.items() if part == "box" or given.get(part))


@bp.post("/inbox/filters")
@page_policy("polling", act=WORK)
def change() -> ResponseReturnValue:
    """Keep the filter that the page shows, or forget it.

    The oldest gives way when there are too many.
    """
    one = written(request.form)
    kept = [known for known in saved() if known != one]
    if request.form.get("do") == "save":
        kept = [*kept, one][-MOST:]
    with current().transaction(write=True) as tx:
        preferences.save_preferences(
            tx,
            current().someone,
            language=current().someone.language,
            settings={SETTING: "\n".join(kept)},
        )
    return redirect(f"{url_for('inbox.index')}?{one}", 303)
