"""Short-lived texts: what is kept for minutes so that it need not be part of a URL, such as the
words of a search or a form that came after its session had ended.

They are sealed under a secret that only the browser has. Who has the database alone can read
nothing; nor can the next person at the same screen.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from service.errors import CannotOpen
from service.people.sessions import token_digest
from service.security.vault import bearers_key
from service.store.at_hand import Reader
from service.store.installation import short_lived_texts
from service.store.transaction import Tx

SEARCH, SENT, TICKET = timedelta(minutes=30), timedelta(minutes=15), timedelta(seconds=60)
"""How long is kept: the words of a search, a form that came too late, and the ticket that opens a
document on another host.
"""


def new_name() -> str:
    """A random name by which a text is asked for."""
    return secrets.token_urlsafe(32)


def keep_text(tx: Tx, *, name: str, secret: str, person: str, text: str, until: datetime) -> None:
    """Keep a text until a moment; the worker deletes those that have expired.

    Args:
        name: from `new_name`; the database keeps its digest.
        secret: what the browser alone has: the token of its session, or of a cookie made for this
            one text.
        person: whose text it is.
    """
    key = token_digest(name)
    sealed = bearers_key(secret).seal("held", text.encode(), **_place(key, person))
    short_lived_texts.add(tx, short_lived_texts.ShortLivedText(key, person, sealed, until))


def read_text(reader: Reader, *, name: str, secret: str, person: str, now: datetime) -> str | None:
    """The text; None when it has expired or never was, when it is not this person's, or when it was
    kept under another secret.
    """
    row = short_lived_texts.get(reader, token_digest(name))
    if row is None or row.ends_at <= now or row.person_id != person:
        return None
    return _opened(row, secret)


def take_ticket(tx: Tx, *, name: str, now: datetime) -> str | None:
    """The text of a ticket, which is a name and its own secret: once, for whoever has the name;
    None when it has expired or was taken already.
    """
    row = short_lived_texts.get(tx, token_digest(name))
    if row is None or not short_lived_texts.drop(tx, row.key) or row.ends_at <= now:
        return None
    return _opened(row, name)


def _opened(row: short_lived_texts.ShortLivedText, secret: str) -> str | None:
    place = _place(row.key, row.person_id)
    try:
        return bearers_key(secret).open("held", row.sealed, **place).decode()
    except CannotOpen:
        return None


def _place(key: bytes, person: str) -> dict[str, str]:
    """Where a sealed text belongs; it opens nowhere else."""
    return {"table": "held", "column": "sealed", "row": key.hex(), "extra": person}


def forget_text(tx: Tx, name: str) -> None:
    """Delete one text before it expires."""
    short_lived_texts.drop(tx, token_digest(name))
