"""Long lists to choose from, as HTML that is written once for each list and language.

A form can hold a list of all languages several times, once in each row and once in the blank row;
writing each option through a template costs more than the rest of the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

LISTS: Final = 128
"""Lists that are kept; a release has about ten in each language."""


def option_list(options: tuple[tuple[str, str], ...], chosen: Iterable[str]) -> Markup:
    """The options (code, label) of a list, with those marked whose codes are chosen."""
    html = _options(options)
    for code in chosen:
        html = html.replace(_head(code), f"{_head(code)} selected", 1)
    return Markup(html)  # noqa: S704 - every part of it is escaped in `_options`


@lru_cache(LISTS)
def _options(listed: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(f"{_head(code)}>{escape(label)}</option>" for code, label in listed)


def _head(code: str) -> str:
    return f'<option value="{escape(code)}"'
