"""A deadline that somebody postponed in the database comes all the same, and is no secret."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from service.operations import postponed_work
from service.security.keyring import Keyring
from service.store.row_scope import as_system
from service.store.tables import batch, job, letter
from service.store.work import batches, incidents, jobs
from service.store.work.batches import Batch
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world

FOR_EVER = timedelta(days=36_500)
TIMED = small.one(
    small.person("a") + d.border("late", "a", d.timer("Duration", "P3D")) + small.person("b"),
    "s>a a>e late>b b>e",
)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, TIMED)
    yield made
    made.database.close()


def put_off(desk: World, *, leased: bool) -> str:
    """A case whose deadline was put off in the database; gives its id."""
    case = desk.start().case_id
    later = desk.clock.now() + FOR_EVER
    changed = {"not_before": later} | ({"lease_until": later, "state": "leased"} if leased else {})
    with desk.database.transaction() as tx:
        tx.run(as_system("verify", update(job).values(changed)))
    return case


def faults(desk: World) -> list[str]:
    return [fault.place for fault in desk.verified().faults]


def brought_back(desk: World) -> int:
    with desk.database.transaction() as tx:
        return postponed_work.make_due(tx, now=desk.clock.now())


def told(desk: World) -> list[tuple[str, str]]:
    with desk.database.transaction(write=False) as tx:
        return [(row.kind, row.element) for row in incidents.still_open(tx)]


@pytest.mark.parametrize("leased", [False, True])
def test_a_deadline_that_was_put_off_comes_when_it_is_due(desk: World, *, leased: bool) -> None:
    case = put_off(desk, leased=leased)
    (place,) = faults(desk)
    assert place.startswith("not_before of job ")
    assert (brought_back(desk), brought_back(desk)) == (1, 0)
    assert (faults(desk), told(desk)) == ([], [("postponed", "job")])
    with desk.database.transaction(write=False) as tx:
        assert [row.not_before == row.due for row in jobs.of_case(tx, case)] == [True]
    desk.later(days=3)
    while desk.worker().step():
        pass
    assert [task.element for task in desk.tasks(case)] == ["b"]


def test_a_pause_after_a_failed_try_is_left_alone(desk: World) -> None:
    desk.start()
    desk.later(days=3)
    with desk.database.transaction() as tx:
        soon = desk.clock.now() + timedelta(hours=2)
        tx.run(as_system("verify", update(job).values(not_before=soon, tries=4)))
    assert (faults(desk), brought_back(desk)) == ([], 0)


def test_letters_and_batches_are_brought_back_too(desk: World) -> None:
    case, now = desk.start().case_id, desk.clock.now()
    with desk.database.transaction() as tx:
        batches.add(tx, Batch("b", "verify", "verify", {}, batches.RUNNING, 1, "p", now), [case])
        tx.run(as_system("verify", update(batch).values(lease_until=now + FOR_EVER)))
        tx.run(as_system("verify", update(letter).values(not_before=now + FOR_EVER)))
    assert brought_back(desk) >= 1
    assert ("postponed", "batch") in told(desk)
    with desk.database.transaction() as tx:
        free = batches.lease(tx, now=now, who="w", until=now + timedelta(minutes=1))
    assert free is not None
