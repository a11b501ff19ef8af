"""Wrong tries make an account, a network and at last the site wait; writes are counted too."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from service.actions.people import rate_limits as limits
from service.errors import SlowDown
from service.security.purposes import THROTTLE_SITE
from service.store.installation import rate_limits
from service.store.transaction import Tx
from tests.support.world import NOON, World


def wrong(tx: Tx, desk: World, times: int, *, name: str = "sara", network: str = "n") -> bool:
    """Some wrong tries at once; whether the last one was an alarm."""
    services = desk.program.services
    tries = [
        limits.count_wrong_try(tx, services, name=name, network=network, now=NOON)
        for _ in range(times)
    ]
    return tries[-1]


def wait(tx: Tx, desk: World, name: str = "sara", network: str = "", now: datetime = NOON) -> int:
    return limits.minutes_to_wait(tx, desk.program.services, name=name, network=network, now=now)


def test_an_account_waits_twice_as_long_with_each_wrong_try(desk: World) -> None:
    with desk.database.transaction() as tx:
        wrong(tx, desk, limits.ACCOUNT_WRONG - 1)
        assert wait(tx, desk) == 0
        waits = []
        for _ in range(8):
            wrong(tx, desk, 1)
            waits.append(wait(tx, desk))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_wait_ends_and_other_accounts_do_not_wait(desk: World) -> None:
    with desk.database.transaction() as tx:
        wrong(tx, desk, limits.ACCOUNT_WRONG)
        assert wait(tx, desk, "stina") == 0
        assert wait(tx, desk, now=NOON + limits.FIRST_WAIT) == 0


def test_who_signs_in_has_no_wrong_tries(desk: World) -> None:
    with desk.database.transaction() as tx:
        wrong(tx, desk, limits.ACCOUNT_WRONG)
        limits.clear_wrong_tries(tx, desk.program.services, "sara")
        assert wait(tx, desk) == 0


def test_a_network_waits_whatever_names_it_tries(desk: World) -> None:
    with desk.database.transaction() as tx:
        for n in range(limits.NETWORK_WRONG):
            wrong(tx, desk, 1, name=f"name{n}")
        assert wait(tx, desk, "another", "n") == limits.NETWORK_WAIT / timedelta(minutes=1)
        assert wait(tx, desk, "another", "m") == 0


def test_the_site_sounds_one_alarm_and_doubles_the_waits(desk: World) -> None:
    site = desk.program.services.vault.blind(THROTTLE_SITE, "all")
    with desk.database.transaction() as tx:
        for _ in range(limits.SITE_WRONG - 2):
            rate_limits.hit(tx, site, now=NOON, window=NOON)
        alarms = [wrong(tx, desk, 1, name=f"name{n}", network=f"net{n}") for n in range(3)]
        wrong(tx, desk, limits.ACCOUNT_WRONG)
        assert wait(tx, desk) == 2
    assert alarms == [False, True, False]


def test_more_writes_a_minute_than_by_hand_are_refused(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        for _ in range(limits.WRITES):
            limits.count_write(tx, services, now=NOON, person_id="p_sara")
        with pytest.raises(SlowDown):
            limits.count_write(tx, services, now=NOON, person_id="p_sara")
        limits.count_write(tx, services, now=NOON, person_id="p_stina")
        later = NOON + 2 * limits.A_MINUTE
        limits.count_write(tx, services, now=later, person_id="p_sara")
