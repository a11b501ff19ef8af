"""Wrong tries make an account, a network and at last the site wait; writes are counted too."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from service.errors import SlowDown
from service.people import rate_limits as limits
from service.security.purposes import THROTTLE_SITE
from service.store.installation import rate_limits
from tests.support.world import NOON, World

STRANGER = limits.TryLane("sara", "n")


def refused(
    desk: World, lane: limits.TryLane = STRANGER, now: datetime = NOON, times: int = 1
) -> int:
    """Count some tries, each in a transaction of its own; the minutes to wait of the last, or 0."""
    minutes = 0
    for _ in range(times):
        try:
            with desk.database.transaction() as tx:
                limits.count_try(tx, desk.program.services, lane=lane, now=now)
            minutes = 0
        except SlowDown as e:
            minutes = int(str(e.facts["minutes"]))
    return minutes


def right(desk: World, lane: limits.TryLane = STRANGER) -> None:
    """Count a sign-in."""
    with desk.database.transaction() as tx:
        limits.count_right_try(tx, desk.program.services, lane=lane, now=NOON)


def test_an_account_waits_twice_as_long_with_each_wrong_try(desk: World) -> None:
    assert refused(desk, times=limits.ACCOUNT_WRONG) == 0
    waits, now = [], NOON
    for _ in range(8):
        waits.append(refused(desk, now=now))
        now += timedelta(minutes=waits[-1])
        assert refused(desk, now=now) == 0, "the wait has ended"
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_try_that_is_refused_does_not_prolong_the_wait(desk: World) -> None:
    refused(desk, times=limits.ACCOUNT_WRONG + 20)
    assert refused(desk, now=NOON + limits.FIRST_WAIT) == 0


def test_other_accounts_do_not_wait(desk: World) -> None:
    refused(desk, times=limits.ACCOUNT_WRONG)
    assert refused(desk, limits.TryLane("stina", "n")) == 0


def test_who_signs_in_has_no_wrong_tries(desk: World) -> None:
    refused(desk, times=limits.ACCOUNT_WRONG)
    right(desk)
    assert refused(desk, times=limits.ACCOUNT_WRONG) == 0


def test_a_network_waits_whatever_names_it_tries(desk: World) -> None:
    names = [limits.TryLane(f"name{n}", "n") for n in range(limits.NETWORK_WRONG)]
    assert [refused(desk, lane) for lane in names] == [0] * len(names)
    assert refused(desk, limits.TryLane("another", "n")) == 1
    assert refused(desk, limits.TryLane("another", "m")) == 0
    right(desk, names[-1])
    assert refused(desk, limits.TryLane("yet another", "n")) == 0, "one was right, and given back"


def test_a_network_waits_twice_as_long_with_each_further_try(desk: World) -> None:
    for n in range(limits.NETWORK_WRONG):
        refused(desk, limits.TryLane(f"name{n}", "n"))
    waits, now = [], NOON
    for n in range(6):
        waits.append(refused(desk, limits.TryLane(f"later{n}", "n"), now=now))
        now += timedelta(minutes=waits[-1])
        assert refused(desk, limits.TryLane(f"after{n}", "n"), now=now) == 0, "the wait has ended"
    assert waits == [1, 2, 4, 8, 15, 15]


def test_a_browser_of_its_own_does_not_wait_for_strangers(desk: World) -> None:
    refused(desk, times=limits.ACCOUNT_WRONG)
    known = limits.TryLane("sara|1")
    assert refused(desk, known, times=limits.ACCOUNT_WRONG) == 0
    assert refused(desk, known) == 1
    right(desk, known)
    assert refused(desk) == 1, "strangers get nothing back"


def test_more_sign_ins_than_anybody_needs_are_refused(desk: World) -> None:
    for _ in range(limits.ACCOUNT_RIGHT):
        right(desk)
    with pytest.raises(SlowDown):
        right(desk)
    right(desk, limits.TryLane("stina", "n"))


def test_the_site_sounds_one_alarm_and_doubles_the_waits(desk: World) -> None:
    services = desk.program.services
    site = services.vault.blind(THROTTLE_SITE, "all")
    with desk.database.transaction() as tx:
        for _ in range(limits.SITE_WRONG - 2):
            rate_limits.hit(tx, site, now=NOON, window=NOON)
        alarms = [limits.count_wrong_try(tx, services, now=NOON) for _ in range(3)]
    refused(desk, times=limits.ACCOUNT_WRONG)
    assert refused(desk) == 2
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
