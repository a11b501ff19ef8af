"""A deadline whose way stops the engine: people go on working, and operators see an incident."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.casework import incidents
from service.records.context import Actor
from service.security.keyring import Keyring
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world, settle

STOPS = small.one(
    small.person("first", "ask")
    + small.person("a")
    + small.person("b")
    + d.border("t", "a", d.timer("Duration", "P1D"))
    + d.catch("w", d.timer("Duration", "= duration(answer)")),
    "s>first first>a a>b b>e t>w w>b",
)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, STOPS)
    yield made
    made.database.close()


def begun(desk: World) -> str:
    """A case whose task a is open, with a deadline behind which a time is read from `YES`."""
    case = desk.start().case_id
    desk.do(case, "first", small.ANSWERS)
    return case


def test_people_go_on_when_a_deadline_cannot_be_fired(desk: World) -> None:
    case = begun(desk)
    desk.later(days=2)
    desk.do(case, "a")
    assert [t.element for t in desk.tasks(case)] == ["b"]
    [incident] = desk.incidents(case)
    assert (incident.element, incident.kind) == ("w", "expression")
    assert desk.do(case, "b").ended
    assert desk.faults() == [], "the history with the passed deadline is played again"


def test_a_deadline_that_stopped_the_worker_locks_nobody_out(desk: World) -> None:
    case = begun(desk)
    desk.later(days=2)
    settle(desk.worker())
    assert [i.kind for i in desk.incidents(case)] == ["expression"]
    assert [(j.element, j.state) for j in desk.jobs(case)] == [("t", "stopped")]
    desk.do(case, "a")
    assert len(desk.incidents(case)) == 1, "one incident a place"
    assert desk.jobs(case) == []


def test_an_operator_tries_a_passed_deadline_again(desk: World) -> None:
    case = begun(desk)
    desk.later(days=2)
    settle(desk.worker())
    [incident] = desk.incidents(case)
    with desk.database.transaction() as tx:
        incidents.retry_incident(tx, incident_id=incident.id, by=Actor("cli"), now=desk.clock.now())
    settle(desk.worker())
    assert [i.id != incident.id for i in desk.incidents(case)] == [True], "it stops again"


def test_many_deadlines_may_be_due_before_one_act(database_url: str, keyring: Keyring) -> None:
    many = "".join(
        d.border(f"t{n}", "a", d.timer("Duration", "P1D"), cancelActivity="false")
        for n in range(25)
    )
    ways = " ".join(f"t{n}>k" for n in range(25))
    world = open_world(
        database_url,
        keyring,
        small.one(small.person("a") + many + d.end("k"), f"s>a a>e {ways}"),
    )
    try:
        case = world.start().case_id
        world.later(days=2)
        assert world.do(case, "a").ended
    finally:
        world.database.close()
