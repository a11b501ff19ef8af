"""Timers and handler answers: each takes its job once, and only at its moment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from service.binding import Answer
from service.casework.commands.job_commands import answer_call, fail_call, fire_timer
from service.errors import EngineStopped, NotDue, TaskClosed
from service.security.keyring import Keyring
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world

LATE = small.person("a") + d.border("b", "a", d.timer("Duration", "P2D")) + small.person("late")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    way = "s>j j>a a>e b>late late>e"
    made = open_world(database_url, keyring, small.one(d.job("j") + LATE, way))
    yield made
    made.database.close()


def test_a_timer_fires_at_its_moment_and_once(desk: World) -> None:
    case, services = desk.start().case_id, desk.program.services
    with desk.database.transaction() as tx:
        answer_call(tx, services, desk.clock.now(), job_key=desk.jobs(case)[0].key, answer=Answer())
    fire = partial(fire_timer, job_key=desk.jobs(case)[0].key)
    with pytest.raises(NotDue), desk.database.transaction() as tx:
        fire(tx, services, desk.clock.now())
    moment = desk.later(days=2)
    with desk.database.transaction() as tx:
        assert [t.element for t in fire(tx, services, moment).opened] == ["late"]
    with pytest.raises(TaskClosed), desk.database.transaction() as tx:
        fire(tx, services, moment)


def test_an_answer_is_taken_once_and_in_the_name_of_the_worker(desk: World) -> None:
    case, services, now = desk.start().case_id, desk.program.services, desk.clock.now()
    answer = partial(answer_call, job_key=desk.jobs(case)[0].key, answer=Answer())
    with desk.database.transaction() as tx:
        answer(tx, services, now)
    with pytest.raises(TaskClosed), desk.database.transaction() as tx:
        answer(tx, services, now)
    assert [(f.kind, f.actor) for f in desk.facts(case)][1:] == [("answer", "worker")]


def test_an_error_that_nothing_catches_writes_nothing(desk: World) -> None:
    case, services, now = desk.start().case_id, desk.program.services, desk.clock.now()
    fail = partial(fail_call, job_key=desk.jobs(case)[0].key, code="LOST")
    with pytest.raises(EngineStopped), desk.database.transaction() as tx:
        fail(tx, services, now)
    assert [fact.kind for fact in desk.facts(case)] == ["start"]
