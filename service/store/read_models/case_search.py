"""Read model of the search: cases of an office by a part of their pseudonym or number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all

from service.store import keyset
from service.store.casefile.cases import BRIEF, CaseSummary
from service.store.keyset import ListOrder
from service.store.read_models.list_reader import InboxReader, seen
from service.store.statement_shapes import by_shape
from service.store.tables import case_access, cases

if TYPE_CHECKING:
    from sqlalchemy.sql.base import ReadOnlyColumnCollection

    from service.store.at_hand import Reader

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


def search(
    source: Reader, reader: InboxReader, words: Sequence[str], *, limit: int, newest: int
) -> tuple[list[CaseSummary], list[CaseSummary]]:
    """Search among the cases that a grant opens to the reader's office or that wait for it.

    Args:
        words: as `folded_words` gives them; at least one.
        limit: most cases that are found.
        newest: as many of the newest cases come along, to be searched by their answers; 0 for none.

    Returns:
        Those whose pseudonym or number has every word: the one that is named in full first, then
        open ones, by pseudonym. And the newest ones; none when a case is named in full.
    """
    patterns = tuple(f"%{word.translate(ESCAPED)}%" for word in words)
    whole = "-".join(words)
    read = _read_of_search(reader, patterns, whole, limit, newest or None)
    rows = [(CaseSummary(*row), matches) for *row, matches in source.all(lambda *row: row, *read)]
    found = [case for case, matches in rows if matches]
    rest = [case for case, matches in rows if not matches]
    return found, sorted(rest, key=lambda case: case.id, reverse=True)


@by_shape
def _read_of_search(
    reader: InboxReader, patterns: tuple[str, ...], whole: str, limit: int, newest: int | None
) -> Select[Any]:
    ref = _folded(cases.c.ref)
    number = func.lower(cases.c.number)
    matching = or_(
        *(and_(*(column.like(one, escape=ESCAPE) for one in patterns)) for column in (ref, number))
    )
    order: ListOrder[CaseSummary] = ListOrder(_search_order(cases.c, whole), lambda row: (row.id,))
    parts = [part.where(matching) for part in _of_reader(reader)]
    found = keyset.statement(parts, order, None, limit, back=False).cte("found")
    every = select(*found.c, literal(1).label("matches"))
    if newest is None:
        return every.order_by(*_search_order(found.c, whole))
    newer = keyset.statement(_of_reader(reader), NEWEST, None, newest, back=False).subquery()
    in_full = select(found.c.id).where(_is_named(found.c, whole))
    rest = select(*newer.c, literal(0).label("matches")).where(~in_full.exists())
    both = union_all(every, rest).subquery("both")
    return select(both).order_by(both.c.matches.desc(), *_search_order(both.c, whole))


def _search_order(
    of: ReadOnlyColumnCollection[str, Any], whole: str
) -> tuple[ColumnElement[Any], ...]:
    """The case that is named in full first, then open ones, by pseudonym."""
    named = case((_is_named(of, whole), 0), else_=1)
    ended = case((of.status == "ended", 1), else_=0)
    return named, ended, of.ref, of.id


def _is_named(of: ReadOnlyColumnCollection[str, Any], whole: str) -> ColumnElement[bool]:
    """Whether its pseudonym or its number is what was searched for."""
    return or_(_folded(of.ref) == whole, func.lower(of.number) == whole)


def newest(source: Reader, reader: InboxReader, *, limit: int) -> list[CaseSummary]:
    """The newest of the cases that a grant opens to the reader's office or that wait for it."""
    return source.all(CaseSummary, *_read_of_newest(reader, limit))


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
