"""Tickets: what a page carries from one step of a sign-in to the next, and nobody can make up.

A ticket names its purpose and what it is about, bears a keyed digest, lives for minutes and is
spent once. The database keeps nothing of it before it is spent. Alone it opens nothing: each is one
of two things that the next step asks for.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from service.errors import NotSignedIn
from service.records.context import Services
from service.store.installation import rate_limits
from service.store.transaction import Tx

LIFE: Final = timedelta(minutes=5)
"""Of most tickets."""
LONGEST: Final = timedelta(hours=1)
"""How long it is remembered that a ticket was spent: longer than any lives."""
TICKET: Final = "ticket"
SPENT: Final = "ticket/spent"
"""Kinds of values of `Vault.blind`."""
BETWEEN: Final = "."


def issue(
    services: Services, *, purpose: str, about: str, now: datetime, life: timedelta = LIFE
) -> str:
    """A new ticket.

    Args:
        purpose: code of the step that takes it.
        about: an id, without a full stop; it can be read off the ticket.
        life: twice `LIFE` at most: so long it is known that a ticket was spent.
    """
    until = int((now + life).timestamp())
    head = BETWEEN.join((about, str(until), secrets.token_hex(16)))
    return BETWEEN.join((head, _digest(services, purpose, head)))


def read(services: Services, ticket: str, *, purpose: str, now: datetime) -> str:
    """What a ticket is about.

    Raises:
        NotSignedIn: it is none of this purpose, or too old.
    """
    head, _, digest = ticket.rpartition(BETWEEN)
    if not hmac.compare_digest(_digest(services, purpose, head).encode(), digest.encode()):
        raise NotSignedIn
    about, until, _ = head.split(BETWEEN)
    if int(until) < now.timestamp():
        raise NotSignedIn
    return about


def spend(tx: Tx, services: Services, ticket: str, *, now: datetime) -> None:
    """Spend a ticket that was read.

    Raises:
        NotSignedIn: it was spent before. The transaction must be rolled back then.
    """
    key = services.vault.blind(SPENT, ticket)
    if rate_limits.hit(tx, key, now=now, window=now - LONGEST).count > 1:
        raise NotSignedIn


def _digest(services: Services, purpose: str, head: str) -> str:
    return services.vault.blind(TICKET, f"{purpose}{BETWEEN}{head}").hex()
