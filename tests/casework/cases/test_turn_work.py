"""Tasks, calls and timers of a case are what its engine has open."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.store.work import jobs
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World, open_world


@cache
def release() -> Bundle:
    """A task with a timer on its border, and then a call."""
    body = small.person("a", "ask") + d.border("t", "a", d.timer("Duration", "P3D"))
    body += d.job("j") + d.end("late")
    return small.one(body, "s>a a>j j>e t>late")


@cache
def without_office() -> Bundle:
    """A task for a role that no office holds."""
    task = d.task("a", "plain", group="Other")
    roles = small.ROLES + '[Other]\nsv = "Annan"\nen = "Other"\n'
    return small.one(task, "s>a a>e").with_file("workflows/config/roles.toml", roles.encode())


@pytest.fixture
def url(empty_sqlite: Path, tmp_path: Path) -> str:
    """The address of an empty database."""
    return f"sqlite:///{shutil.copyfile(empty_sqlite, tmp_path / 'waiting.db')}"


@pytest.fixture
def waiting(url: str, keyring: Keyring) -> Iterator[World]:
    """An installation with the release of a timer and a call."""
    made = open_world(url, keyring, release())
    yield made
    made.database.close()


def test_a_task_goes_to_the_office_of_its_role(desk: World, case_id: str) -> None:
    (task,) = desk.tasks(case_id)
    assert (task.element, task.role, task.office_id, task.opened_at) == ("a", ROLE, OFFICE, NOON)


def test_a_task_without_an_office_is_an_incident(url: str, keyring: Keyring) -> None:
    desk = open_world(url, keyring, without_office())
    case_id = desk.start().case_id
    assert [(i.kind, i.element) for i in desk.incidents(case_id)] == [("no_office", "a")]
    assert [task.office_id for task in desk.tasks(case_id)] == [None]
    desk.database.close()


def test_a_timer_is_due_at_its_moment(waiting: World) -> None:
    (job,) = waiting.jobs(waiting.start().case_id)
    assert (job.kind, job.element, job.due) == ("timer", "t", NOON + timedelta(days=3))
    assert job.inputs is None


def test_a_call_is_due_when_it_is_made_and_its_timer_is_gone(waiting: World) -> None:
    case_id = waiting.start().case_id
    now = waiting.later(hours=2)
    waiting.do(case_id, "a", {"answer": ["YES"]})
    (job,) = waiting.jobs(case_id)
    assert (job.kind, job.topic, job.due) == ("call", "letters.send", now)
    assert job.inputs is not None


def test_a_call_in_flight_is_not_written_again(waiting: World) -> None:
    case_id = waiting.start().case_id
    waiting.do(case_id, "a", {"answer": ["YES"]})
    with waiting.database.transaction(write=False) as tx:
        (before,) = jobs.of_case(tx, case_id)
    waiting.later(hours=1)
    assert waiting.jobs(case_id) == [before]
    assert waiting.faults() == []
