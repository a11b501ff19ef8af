"""Long lists to choose from, as HTML that is written once for each list and language.

A form can hold a list of all languages several times, once in each row and once in the blank row;
writing each option through a template costs more than the rest of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

from service.forms.widgets import WidgetOption

LISTS: Final = 128
"""Lists that are kept; a release has about ten in each language."""


def option_list(options: Sequence[WidgetOption]) -> Markup:
    """The options of a list, with the chosen ones marked."""
    html = _options(tuple((one.value, one.label) for one in options))
    for one in options:
        if one.chosen:
            html = html.replace(_head(one.value), f"{_head(one.value)} selected", 1)
    return Markup(html)  # noqa: S704 - every part of it is escaped in `_options`


@lru_cache(LISTS)
def _options(listed: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(f"{_head(value)}>{escape(label)}</option>" for value, label in listed)


def _head(value: str) -> str:
    return f'<option value="{escape(value)}"'
