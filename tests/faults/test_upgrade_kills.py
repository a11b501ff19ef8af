"""F1, m1 and m2: an upgrade that is killed has changed nothing or all, and can be run again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from sqlalchemy import event

from service import fault_points
from service.store.database import Database
from tests.support.forks import fork, status_of

STEP, LEAST = 7, 8
"""Children die before the first statement, and so many later; so many die at least."""


def killed(url: str, arm: Callable[[Database], object]) -> bool:
    """Upgrade in a child, which is killed where `arm` says; False when it came to its end."""
    status = status_of(fork(lambda: _upgrade(url, arm)))
    assert os.WIFSIGNALED(status) or status == 0, "the upgrade failed; its fault was printed"
    return os.WIFSIGNALED(status)


def _upgrade(url: str, arm: Callable[[Database], object]) -> None:
    database = Database(url)
    arm(database)
    database.upgrade()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at_point(name: str) -> Callable[[Database], object]:
    """At a fault point."""
    return lambda _: fault_points.arm(lambda place: die() if place == name else None)


def at_statement(number: int) -> Callable[[Database], object]:
    """Before the n-th statement."""

    def arm(database: Database) -> None:
        left = [number]

        def passes(*_: object) -> None:
            left[0] -= 1
            if not left[0]:
                die()

        event.listen(database.engine, "before_cursor_execute", passes)

    return arm


def whole(url: str) -> None:
    """A second run makes what the first left out."""
    database = Database(url)
    database.upgrade()
    assert (database.wrong(), database.differences(), database.damage()) == ([], [], [])
    database.close()


def nothing_there(url: str) -> bool:
    database = Database(url)
    empty = database.is_empty()
    database.close()
    return empty


@pytest.fixture
def empty_url(database_url: str) -> str:
    """A database without tables."""
    database = Database(database_url)
    database.drop_everything()
    database.close()
    return database_url


@pytest.mark.slow
def test_a_kill_at_any_statement_leaves_nothing_half_made(empty_url: str) -> None:
    number = 1
    while killed(empty_url, at_statement(number)):
        assert nothing_there(empty_url), number
        number += STEP
    assert number > STEP * LEAST
    whole(empty_url)


def test_a_kill_before_the_commit_has_changed_nothing(empty_url: str) -> None:
    assert killed(empty_url, at_point(fault_points.SCHEMA[0]))
    assert nothing_there(empty_url)
    whole(empty_url)


def test_a_kill_after_the_commit_has_changed_all(empty_url: str) -> None:
    assert killed(empty_url, at_point(fault_points.SCHEMA[1]))
    assert not nothing_there(empty_url)
    whole(empty_url)
