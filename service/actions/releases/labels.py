"""Names of elements and processes in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from service.engine import Element


def localized_name(names: Mapping[str, str], lang: str) -> str:
    """A name in a language, else in Swedish, else empty."""
    return names.get(lang) or names.get("sv", "")


def element_name(element: Element, lang: str) -> str:
    """An element's name in a language, else in Swedish, else its id."""
    return localized_name(element.names, lang) or element.id
