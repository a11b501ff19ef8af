"""The two words on a person's card: drawn, given once, and known again by keyed digests alone.

They find a case. They prove nothing, open nothing and end nothing, and nothing can be found out by
trying them. She says them in one order; the card prints the other, which means that somebody may be
listening. Source: decisions/0113.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from service.access import Viewer
from service.errors import Busy, FieldFault, InvalidAnswers
from service.forms import Form, Raw
from service.records.context import Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security.purposes import WORD_ORDER, WORD_PAIR
from service.security.vault import Vault
from service.store.casefile import word_pairs
from service.store.casefile.word_pairs import WordPair
from service.store.transaction import Tx

Words: TypeAlias = tuple[str, str]
GIVEN: Final = "words_given"
"""Kind of the entry in a case's history: two words were given; the ones before find it no more."""
DIGESTED: Final = "digest"
"""Property of a field of a start whose words are kept as digests alone."""
PAIR, ORDER = "pair", "order"
"""Names of the two digests in such an answer, as hexadecimal text."""
TRIES: Final = 100
SHORTEST, LONGEST = 3, 30
"""Letters of a word that somebody chooses."""
_LETTERS: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class GivenWords:
    """Two new words, shown once."""

    said: Words
    """In the order in which the person says them."""
    printed: Words
    """In the order on the card."""
    pictures: tuple[str, ...] = ()
    """Paths of the pictures that stand on the card instead, in its order; none: the words do."""


@dataclass(frozen=True, slots=True)
class SaidWords:
    """Digests of words that somebody said."""

    pair: bytes
    order: bytes


def spoken_words(text: str) -> Words | None:
    """The two words in what was typed, whatever stands between them; None when they are not two."""
    found = _LETTERS.findall(unicodedata.normalize("NFC", text).casefold())
    match found:
        case [first, second]:
            return first, second
        case _:
            return None


def pair_digest(vault: Vault, words: Words) -> bytes:
    """Digest of two words in either order."""
    return vault.blind(WORD_PAIR, " ".join(sorted(words)))


def order_digest(vault: Vault, words: Words) -> bytes:
    """Digest of two words in this order."""
    return vault.blind(WORD_ORDER, " ".join(words))


def without_words(vault: Vault, form: Form | None, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers of a form with digests in the place of words: what a case may keep of them.

    What are not two words becomes the digests of nothing, which no pair has; so an answer looks
    alike whatever was said.
    """
    kept = dict(answers)
    for field in form.fields if form is not None else ():
        if DIGESTED in field.properties and kept.get(field.key):
            words = spoken_words(str(kept[field.key])) or ("", "")
            digests = {PAIR: pair_digest(vault, words), ORDER: order_digest(vault, words)}
            kept[field.key] = {name: digest.hex() for name, digest in digests.items()}
    return kept


def without_typed_words(form: Form | None, texts: Raw) -> Raw:
    """What is typed and not sent, without words: they are written as digests alone, once sent."""
    fields = form.fields if form is not None else ()
    said = {field.key for field in fields if DIGESTED in field.properties}
    return {path: text for path, text in texts.items() if path not in said}


def words_of(answers: Collection[Any]) -> SaidWords | None:
    """The digests of said words among the answers of a case; None when none were said."""
    for value in answers:
        if isinstance(value, dict) and value.keys() == {PAIR, ORDER}:
            return SaidWords(bytes.fromhex(value[PAIR]), bytes.fromhex(value[ORDER]))
    return None


def give_words(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    lang: str,
    pictures: bool = False,
    own: str = "",
) -> GivenWords:
    """Give two words to the person of a case; those that she had before find it no more.

    Args:
        lang: language of the list that they are drawn from.
        pictures: only words that have a picture, for a card without words.
        own: two words that a child has chosen; "" to draw them.
    Raises:
        KeyError: there is no list in this language, or no pictures.   Busy: none is free.
        InvalidAnswers: the chosen words cannot be given; one sentence, also for those that were
            given before.
    """
    programme = services.programme
    drawn = programme.card_pictures[lang] if pictures else {}
    if own:
        said = _chosen(tx, services.vault, own, drawn if pictures else None)
    else:
        said = _draw(tx, services.vault, tuple(drawn) or programme.card_words[lang])
    printed = said[1], said[0]
    given = GivenWords(said, printed, tuple(drawn[word] for word in printed if pictures))
    end_words(tx, case_id=case_id, now=now)
    row = WordPair(
        id=ulid(now),
        case_id=case_id,
        digest=pair_digest(services.vault, said),
        printed=order_digest(services.vault, given.printed),
        by=by.person,
        at=now,
    )
    word_pairs.add(tx, row)
    append_entry(tx, f"case/{case_id}", GIVEN, by=actor(by), now=now, body={})
    return given


def end_words(tx: Tx, *, case_id: str, now: datetime) -> None:
    """From this moment on no words find the case."""
    for row in word_pairs.of_case(tx, case_id):
        if row.ended_at is None:
            word_pairs.end(tx, row, now)


def _chosen(tx: Tx, vault: Vault, text: str, drawn: Collection[str] | None) -> Words:
    """Two words of somebody's own, which need not stand in a list.

    Args:
        drawn: words that have a picture; None when the card has words.
    Raises:
        InvalidAnswers: they are not two different ones of `SHORTEST` to `LONGEST` letters, lack a
            picture, or were given before, to whomever.
    """
    words = spoken_words(text)
    if (
        words is None
        or words[0] == words[1]
        or not all(SHORTEST <= len(word) <= LONGEST for word in words)
        or (drawn is not None and not set(words) <= set(drawn))
        or word_pairs.by_digest(tx, pair_digest(vault, words)) is not None
    ):
        raise InvalidAnswers((FieldFault("own", "card.unfit"),))
    return words


def _draw(tx: Tx, vault: Vault, listed: Sequence[str]) -> Words:
    """Two words of a list that were never given together, in either order."""
    for _ in range(TRIES):
        # as they are read when somebody says them: a listed word that is read as another, or as
        # two, would never find the case
        words = spoken_words(f"{secrets.choice(listed)} {secrets.choice(listed)}")
        if words is None or words[0] == words[1]:
            continue
        if word_pairs.by_digest(tx, pair_digest(vault, words)) is None:
            return words
    raise Busy("no two words are free")
