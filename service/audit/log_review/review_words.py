"""The key of the words of a log review: judgements, questions and answers about a look.

Words about a look at one case are sealed for the key of that case, so that they end with the first
erasure in it. Words about a day with several cases, or about a case that was erased before they
were written, are sealed for the key of who wrote them; so are those from before version 0.3.0,
which stay readable.
"""

from __future__ import annotations

from collections.abc import Callable

from service.audit.log_review.review import ListedLook
from service.errors import CannotOpen
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.records.ledger_append import open_reason, seal_reason
from service.security.vault import OwnerKey
from service.store.at_hand import Reader


def seal_words(
    reader: Reader, services: Services, look: ListedLook, *, stream: str, person: str, words: str
) -> str:
    """Words of a person about a look, for the body of an entry of the review."""
    key = services.case_keys(reader, look.case).own if look.case else None
    key = key or services.key(reader, f"person:{person}")
    return seal_reason(key, stream, person, words)


def open_words(
    of_case: CaseKeys | None, own: OwnerKey | None, *, stream: str, person: str, word: str
) -> str:
    """The words that `seal_words` sealed; "" when they cannot be opened any more.

    Args:
        of_case: keys of the case that was looked at; None where it was none, or several.
        own: key of who wrote the words.
    """
    return _opened(lambda: of_case.own if of_case is not None else None, stream, person, word) or (
        _opened(lambda: own, stream, person, word)
    )


def _opened(find: Callable[[], OwnerKey | None], stream: str, person: str, word: str) -> str:
    try:
        return open_reason(find(), stream, person, word)
    except CannotOpen:
        return ""
