"""Work that cannot go on is tried again after pauses, then an incident opens, once a place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.casework import incidents
from service.casework.incidents import record_engine_stop
from service.errors import EngineStopped, NotFound
from service.records.context import Actor
from service.security.keyring import Keyring
from service.store.work import jobs
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world

BY = Actor("cli")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.one(d.job("j"), "s>j j>e"))
    yield made
    made.database.close()


def test_pauses_grow_and_stay_at_the_longest() -> None:
    delays = [incidents.retry_delay(tries) for tries in (0, 1, 2, 4, 99)]
    assert delays == [timedelta(minutes=m) for m in (1, 1, 5, 120, 120)]


def leased(desk: World) -> jobs.Job:
    with desk.database.transaction() as tx:
        (job,) = jobs.lease(tx, now=desk.clock.now(), who="w1", seconds=60)
    return job


def test_the_last_failed_try_opens_an_incident(desk: World) -> None:
    case = desk.start().case_id
    opened: list[bool] = []
    while not any(opened):
        job = leased(desk)
        with desk.database.transaction() as tx:
            opened.append(
                incidents.record_failed_try(
                    tx, desk.program.services, job=job, error="Refused", now=desk.clock.now()
                )
            )
        desk.later(hours=3)
    assert len(opened) == desk.program.services.tries
    (incident,) = desk.incidents(case)
    assert (incident.element, incident.kind, incident.error) == ("j", "handler", "Refused")


def test_a_stop_of_the_engine_is_one_incident_a_place(desk: World) -> None:
    case, now = desk.start().case_id, desk.clock.now()
    for element in ("j", "j", "e"):
        with desk.database.transaction() as tx:
            stop = EngineStopped("steps", element, "too many")
            record_engine_stop(tx, case_id=case, job_key="", stop=stop, now=now)
    assert sorted(row.element for row in desk.incidents(case)) == ["e", "j"]
    with desk.database.transaction() as tx:
        first, second = incidents.open_incidents(tx)
        incidents.retry_incident(tx, incident_id=first.id, by=BY, now=now)
        with pytest.raises(NotFound):
            incidents.retry_incident(tx, incident_id=first.id, by=BY, now=now)
        assert incidents.open_incidents(tx) == [second]
