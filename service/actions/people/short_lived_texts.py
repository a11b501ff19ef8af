"""Texts that are kept for minutes so that they need stand in no address: the words of a search, a
form that came after its session had ended.

They are sealed under what the browser bears, which the house does not keep. Who has the database
alone has nothing; nor has the next person at the same screen.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from service.actions.people.sessions import token_digest
from service.errors import CannotOpen
from service.security.vault import bearers_key
from service.store.installation import short_lived_texts
from service.store.transaction import Tx

SEARCH, SENT, TICKET = timedelta(minutes=30), timedelta(minutes=15), timedelta(seconds=60)
"""How long the words of a search are kept, a form that came too late, and what opens a paper on
another host.

Source: screens.md 2.5, 2.13, trust.md 7.
"""


def new_name() -> str:
    """What one asks for a text by: random, says nothing."""
    return secrets.token_urlsafe(32)


def keep_text(
    tx: Tx, *, name: str, secret: str, person: str, text: str, until: datetime, now: datetime
) -> None:
    """Keep a text until a moment; what has had its time is forgotten on the way.

    Args:
        name: from `new_name`; the store keeps its digest.
        secret: what the bearer alone holds: the token of her session, or of a cookie made for this
            one text.
        person: whose text it is.
    """
    short_lived_texts.sweep(tx, now)
    key = token_digest(name)
    sealed = bearers_key(secret).seal(
        "held", text.encode(), table="held", column="sealed", row=key.hex(), extra=person
    )
    short_lived_texts.add(tx, short_lived_texts.ShortLivedText(key, person, sealed, until))


def read_text(tx: Tx, *, name: str, secret: str, person: str, now: datetime) -> str | None:
    """The text; None when its time is over, when it never was, or when it is not this person's or
    was kept under another secret.
    """
    row = short_lived_texts.get(tx, token_digest(name))
    return (
        None
        if row is None or row.ends_at <= now or row.person_id != person
        else _opened(row, secret)
    )


def take_ticket(tx: Tx, *, name: str, now: datetime) -> str | None:
    """The text of a ticket, which is a name and its own secret: once, and whoever bears it; None
    when its time is over or somebody was faster.
    """
    row = short_lived_texts.get(tx, token_digest(name))
    return (
        _opened(row, name)
        if row is not None and short_lived_texts.drop(tx, row.key) and row.ends_at > now
        else None
    )


def _opened(row: short_lived_texts.ShortLivedText, secret: str) -> str | None:
    try:
        return (
            bearers_key(secret)
            .open(
                "held",
                row.sealed,
                table="held",
                column="sealed",
                row=row.key.hex(),
                extra=row.person_id,
            )
            .decode()
        )
    except CannotOpen:
        return None


def forget_text(tx: Tx, name: str) -> None:
    """Forget one text before its time."""
    short_lived_texts.drop(tx, token_digest(name))
