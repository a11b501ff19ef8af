"""Submitting a command: a key is performed once, counts once, and belongs to one body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import pytest

from service.access import Viewer
from service.application.submit import RequestKey, submit, submit_once
from service.casework.commands.command import Command, CommandWithReads
from service.casework.commands.task_completion import complete_task
from service.errors import KeyReused, SlowDown, TaskClosed
from service.people.rate_limits import WRITES
from service.records.context import Services
from service.security.keyring import Keyring
from service.store.at_hand import AtHand
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from tests.support import diagrams, small
from tests.support.programs import WokenOnly
from tests.support.world import NOON, World, open_world

KEY = RequestKey("01KBQG0000000000000000000A", "/tasks/1", "ab" * 32)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(2))
    yield made
    made.database.close()


@dataclass
class Counted:
    """A command that writes nothing, and how often it was performed."""

    times: list[str] = field(default_factory=list)

    def __call__(self, _tx: Tx, _services: Services, by: Viewer, now: datetime) -> int:
        """Count it."""
        self.times.append(f"{by.person} {now}")
        return len(self.times)


def once(desk: World, command: Command[object], key: RequestKey = KEY, by: str = "sara") -> str:
    """Submit a command under a key; its address tells what it gave."""
    return submit_once(
        desk.database,
        desk.program.services,
        command,
        by=desk.viewer(by),
        now=desk.clock.now(),
        key=key,
        location=lambda given: f"/{given}",
    )


def test_the_second_time_a_key_gives_the_first_address(desk: World) -> None:
    counted = Counted()
    assert [once(desk, counted) for _ in range(3)] == ["/1"] * 3
    assert len(counted.times) == 1


def test_a_key_is_of_one_body_one_route_and_one_person(desk: World) -> None:
    counted = Counted()
    once(desk, counted)
    with pytest.raises(KeyReused):
        once(desk, counted, replace(KEY, body_sha256="cd" * 32))
    assert once(desk, counted, replace(KEY, route="/tasks/2")) == "/2"
    assert once(desk, counted, by="stina") == "/3"


def test_what_is_refused_leaves_its_key_free(desk: World) -> None:
    case = desk.start().case_id
    first, second = desk.key(case, "t1"), Counted()
    desk.complete(first)
    with pytest.raises(TaskClosed):
        once(desk, partial(complete_task, task_key=first, answers={}))
    assert once(desk, second) == "/1"


def test_what_a_command_asks_first_is_asked_together_with_its_key(desk: World) -> None:
    key, asked = desk.key(desk.start().case_id, "t1"), list[AtHand | None]()

    def complete(
        _tx: Tx, _services: Services, _by: Viewer, _now: datetime, first: AtHand | None
    ) -> int:
        asked.append(first)
        return len(asked)

    command = CommandWithReads(partial(turn_rows.reads_of_task, key=key), complete)
    assert once(desk, command) == "/1"
    with desk.database.transaction() as tx:
        assert asked[0] is not None
        found = turn_rows.of_task(tx, key, asked[0])
    assert found is not None
    assert found[0].key == key
    submit(desk.database, desk.program.services, command, by=desk.viewer(), now=desk.clock.now())
    assert [first is None for first in asked] == [False, True], "without a key it asks itself"


def test_only_what_is_done_counts_towards_the_rate(desk: World) -> None:
    counted = Counted()
    for n in range(WRITES):
        once(desk, counted, replace(KEY, key=f"{KEY.key}-{n}", counted_at=NOON))
    with pytest.raises(SlowDown):
        once(desk, counted, replace(KEY, key="one-more", counted_at=NOON))
    assert once(desk, counted, replace(KEY, key=f"{KEY.key}-0", counted_at=NOON)) == "/1"
    assert once(desk, counted, replace(KEY, key="not-counted")) == f"/{WRITES + 1}"


def test_the_worker_is_woken_after_the_commit_alone(database_url: str, keyring: Keyring) -> None:
    called = small.one(small.person("t1") + diagrams.job("j"), "s>t1 t1>j j>e")
    desk = open_world(database_url, keyring, called)
    case, woken = desk.start().case_id, list[int]()
    args = (desk.database, desk.program.services)

    def send(key: str) -> None:
        submit(
            *args,
            partial(complete_task, task_key=key, answers={}, end_confirmed=True),
            by=desk.viewer(),
            now=desk.clock.now(),
            worker=WokenOnly(lambda: woken.append(desk.case(case).rev)),
        )

    key = desk.key(case, "t1")
    send(key)
    assert woken == [2], "the new revision is there when it is woken"
    with pytest.raises(TaskClosed):
        send(key)
    assert woken == [2]
    desk.database.close()


def test_what_brings_no_work_wakes_no_worker(desk: World) -> None:
    case, woken = desk.start().case_id, list[str]()
    submit(
        desk.database,
        desk.program.services,
        partial(complete_task, task_key=desk.key(case, "t1"), answers={}, end_confirmed=True),
        by=desk.viewer(),
        now=desk.clock.now(),
        worker=WokenOnly(lambda: woken.append("worker")),
    )
    assert woken == []
