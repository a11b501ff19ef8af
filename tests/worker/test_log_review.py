"""The worker begins the log review of a month that is over, and tells the auditors' office once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.audit.log_review import review_process
from service.audit.log_review.review import JUDGE
from service.casework import clock_guard
from service.people import accounts
from tests.support import log_reviews as made
from tests.support.world import World
from tests.worker.world import OPERATOR


def months(world: World) -> list[str]:
    with world.database.transaction(write=False) as tx:
        return review_process.months(tx)


def sent(world: World) -> list[tuple[str, bool]]:
    return sorted((element, late) for element, _, late in made.review(world).letters)


@pytest.fixture
def addressed(shipped_world: World) -> World:
    """An installation in which the office of the auditor has an address."""
    office = shipped_world.loaded_viewer("greta").office
    with shipped_world.database.transaction() as tx:
        accounts.set_address(
            tx,
            shipped_world.program.services,
            by=OPERATOR,
            now=shipped_world.clock.now(),
            office_id=office,
            address="board@example.invalid",
        )
    return shipped_world


def test_two_workers_begin_a_month_once(shipped_world: World) -> None:
    shipped_world.clock.set(made.APRIL)
    for worker in (shipped_world.worker("w1"), shipped_world.worker("w2")):
        worker.step()
    assert months(shipped_world) == [made.MARCH]
    assert shipped_world.faults() == []


def test_nothing_is_begun_while_the_clock_is_in_doubt(shipped_world: World) -> None:
    now = made.APRIL
    shipped_world.clock.set(now)
    with shipped_world.database.transaction() as tx:
        clock_guard.pause(tx, now=now, by=timedelta(days=30))
    worker = shipped_world.worker()
    worker.step()
    assert months(shipped_world) == []
    with shipped_world.database.transaction() as tx:
        clock_guard.confirm_clock(tx, by=OPERATOR, now=now)
    worker.step()
    assert months(shipped_world) == [made.MARCH]


def test_the_office_is_told_once_and_once_more_when_late(addressed: World) -> None:
    addressed.clock.set(made.APRIL)
    worker = addressed.worker()
    worker.step()
    assert sent(addressed) == [(JUDGE, False)]
    addressed.clock.set(made.APRIL + timedelta(days=1))
    worker.step()
    assert sent(addressed) == [(JUDGE, False)]
    addressed.clock.set(made.APRIL + timedelta(days=15))
    worker.step()
    assert sent(addressed) == [(JUDGE, False), (JUDGE, True)]


def test_a_letter_waits_for_the_morning(addressed: World) -> None:
    addressed.clock.set(datetime(2026, 3, 31, 23, 0, tzinfo=UTC))
    worker = addressed.worker()
    worker.step()
    assert months(addressed) == [made.MARCH]
    assert sent(addressed) == []
    addressed.clock.set(made.APRIL)
    worker.step()
    assert sent(addressed) == [(JUDGE, False)]
