"""Browsers that an account knows: who has signed in there before is not locked out by strangers.

A browser keeps a mark for each account that has signed in from it: a random number, a day, and a
keyed digest of both with the sign-in name. The marks say nothing of anybody without the keyring,
and the database keeps nothing of them. A mark signs nobody in: it lets a password be tried though
strangers have used up the tries of the account.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from service.records.context import Services

KNOWN_BROWSER: Final = "known_browser"
"""Kind of values of `Vault.blind`."""
LIFE: Final = timedelta(days=180)
"""After so long without a sign-in an account forgets a browser."""
MOST: Final = 6
"""Accounts that one browser keeps a mark of."""


def browser_of(services: Services, marks: Sequence[str], *, name: str, now: datetime) -> str:
    """The number by which an account knows a browser; "" when it does not.

    Args:
        marks: as the browser sent them.
        name: the sign-in name that is being tried, whether it is anybody's or not.
    """
    for mark in marks[:MOST]:
        day, _, rest = mark.partition(".")
        number, _, _ = rest.partition(".")
        right = hmac.compare_digest(_mark(services, day, number, name).encode(), mark.encode())
        if right and number.isalnum() and day >= _day(now - LIFE):
            return number
    return ""


def marks_with(
    services: Services, marks: Sequence[str], *, name: str, now: datetime
) -> tuple[str, ...]:
    """The marks that a browser keeps once somebody has signed in there, the newest first."""
    known = browser_of(services, marks, name=name, now=now)
    newest = _mark(services, _day(now), known or secrets.token_hex(16), name)
    others = [mark for mark in marks if not known or f".{known}." not in mark]
    return (newest, *others[: MOST - 1])


def _mark(services: Services, day: str, number: str, name: str) -> str:
    digest = services.vault.blind(KNOWN_BROWSER, f"{day}|{number}|{name}")
    return f"{day}.{number}.{digest.hex()}"


def _day(at: datetime) -> str:
    return f"{at:%Y%m%d}"
