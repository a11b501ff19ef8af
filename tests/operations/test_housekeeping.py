"""What a worker does between its jobs: it throws away what is old, and reminds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec import structs

from service.binding import Answer
from service.casework.tasks import unsent_answers
from service.engine import TIME_WEB, TIME_WORKER
from service.operations import reminders
from service.security.keyring import Keyring
from service.worker.loop import Worker
from tests.support import small
from tests.support.changed_configuration import with_configuration
from tests.support.world import World, open_world

DUE = small.one(small.person("a", extra='<zeebe:taskSchedule dueDate="P5D"/>'), "s>a a>e")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, DUE, functions={"letters.send": lambda _: Answer()})
    yield made
    made.database.close()


def kept(desk: World, key: str) -> bool:
    """Whether what was typed into a form is still there."""
    with desk.database.transaction(write=False) as tx:
        return unsent_answers.load_unsent(tx, desk.program.services, desk.viewer(), key).rev > 0


def test_what_nobody_sent_or_touched_for_a_month_is_thrown_away(desk: World) -> None:
    case = desk.start().case_id
    key, worker = desk.key(case, "a"), desk.worker()
    with desk.database.transaction() as tx:
        raw = {"note": ["typed"]}
        unsent_answers.save_unsent(
            tx,
            desk.program.services,
            by=desk.viewer(),
            key=key,
            case_id=case,
            raw=raw,
            base={},
            rev=0,
            now=desk.clock.now(),
        )
    desk.later(days=29)
    worker.step()
    assert kept(desk, key)
    desk.later(days=2)
    worker.step()
    assert not kept(desk, key)
    assert desk.key(case, "a") == key, "the task itself waits on"


def test_a_turn_of_a_worker_may_take_longer_than_one_of_a_page(desk: World) -> None:
    page = replace(desk.program.services, seconds=TIME_WEB)
    worker = Worker(desk.database, page, desk.clock, desk.program.mail)
    assert worker.services.seconds == TIME_WORKER > TIME_WEB


@pytest.mark.parametrize(("letter", "waits"), [("reminder", True), ("urgent_news", False)])
def test_a_reminder_waits_for_the_morning_unless_it_is_urgent(
    desk: World, letter: str, *, waits: bool
) -> None:
    case = desk.start().case_id
    services = desk.program.services
    rules = structs.replace(services.programme.configuration.reminders, overdue_letter=letter)
    services = with_configuration(services, reminders=rules)
    now = desk.later(days=10, hours=9)
    with desk.database.transaction() as tx:
        assert reminders.queue_reminders(tx, services, now=now) > 0
    (late,) = (one for one in desk.letters(case) if one.key.endswith(":late0"))
    assert late.not_before is not None
    assert (late.template, late.not_before > now) == (letter, waits)
