"""How often somebody may try, and how often somebody may write.

Counted in the database, so that it holds over several processes.

Source: trust.md 6.4; all figures are assumed.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from service.actions.context import Services
from service.errors import SlowDown
from service.security.vault import (
    THROTTLE_ACCOUNT,
    THROTTLE_NETWORK,
    THROTTLE_SITE,
    THROTTLE_WRITES,
)
from service.store.installation import rate_limits
from service.store.transaction import Tx

WINDOW = timedelta(minutes=15)
"""Within which wrong tries count together.

Who leaves off for so long after her last wait begins anew.
"""
ACCOUNT_WRONG, NETWORK_WRONG, SITE_WRONG = 5, 20, 200
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=60)
"""Of an account: doubled with each further wrong try."""
NETWORK_WAIT = timedelta(minutes=15)
WRITES, A_MINUTE = 60, timedelta(minutes=1)


def minutes_to_wait(tx: Tx, services: Services, *, name: str, network: str, now: datetime) -> int:
    """Minutes that an account or a network still has to wait; 0 when it may try."""
    found = [
        rate_limits.get(tx, key) for key in (_account(services, name), _network(services, network))
    ]
    until = [
        one.until for one in found if one is not None and one.until is not None and one.until > now
    ]
    return max((max(1, math.ceil((end - now) / timedelta(minutes=1))) for end in until), default=0)


def clear_wrong_tries(tx: Tx, services: Services, name: str) -> None:
    """Forget the wrong tries of an account whose person has come in."""
    rate_limits.clear(tx, _account(services, name))


def count_wrong_try(tx: Tx, services: Services, *, name: str, network: str, now: datetime) -> bool:
    """Count a wrong try: of the account, of the network that it came from, and of the whole site.

    Too many of them make account and network wait.

    Returns: whether the whole site has just had so many that somebody should look; until it has had
    none for a while, all waits are doubled.
    """
    of_site, site = (
        _hit(tx, services.vault.blind(THROTTLE_SITE, "all"), now),
        services.vault.blind(THROTTLE_SITE, "alarm"),
    )
    alarmed = rate_limits.get(tx, site)
    in_force = alarmed is not None and alarmed.until is not None and alarmed.until > now
    if of_site >= SITE_WRONG:
        rate_limits.hit(tx, site, now=now, window=now - WINDOW)
        rate_limits.block(tx, site, now + WINDOW)
    times = 2 if in_force or of_site >= SITE_WRONG else 1
    of_account = _hit(tx, _account(services, name), now)
    if of_account >= ACCOUNT_WRONG:
        wait: timedelta = min(FIRST_WAIT * 2 ** min(of_account - ACCOUNT_WRONG, 6), LONGEST_WAIT)
        rate_limits.block(tx, _account(services, name), now + times * wait)
    if _hit(tx, _network(services, network), now) >= NETWORK_WRONG:
        rate_limits.block(tx, _network(services, network), now + times * NETWORK_WAIT)
    return of_site >= SITE_WRONG and not in_force


def count_write(tx: Tx, services: Services, *, now: datetime, person_id: str) -> None:
    """Count something that a person changes.

    It is counted in the transaction that changes it, so what comes to nothing does not count.

    Raises:
        SlowDown: she has changed so much within a minute that no hand can have done it;
            `facts["minutes"]`.
    """
    if (
        rate_limits.hit(
            tx, services.vault.blind(THROTTLE_WRITES, person_id), now=now, window=now - A_MINUTE
        )
        > WRITES
    ):
        raise SlowDown(minutes=1)


def _hit(tx: Tx, key: bytes, now: datetime) -> int:
    return rate_limits.hit(tx, key, now=now, window=now - WINDOW)


def _account(services: Services, name: str) -> bytes:
    return services.vault.blind(THROTTLE_ACCOUNT, name)


def _network(services: Services, network: str) -> bytes:
    return services.vault.blind(THROTTLE_NETWORK, network)
