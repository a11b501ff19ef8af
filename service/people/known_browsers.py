"""Browsers that an account knows: who has signed in there before is not locked out by strangers.

A browser keeps a mark for each account that has signed in from it, in whatever way: a random
number, a day, and a keyed digest of both with that of the sign-in name. So a mark is known before
anybody is looked up, by the name that is typed, and also of who has shown a passkey and typed none.
The marks say nothing of anybody without the keyring, and the database keeps nothing of them. A mark
signs nobody in: it lets a password be tried though strangers have used up the tries of the account.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from service.records.context import Services
from service.security.purposes import SIGN_IN

KNOWN_BROWSER: Final = "known_browser"
"""Kind of values of `Vault.blind`."""
LIFE: Final = timedelta(days=180)
"""After so long without a sign-in an account forgets a browser."""
MOST: Final = 6
"""Accounts that one browser keeps a mark of."""


def account_of(services: Services, name: str) -> bytes:
    """The account that signs in by a name, whether there is one or not: what `Person.sign_in` of
    its person holds.
    """
    return services.vault.blind(SIGN_IN, name)


def browser_of(services: Services, marks: Sequence[str], *, account: bytes, now: datetime) -> str:
    """The number by which an account knows a browser; "" when it does not.

    Args:
        marks: as the browser sent them.
        account: as `account_of`, or `Person.sign_in`.
    """
    for mark in marks[:MOST]:
        day, _, rest = mark.partition(".")
        number, _, _ = rest.partition(".")
        right = hmac.compare_digest(_mark(services, day, number, account).encode(), mark.encode())
        if right and number.isalnum() and day >= _day(now - LIFE):
            return number
    return ""


def marks_with(
    services: Services, marks: Sequence[str], *, account: bytes, now: datetime
) -> tuple[str, ...]:
    """The marks that a browser keeps once somebody has signed in there, the newest first.

    Args:
        account: as `browser_of` takes it.
    """
    known = browser_of(services, marks, account=account, now=now)
    newest = _mark(services, _day(now), known or secrets.token_hex(16), account)
    others = [mark for mark in marks if not known or f".{known}." not in mark]
    return (newest, *others[: MOST - 1])


def _mark(services: Services, day: str, number: str, account: bytes) -> str:
    digest = services.vault.blind(KNOWN_BROWSER, f"{day}|{number}|{account.hex()}")
    return f"{day}.{number}.{digest.hex()}"


def _day(at: datetime) -> str:
    return f"{at:%Y%m%d}"
