"""Two words and a card for the person of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.cases import card_words
from service.casework.cases.card_words import GivenWords
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.records.context import Services
from service.store.transaction import Tx
from service.text import say


@dataclass(frozen=True, slots=True)
class WordLanguage:
    """A language in which words can be given."""

    lang: str
    name: str
    signed: bool
    """Whether a speaker has signed the list."""


def may_give_words(at: CaseView) -> bool:
    """Whether the viewer may give the person two words: she sees the field that they go with."""
    field = at.configuration.named_fields.words.given_with
    return (
        bool(at.services.programme.card_words and field)
        and at.visibility.by_office
        and at.visibility.is_named
        and at.visibility.sees_field(field, at.viewer.office)
    )


def require_may_give_words(at: CaseView) -> None:
    """Refuse a viewer who may not.

    Raises:
        NotFound: for her there is no such page.
    """
    if not may_give_words(at):
        raise NotFound


def word_languages(services: Services, lang: str) -> list[WordLanguage]:
    """Languages that have a list of words, with their names in the viewer's language."""
    programme, names = services.programme, dict(services.directories[lang]["languages"])
    return [
        WordLanguage(one, names.get(one, one), one not in programme.unsigned_words)
        for one in sorted(programme.card_words)
    ]


def card_lines(services: Services, given: GivenWords, lang: str) -> list[str]:
    """What the card says, a line for each telephone number; nothing else is on it.

    Args:
        lang: language of the words.
    """
    first, second = given.printed
    return [
        say("card.text", lang, number=one.number, first=first, second=second)
        for one in services.programme.card_numbers
    ]


def give_words(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case_id: str, lang: str
) -> GivenWords:
    """Give the person of a case two words; earlier ones find it no more.

    Raises:
        NotFound: there is no such case for her, or she may not.
        ReasonNeeded: she must say why she opens it.
        InvalidAnswers: no list has this language.
    """
    view = load_case_view(tx, services, by, case_id, now)
    require_may_give_words(view)
    if lang not in services.programme.card_words:
        raise InvalidAnswers((FieldFault("lang", "form.required_choice"),))
    return card_words.give_words(tx, services, by=by, now=now, case_id=view.case.id, lang=lang)
