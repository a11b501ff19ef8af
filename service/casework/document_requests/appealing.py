"""How a decision on a public document can be appealed: the one place that says it."""

from __future__ import annotations

from service.text import say


def appeal_words(lang: str) -> str:
    """The sentence of a paper that refuses a public document, or a part of it."""
    return say("document_request.appeal", lang)
