"""The mark in every form of a page: for whom the page was drawn, and in which language.

A form that comes after its session had ended still says so by it, also when the browser has lost
the session's cookie. It signs nobody in and opens nothing.
"""

from __future__ import annotations

import hmac
from typing import Final

from service.records.context import Services
from service.security.purposes import PAGE
from service.text import languages

NAME: Final = "_page"
"""Name of the field."""


def page_mark(services: Services, *, person: str, lang: str) -> str:
    """The mark of a page that is drawn for a person."""
    return f"{lang}.{person}.{_proof(services, person)}"


def person_of_mark(services: Services, mark: str) -> str:
    """For whom a page was drawn; "" when the mark is none of this installation."""
    _, _, rest = mark.partition(".")
    person, _, proof = rest.rpartition(".")
    known = hmac.compare_digest(proof.encode(), _proof(services, person).encode())
    return person if known else ""


def language_of_mark(mark: str) -> str:
    """The language of the page; "" when it is none of ours."""
    lang = mark.partition(".")[0]
    return lang if lang in languages() else ""


def _proof(services: Services, person: str) -> str:
    return services.vault.blind(PAGE, person).hex()
