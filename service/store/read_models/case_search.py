"""Read model of the search: cases of an office by a part of their pseudonym or number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from service.store import keyset
from service.store.casefile.cases import BRIEF, CaseSummary
from service.store.keyset import ListOrder
from service.store.read_models.list_reader import InboxReader, seen
from service.store.shapes import by_shape
from service.store.tables import case_access, cases

if TYPE_CHECKING:
    from service.store.transaction import Tx

NEWEST: ListOrder[CaseSummary] = ListOrder(
    (case_access.c.case_id,), lambda row: (row.id,), down=True
)
BETWEEN_WORDS = re.compile(r"[\s\-–]+")
ESCAPE = "/"
ESCAPED = str.maketrans({letter: ESCAPE + letter for letter in (ESCAPE, "%", "_")})
"""Letters of a word that mean something in a pattern."""
FOLDED_LETTERS = (("å", "a"), ("ä", "a"), ("ö", "o"), ("é", "e"))
"""Letters of pseudonyms that are searched for as another."""


def folded_words(text: str) -> list[str]:
    """The words of a text in small letters without accents; a hyphen parts words as a space does:
    "Blå-sippa" gives "bla" and "sippa".
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word for word in BETWEEN_WORDS.split(letters) if word]


def find(tx: Tx, reader: InboxReader, words: Sequence[str], *, limit: int) -> list[CaseSummary]:
    """Cases that a grant opens to the reader's office or that wait for it, and whose pseudonym or
    number has every word; the one that is named in full first, then open ones, by pseudonym.

    Args:
        words: as `folded_words` gives them; at least one.
    """
    patterns = tuple(f"%{word.translate(ESCAPED)}%" for word in words)
    return tx.all(CaseSummary, *_read_of_find(reader, patterns, "-".join(words), limit))


@by_shape
def _read_of_find(
    reader: InboxReader, patterns: tuple[str, ...], whole: str, limit: int
) -> Select[Any]:
    ref, number = _folded(cases.c.ref), func.lower(cases.c.number)
    matching = or_(
        *(and_(*(column.like(one, escape=ESCAPE) for one in patterns)) for column in (ref, number))
    )
    named = case((or_(ref == whole, number == whole), 0), else_=1)
    ended = case((cases.c.status == "ended", 1), else_=0)
    parts = [part.where(matching) for part in _of_reader(reader)]
    order: ListOrder[CaseSummary] = ListOrder(
        (named, ended, cases.c.ref, cases.c.id), lambda row: (row.id,)
    )
    return keyset.statement(parts, order, None, limit, back=False)


def newest(tx: Tx, reader: InboxReader, *, limit: int) -> list[CaseSummary]:
    """The newest of the cases that a grant opens to the reader's office or that wait for it."""
    return tx.all(CaseSummary, *_read_of_newest(reader, limit))


@by_shape
def _read_of_newest(reader: InboxReader, limit: int) -> Select[Any]:
    return keyset.statement(_of_reader(reader), NEWEST, None, limit, back=False)


def _of_reader(reader: InboxReader) -> list[Select[Any]]:
    """The cases of a reader, in parts for each role; one can be in several."""
    rows = select(*BRIEF).join_from(case_access, cases, cases.c.id == case_access.c.case_id)
    return [rows.where(*rules) for _, rules in seen(reader)]


def _folded(column: ColumnElement[str]) -> ColumnElement[str]:
    found: ColumnElement[str] = func.lower(column)
    for letter, plain in FOLDED_LETTERS:
        found = func.replace(found, letter, plain)
    return found
