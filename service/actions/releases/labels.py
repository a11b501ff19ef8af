"""Names of elements in the reader's language."""

from __future__ import annotations

from service.engine import Element


def element_name(element: Element, lang: str) -> str:
    """An element's name in a language, else in Swedish, else its id."""
    return element.names.get(lang) or element.names.get("sv") or element.id
