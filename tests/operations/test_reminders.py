"""A reminder is queued once for each task and kind, when it is due."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.operations import reminders
from service.security.keyring import Keyring
from tests.support import small
from tests.support.directory import OFFICE
from tests.support.world import World, open_world

DUE = small.one(small.person("a", extra='<zeebe:taskSchedule dueDate="P14D"/>'), "s>a a>e")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, DUE)
    yield made
    made.database.close()


def queue(desk: World) -> int:
    with desk.database.transaction() as tx:
        return reminders.queue_reminders(tx, desk.program.services, now=desk.clock.now())


def kinds(desk: World, case: str) -> list[str]:
    return sorted(letter.key.rpartition(":")[2] for letter in desk.letters(case))


def test_a_task_is_reminded_of_before_it_is_due_and_once(desk: World) -> None:
    case = desk.start().case_id
    assert queue(desk) == 0
    desk.later(days=13)
    assert (queue(desk), queue(desk)) == (1, 0)
    assert kinds(desk, case) == ["before"]
    (letter,) = desk.letters(case)
    assert (letter.office_id, letter.params, letter.needs_consent) == (OFFICE, {}, "")


def test_a_late_task_is_reminded_of_at_each_of_its_days(desk: World) -> None:
    case, rules = desk.start().case_id, desk.program.services.programme.configuration.reminders
    desk.later(days=14)
    for _ in range(10):
        queue(desk)
        desk.later(days=1)
    late = [f"late{days}" for days in sorted(rules.overdue_days)]
    assert set(kinds(desk, case)) <= {*late, "owner"}
    assert kinds(desk, case)[0] == late[0]
    assert len(kinds(desk, case)) == len(set(kinds(desk, case)))


def test_a_finished_task_is_not_reminded_of(desk: World) -> None:
    case = desk.start().case_id
    desk.do(case, "a")
    desk.later(days=15)
    assert (queue(desk), kinds(desk, case)) == (0, [])
