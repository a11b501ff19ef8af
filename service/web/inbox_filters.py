"""Filters of the inbox: what an address asks for, and those that a person has saved.

A filter is named by what it asks for: nobody types a name, so no name of a person can be in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from urllib.parse import parse_qsl, urlencode

from flask import url_for

from service.casework.tasks.inbox_list import BOXES, DUES, SORTS
from service.web.request_context import current
from service.web.template_globals import stage_filter, stages

SETTING = "filters"
"""Name of the setting of a person that has her filters, one a line."""
MOST = 10
"""Filters that a person can save."""
PARTS = ("box", "stage", "due", "sender", "sort")
"""What a filter can ask for."""


ALLOWED: Mapping[str, Callable[[], Collection[str] | None]] = {
    "box": lambda: BOXES,
    "stage": stages,
    "due": lambda: DUES,
    "sender": lambda: None,
    "sort": lambda: SORTS,
}
"""The words with which each part can be asked for; None is the id of any office. Stages are read
from the release, and only when one is asked for.
"""


def filter_of(arguments: Mapping[str, str]) -> dict[str, str]:
    """The filter that an address asks for, part to word; unknown words are dropped."""
    return {
        part: arguments[part]
        for part in PARTS
        if arguments.get(part) and ((words := ALLOWED[part]()) is None or arguments[part] in words)
    }


def filter_text(arguments: Mapping[str, str]) -> str:
    """A filter as it is saved: the query of its address, always in the same order."""
    return urlencode(filter_of(arguments))


def saved_filters() -> tuple[str, ...]:
    """The person's filters, oldest first."""
    return tuple(filter(None, current().signed_in.settings.get(SETTING, "").split("\n")))


def saved_filter_links(senders: Mapping[str, str]) -> list[tuple[str, str]]:
    """(address, name) of each saved filter; `senders` are offices, id to name."""
    return [
        (
            f"{url_for('inbox.index')}?{saved}",
            _filter_name(filter_of(dict(parse_qsl(saved))), senders),
        )
        for saved in saved_filters()
    ]


def filter_chips(parts: Mapping[str, str], senders: Mapping[str, str]) -> list[tuple[str, str]]:
    """(words, address without it) of each part of the filter in force but the list itself."""
    words = _words(parts, senders)
    return [
        (words[part], f"{url_for('inbox.index')}?{filter_text({**parts, part: ''})}")
        for part in ("stage", "due", "sender")
        if parts.get(part)
    ]


def _filter_name(parts: Mapping[str, str], senders: Mapping[str, str]) -> str:
    words = _words(parts, senders)
    return ", ".join(text for part, text in words.items() if part == "box" or parts.get(part))


def _words(parts: Mapping[str, str], senders: Mapping[str, str]) -> dict[str, str]:
    """What each part of a filter asks for."""
    t = current().t
    box = parts.get("box", "office")
    dues = {"late": "inbox.due_late", "today": "due.today", "week": "inbox.this_week"}
    return {
        "box": t("inbox.this_week" if box == "week" else f"inbox.{box}"),
        "stage": f"{t('word.step')} {stage_filter(parts.get('stage', ''))}",
        "due": t(dues.get(parts.get("due", ""), "word.all")),
        "sender": f"{t('inbox.from')} {senders.get(parts.get('sender', ''), '–')}",
    }
