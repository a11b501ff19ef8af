"""Rate limits of sign-in and of writes.

They are counted in the database, so that they hold over several processes.

Source: trust.md 6.4; all figures are assumed.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from service.actions.context import Services
from service.errors import SlowDown
from service.security.purposes import (
    THROTTLE_ACCOUNT,
    THROTTLE_NETWORK,
    THROTTLE_SITE,
    THROTTLE_WRITES,
)
from service.store.installation import rate_limits
from service.store.transaction import Tx

WINDOW = timedelta(minutes=15)
"""Within which wrong tries count together; after as long a pause the count begins anew."""
ACCOUNT_WRONG, NETWORK_WRONG, SITE_WRONG = 5, 20, 200
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=60)
"""Wait of an account; it doubles with each further wrong try."""
NETWORK_WAIT = timedelta(minutes=15)
WRITES, A_MINUTE = 60, timedelta(minutes=1)


def minutes_to_wait(tx: Tx, services: Services, *, name: str, network: str, now: datetime) -> int:
    """Minutes that an account or a network still has to wait; 0 when it may try."""
    keys = (_account(services, name), _network(services, network))
    ends = [end for key in keys if (end := _blocked_until(tx, key, now)) is not None]
    return max((max(1, math.ceil((end - now) / A_MINUTE)) for end in ends), default=0)


def _blocked_until(tx: Tx, key: bytes, now: datetime) -> datetime | None:
    """When the wait of a counter ends; None when it has none."""
    row = rate_limits.get(tx, key)
    return row.until if row is not None and row.until is not None and row.until > now else None


def clear_wrong_tries(tx: Tx, services: Services, name: str) -> None:
    """Forget the wrong tries of an account whose person has signed in."""
    rate_limits.clear(tx, _account(services, name))


def count_wrong_try(tx: Tx, services: Services, *, name: str, network: str, now: datetime) -> bool:
    """Count a wrong try: of the account, of the network that it came from, and of the whole site.

    Too many of them make account and network wait.

    Returns: whether the whole site has just had so many that somebody should look; until it has had
    none for a while, all waits are doubled.
    """
    alarm = services.vault.blind(THROTTLE_SITE, "alarm")
    too_many = _hit(tx, services.vault.blind(THROTTLE_SITE, "all"), now) >= SITE_WRONG
    in_force = _blocked_until(tx, alarm, now) is not None
    if too_many:
        _hit(tx, alarm, now)
        rate_limits.block(tx, alarm, now + WINDOW)
    factor = 2 if in_force or too_many else 1
    account, network_key = _account(services, name), _network(services, network)
    of_account = _hit(tx, account, now)
    if of_account >= ACCOUNT_WRONG:
        wait: timedelta = min(FIRST_WAIT * 2 ** min(of_account - ACCOUNT_WRONG, 6), LONGEST_WAIT)
        rate_limits.block(tx, account, now + factor * wait)
    if _hit(tx, network_key, now) >= NETWORK_WRONG:
        rate_limits.block(tx, network_key, now + factor * NETWORK_WAIT)
    return too_many and not in_force


def count_write(tx: Tx, services: Services, *, now: datetime, person_id: str) -> None:
    """Count something that a person changes.

    It is counted in the transaction that changes it, so what comes to nothing does not count.

    Raises:
        SlowDown: more than `WRITES` within a minute, which nobody does by hand;
            `facts["minutes"]`.
    """
    key = services.vault.blind(THROTTLE_WRITES, person_id)
    if rate_limits.hit(tx, key, now=now, window=now - A_MINUTE) > WRITES:
        raise SlowDown(minutes=1)


def _hit(tx: Tx, key: bytes, now: datetime) -> int:
    return rate_limits.hit(tx, key, now=now, window=now - WINDOW)


def _account(services: Services, name: str) -> bytes:
    return services.vault.blind(THROTTLE_ACCOUNT, name)


def _network(services: Services, network: str) -> bytes:
    return services.vault.blind(THROTTLE_NETWORK, network)
