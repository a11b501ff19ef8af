"""The call for a handler: made for an open job with a known topic, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from service.binding import Answer, Call
from service.casework.commands.handler_call import build_call
from service.errors import HandlerFailed, TaskClosed
from service.security.keyring import Keyring
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.one(d.job("j"), "s>j j>e"))
    yield made
    made.database.close()


def test_a_call_bears_the_key_and_the_moment_of_its_job(desk: World) -> None:
    (job,) = desk.jobs(desk.start().case_id)
    made_at, later = desk.clock.now(), desk.later(hours=3)
    with desk.database.transaction(write=False) as tx:
        call, seconds = build_call(tx, desk.program.services, job_key=job.key, now=later)
    assert (call.key, call.topic, call.element) == (job.key, "letters.send", "j")
    assert call.now == made_at
    assert seconds == 30


HEADERS = '<zeebe:taskHeaders><zeebe:header key="channel" value="post"/></zeebe:taskHeaders>'


def test_a_call_bears_the_headers_of_its_step(database_url: str, keyring: Keyring) -> None:
    drawn = d.job("j", extra=HEADERS) + d.job("k")
    told: dict[str, Mapping[str, str]] = {}

    def send(call: Call) -> Answer:
        told[call.element] = call.headers
        return Answer()

    process = small.one(drawn, "s>j j>k k>e")
    made = open_world(database_url, keyring, process, functions={"letters.send": send})
    made.start()
    worker = made.worker()
    while worker.step():
        pass
    made.database.close()
    assert told == {"j": {"channel": "post"}, "k": {}}


def test_there_is_no_call_without_a_job_or_without_a_handler(desk: World) -> None:
    (job,) = desk.jobs(desk.start().case_id)
    now, services = desk.clock.now(), desk.program.services
    with desk.database.transaction(write=False) as tx:
        with pytest.raises(TaskClosed):
            build_call(tx, services, job_key=f"{job.key}x", now=now)
        with pytest.raises(HandlerFailed):
            build_call(tx, replace(services, topics={}), job_key=job.key, now=now)
