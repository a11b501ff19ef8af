"""Rate limits of sign-in and of writes.

They are counted in the database, so that they hold over several processes. A try to sign in is
counted before its password is checked, as if it were wrong; a right one gives back what it took.
So of many at the same moment no more are checked than one after the other would be.

All figures are assumed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.errors import SlowDown
from service.records.context import Services
from service.security.purposes import (
    THROTTLE_ACCOUNT,
    THROTTLE_CODES,
    THROTTLE_NETWORK,
    THROTTLE_SITE,
    THROTTLE_TOKEN,
    THROTTLE_WORDS,
    THROTTLE_WRITES,
)
from service.store.at_hand import Read, Reader
from service.store.installation import rate_limits
from service.store.transaction import Tx

WINDOW = timedelta(minutes=15)
"""Within which wrong tries count together; after as long a pause the count begins anew."""
ACCOUNT_WRONG, SITE_WRONG = 5, 200
NETWORK_WRONG: Final = 100
"""More than an office that shares one address mistypes, and few enough that a stranger fills
neither the log nor the queue of sign-ins for long."""
ACCOUNT_RIGHT: Final = 30
"""Sign-ins of one account within the window: more than anybody needs."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=60)
"""Wait of an account; it doubles with each further wrong try."""
CODES_WRONG: Final = 30
"""Wrong codes of one person within the window, from browsers that she has not used: whoever types
them has her password."""
LONGEST_NETWORK_WAIT = timedelta(minutes=15)
"""Of a network, which begins with `FIRST_WAIT` too."""
WRITES, A_MINUTE = 60, timedelta(minutes=1)
THROTTLE_RIGHT: Final = "throttle/right"
"""Kind of values of `Vault.blind`: who has signed in."""


@dataclass(frozen=True, slots=True)
class TryLane:
    """Counter of tries to give a password or a code.

    Tries of a browser that an account knows, and of a person who has signed in already, have
    counters of their own, and those of strangers one for each network: nobody can use up the tries
    of somebody else.
    """

    account: str
    """The sign-in name, with the mark of a browser that the account knows, or a network; of a
    person who has signed in, her id."""
    network: str = ""
    """The network of a stranger's browser; "" where it does not count."""


def count_try(tx: Tx, services: Services, *, lane: TryLane, now: datetime) -> None:
    """Count a try that is not checked yet, as a wrong one.

    With the fifth an account waits there, with the hundredth a network, first a minute and longer
    with each further one; a right password ends the wait.

    Raises:
        SlowDown: account or network must wait; `facts["minutes"]`. The transaction must be rolled
            back then, for such a try does not count.
    """
    doubled = _blocked_until(tx, services.vault.blind(THROTTLE_SITE, "alarm"), now) is not None
    factor = 2 if doubled else 1
    account = _account(services, lane)
    if wait := _wait(_hit(tx, account, now) - ACCOUNT_WRONG, LONGEST_WAIT):
        rate_limits.block(tx, account, now + factor * wait)
    if lane.network:
        network = _network(services, lane)
        if wait := _wait(_hit(tx, network, now) - NETWORK_WRONG, LONGEST_NETWORK_WAIT):
            rate_limits.block(tx, network, now + factor * wait)


def count_right_try(tx: Tx, services: Services, *, lane: TryLane, now: datetime) -> None:
    """Give back a try whose password was right, and count the sign-in.

    Raises:
        SlowDown: more than `ACCOUNT_RIGHT` within the window, which nobody does by hand.
    """
    give_back_try(tx, services, lane=lane)
    key = services.vault.blind(THROTTLE_RIGHT, lane.account)
    if _hit(tx, key, now) > ACCOUNT_RIGHT:
        raise SlowDown(minutes=WINDOW // A_MINUTE)


def count_wrong_token(tx: Tx, services: Services, *, network: str, now: datetime) -> None:
    """Count a token of a program that was refused.

    Networks wait as for passwords, on a counter of their own: a program whose token has ended
    keeps no person of its office from signing in. A good token is never kept waiting.

    Raises:
        SlowDown: the network must wait; `facts["minutes"]`. The transaction must be rolled back
            then.
    """
    key = services.vault.blind(THROTTLE_TOKEN, network)
    if wait := _wait(_hit(tx, key, now) - NETWORK_WRONG, LONGEST_NETWORK_WAIT):
        rate_limits.block(tx, key, now + wait)


def give_back_try(tx: Tx, services: Services, *, lane: TryLane) -> None:
    """Give back a try whose password was right. The wrong ones of the same lane are forgotten."""
    rate_limits.clear(tx, _account(services, lane))
    if lane.network:
        rate_limits.give_back(tx, _network(services, lane), most=NETWORK_WRONG)


def count_wrong_try(tx: Tx, services: Services, *, now: datetime) -> bool:
    """Count towards the whole site a try that was wrong.

    Returns: whether the whole site has just had so many that somebody should look; until it has had
    none for a while, all waits are doubled.
    """
    alarm = services.vault.blind(THROTTLE_SITE, "alarm")
    if _hit(tx, services.vault.blind(THROTTLE_SITE, "all"), now) < SITE_WRONG:
        return False
    in_force = _blocked_until(tx, alarm, now) is not None
    rate_limits.hit(tx, alarm, now=now, window=now - WINDOW)
    rate_limits.block(tx, alarm, now + WINDOW)
    return not in_force


def require_few_codes(reader: Reader, services: Services, *, person: str, now: datetime) -> None:
    """Require that strangers have not typed too many wrong codes of a person.

    Raises:
        SlowDown: they have; `facts["minutes"]`.
    """
    until = _blocked_until(reader, services.vault.blind(THROTTLE_CODES, person), now)
    if until is not None:
        raise SlowDown(minutes=_minutes(until - now))


def count_wrong_code(tx: Tx, services: Services, *, person: str, now: datetime) -> None:
    """Count a wrong code of a person from a browser that she has not used."""
    key = services.vault.blind(THROTTLE_CODES, person)
    if _hit(tx, key, now) >= CODES_WRONG:
        rate_limits.block(tx, key, now + WINDOW)


def read_of_write(
    services: Services, now: datetime, person_id: str, *, request: str, route: str
) -> Read:
    """The read that counts a write of a person, unless its request was answered before.

    Args:
        request: key of the request.
    """
    key = services.vault.blind(THROTTLE_WRITES, person_id)
    window = now - A_MINUTE
    more = {"request": request, "person_id": person_id, "route": route}
    return rate_limits.read_of_hit(key, now=now, window=window, **more)


def require_pace(reader: Reader, read: Read) -> None:
    """Require that a write that was counted (`read_of_write`) is not one too many.

    It is counted in the transaction that writes, so a write that is rolled back does not count.

    Raises:
        SlowDown: more than `WRITES` within a minute, which nobody does by hand;
            `facts["minutes"]`.
    """
    found = rate_limits.of_hit(reader, read)
    if found is not None and found.count > WRITES:
        raise SlowDown(minutes=1)


def count_write(tx: Tx, services: Services, *, now: datetime, person_id: str) -> None:
    """Count a write of a person that has no key of its own.

    Raises:
        SlowDown: as `require_pace`.
    """
    key = services.vault.blind(THROTTLE_WRITES, person_id)
    if rate_limits.hit(tx, key, now=now, window=now - A_MINUTE).count > WRITES:
        raise SlowDown(minutes=1)


def count_wrong_words(
    tx: Tx, services: Services, *, office: str, now: datetime, since: datetime
) -> int:
    """Count a call of an office whose words find no case; gives how many there were.

    Nothing waits for it: words are taken whatever came before.

    Args:
        since: counting begins anew after this moment.
    """
    key = services.vault.blind(THROTTLE_WORDS, office)
    return rate_limits.hit(tx, key, now=now, window=since).count


def _hit(tx: Tx, key: bytes, now: datetime) -> int:
    """Count one more try of a key; gives how many there are.

    Raises:
        SlowDown: it must wait; `facts["minutes"]`.
    """
    found = rate_limits.hit(tx, key, now=now, window=now - WINDOW)
    if found.until is not None and found.until > now:
        raise SlowDown(minutes=_minutes(found.until - now))
    return found.count


def _minutes(wait: timedelta) -> int:
    return max(1, math.ceil(wait / A_MINUTE))


def _blocked_until(reader: Reader, key: bytes, now: datetime) -> datetime | None:
    """When the wait of a counter ends; None when it has none."""
    row = rate_limits.get(reader, key)
    return row.until if row is not None and row.until is not None and row.until > now else None


def _wait(beyond: int, longest: timedelta) -> timedelta:
    """How long to wait after so many wrong tries beyond the first that must; none below it."""
    return min(FIRST_WAIT * 2 ** min(beyond, 6), longest) if beyond >= 0 else timedelta()


def _account(services: Services, lane: TryLane) -> bytes:
    return services.vault.blind(THROTTLE_ACCOUNT, lane.account)


def _network(services: Services, lane: TryLane) -> bytes:
    return services.vault.blind(THROTTLE_NETWORK, lane.network)
