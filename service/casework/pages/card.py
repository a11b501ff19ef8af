"""Two words and a card for the person of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import Viewer
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.cases import card_words
from service.casework.cases.card_words import GivenWords
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.records.context import Services
from service.release.language_words import direction
from service.release.translations import WORDS
from service.store.transaction import Tx

CARD: Final = "card"
"""Word of a language's file: the one sentence on the card."""
CARD_TEXT: Final = "card_text"
"""Likewise: the line for texts, on the card of somebody who does not hear."""


@dataclass(frozen=True, slots=True)
class CardLanguage:
    """A language in which the card can be written."""

    lang: str
    name: str
    signed: bool
    """Whether a named person has signed the words of the language."""
    direction: str


@dataclass(frozen=True, slots=True)
class WordLanguage:
    """A language in which words can be given."""

    lang: str
    name: str
    signed: bool
    """Whether a speaker has signed the list."""
    pictures: int
    """How many of the words have a picture."""


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
        WordLanguage(
            one,
            names.get(one, one),
            one not in programme.unsigned_words,
            len(programme.card_pictures.get(one, ())),
        )
        for one in sorted(programme.card_words)
    ]


def card_languages(at: CaseView) -> list[CardLanguage]:
    """Languages in which the case's release has the sentence of the card."""
    release, names = at.visibility.release, dict(at.services.directories[at.lang]["languages"])
    return [
        CardLanguage(one, names.get(one, one), release.text_counts(WORDS, one), direction(one))
        for one in sorted(release.languages.files)
        if release.languages.own(CARD, one)
    ]


def cannot_read(at: CaseView) -> bool:
    """Whether an answer of the case that the viewer sees says so: what the page proposes."""
    words = at.configuration.named_fields.words
    answer = at.shown.get(words.reads)
    return answer is not None and answer.value in words.cannot_read


def may_be_child(at: CaseView) -> bool:
    """Whether the case is about a child, or its release does not know yet: then it chooses."""
    name = at.configuration.named_fields.words.child
    known = at.loaded.variables.get(name) if at.loaded is not None else None
    return bool(name) and known is not False


def card_lines(at: CaseView, given: GivenWords, lang: str, *, texts: bool = False) -> list[str]:
    """What the card says, a line for each telephone number; nothing else is on it, besides
    pictures. A card with pictures has no word.

    Args:
        lang: of the sentences; the words stay as they are. The line for texts is in no other
            language: one that has none gets number and words alone.
        texts: with a line for each number to which she may send a text.
    """
    languages, programme = at.visibility.release.languages, at.services.programme
    call = languages.words(lang).get(CARD, "{number}: {first}, {second}")
    text = languages.own(CARD_TEXT, lang) or "SMS {number}: {first}, {second}"
    if given.pictures:
        call, text = "{number}", "SMS {number}"
    lines = [(call, one) for one in programme.card_numbers]
    lines += [(text, one) for one in programme.card_text_numbers if texts]
    first, second = given.printed
    return [
        sentence.format(number=one.number, first=first, second=second) for sentence, one in lines
    ]


def give_words(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    lang: str,
    pictures: bool = False,
    own: str = "",
) -> GivenWords:
    """Give the person of a case two words; earlier ones find it no more.

    Args:
        pictures: the card has their pictures, and no words.
        own: words that a child has chosen; "" to draw them, as for every adult.
    Raises:
        NotFound: there is no such case for her, or she may not.
        ReasonNeeded: she must say why she opens it.
        InvalidAnswers: no list has this language, its words have no pictures, or the child's own
            cannot be given.
    """
    view = load_case_view(tx, services, by, case_id, now)
    require_may_give_words(view)
    if lang not in services.programme.card_words:
        raise InvalidAnswers((FieldFault("lang", "form.required_choice"),))
    if pictures and lang not in services.programme.card_pictures:
        raise InvalidAnswers((FieldFault("shows", "card.no_pictures"),))
    own = own.strip() if may_be_child(view) else ""
    given_to = {"case_id": view.case.id, "lang": lang}
    return card_words.give_words(
        tx, services, by=by, now=now, **given_to, pictures=pictures, own=own
    )
