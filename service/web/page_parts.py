"""Small parts that stand on a page many times: icons, badges, deadlines, days and moments, options
of a list.

They are functions, because a list has some hundred of them; larger parts are macros of
`templates/macros/parts.html`, which gives these out too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from service.access import is_near
from service.text import say
from service.web.assets import asset
from service.web.request_context import current

SOON: Final = 3
"""Days before a deadline in which it counts as near."""
SIGNS: Final = {
    "late": ("error", "triangle"),
    "today": ("warning", "diamond"),
    "soon": ("warning-inverted", "diamond-open"),
    "later": ("default-inverted", "clock"),
    "active": ("info", "half"),
    "new": ("default", "dot"),
    "waiting": ("default-inverted", "hourglass"),
    "hold": ("default-inverted", "bars"),
    "done": ("success", "tick"),
    "incident": ("error-inverted", "stop"),
    "refused": ("default", "stroke"),
    "withdrawn": ("default", "stroke"),
    "lapsed": ("default", "clock"),
    "failed": ("error", "triangle"),
    "held": ("default-inverted", "bars"),
    "sent": ("success", "tick"),
    "live": ("success", "tick"),
    "missing": ("warning", "diamond"),
    "ended": ("default", "stroke"),
    "not_yet": ("default-inverted", "ring"),
    "draft": ("info", "pen"),
    "current": ("success", "tick"),
    "earlier": ("default", "clock"),
}
"""State to the colour of its badge and its sign."""
OTHER: Final = ("default", "dot")
LISTS: Final = 128
"""Lists of options whose HTML is kept; a release has about ten in each language."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as pages show it: `late`, `today`, `soon` or `later`, and how many days late or
    left.
    """

    state: str
    n: int
    at: datetime


def due_of(at: datetime | None) -> Deadline | None:
    """A deadline relative to this moment, in days of the reader's zone."""
    if at is None:
        return None
    zone = ZoneInfo(current().zone)
    now = current().now
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    if at <= now:
        return Deadline("late", -days, at)
    if days == 0:
        return Deadline("today", 0, at)
    return Deadline("soon" if days <= SOON else "later", days, at)


def today() -> date:
    """The day in the reader's zone."""
    return current().now.astimezone(ZoneInfo(current().zone)).date()


def moment_filter(at: datetime) -> str:
    """2026-11-24 14:02, in the reader's zone."""
    return at.astimezone(ZoneInfo(current().zone)).strftime("%Y-%m-%d %H:%M")


def day_filter(at: date | datetime) -> str:
    """2026-11-24."""
    return (
        at.astimezone(ZoneInfo(current().zone)).date() if isinstance(at, datetime) else at
    ).isoformat()


def iso_filter(at: date | datetime) -> str:
    """As RFC 3339 writes it."""
    return at.isoformat()


def utc_filter(at: datetime) -> str:
    """The reader's zone, and the same moment in UTC."""
    return f"{current().zone} · {at.astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M} UTC"


def icon(name: str, label: str = "") -> Markup:
    """A sign from the sprite of icons.

    Args:
        label: what a screen reader says; "" where the page has words next to the sign.
    """
    return _icon(asset("icons.svg"), name, label)


@cache
def _icon(file: str, name: str, label: str) -> Markup:
    about = Markup('role="img"\n  aria-label="{}"').format(label) if label else 'aria-hidden="true"'
    return Markup(
        '<svg class="t-icon" focusable="false" {}><use\n  href="{}#{}"></use></svg>'
    ).format(Markup(about), file, name)  # noqa: S704 - words of ours, and a label that is escaped


def badge(state: str, text: str = "") -> Markup:
    """A badge: colour, shape and word.

    Args:
        state: a key of `SIGNS`.
        text: replaces the word of the state.
    """
    colour, sign = SIGNS.get(state, OTHER)
    said = escape(text or say(f"status.{state}", current().lang))
    return Markup(  # noqa: S704 - colours of ours, and a text that is escaped
        f'<span class="badge badge--{colour} t-badge">{icon(sign)}{said}</span>'
    )


def due_badge(due: Deadline | None, none_text: str = "") -> Markup:
    """A deadline, with how far away it is."""
    if due is None:
        return escape(none_text)
    late = "due.late" if due.n else "due.late_today"
    key = {"late": late, "today": "due.today"}.get(due.state, "due.in")
    text = say(key, current().lang, n=due.n)
    shown = (
        badge(due.state, text) if due.state != "later" else Markup("<span>{}</span>").format(text)
    )
    near = is_near(due.at, current().now)
    digits = moment_filter(due.at) if near else day_filter(due.at)
    return Markup(  # noqa: S704 - a badge, and a moment as digits
        f'<span class="t-due">{shown}\n <time class="t-time" datetime="{iso_filter(due.at)}"'
        f' title="{escape(utc_filter(due.at))}">{digits}</time></span>'
    )


def when(at: datetime | None) -> Markup:
    """A moment, with the same moment in UTC; nothing when there is none."""
    if not at:
        return Markup("")
    return Markup(  # noqa: S704 - a moment as digits
        f'<time class="t-time" datetime="{iso_filter(at)}"\n'
        f'  title="{escape(utc_filter(at))}">{moment_filter(at)}</time>'
    )


def day(at: date | datetime | None) -> Markup:
    """A day; nothing when there is none."""
    if not at:
        return Markup("")
    return Markup(  # noqa: S704 - a day as digits
        f'<time class="t-time" datetime="{iso_filter(at)}">{day_filter(at)}</time>'
    )


def option_list(options: tuple[tuple[str, str], ...], chosen: Iterable[str]) -> Markup:
    """The options (code, label) of a list, with those marked whose codes are chosen.

    A form can hold a list of all languages several times, once in each row and once in the blank
    row: writing each option through a template costs more than the rest of the page.
    """
    html = _options(options)
    for code in chosen:
        html = html.replace(_head(code), f"{_head(code)} selected", 1)
    return Markup(html)  # noqa: S704 - every part of it is escaped in `_options`


@lru_cache(LISTS)
def _options(options: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(f"{_head(code)}>{escape(label)}</option>" for code, label in options)


def _head(code: str) -> str:
    return f'<option value="{escape(code)}"'
