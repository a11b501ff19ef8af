"""`/readyz` says what is not as it must be: database, room, writing, worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from service.errors import Busy
from service.operations import health
from tests.support.world import World


class Room(NamedTuple):
    """What is free on a disk."""

    free: int


def ready(world: World) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer."""
    answer = world.app.test_client().get("/readyz")
    return answer.status_code, answer.get_json()


def test_a_site_is_ready_while_a_worker_gives_signs_of_life(world: World) -> None:
    assert ready(world) == (503, {"ready": False, "why": ["worker"], "timers": "fire"})
    worker = world.worker()
    worker.step()
    assert ready(world) == (200, {"ready": True, "why": [], "timers": "fire"})
    world.later(seconds=61)
    assert ready(world)[1]["why"] == ["worker"]
    worker.beaten -= health.BEAT.total_seconds()
    worker.step()
    assert ready(world)[0] == 200
    world.clock.set(world.clock.now() - timedelta(seconds=30))
    assert ready(world)[0] == 200, "a clock a little behind another's"


def test_a_database_that_takes_no_row_is_not_ready(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.worker().step()

    def full(*_: object, **_given: object) -> None:
        raise Busy("no room", driver="SQLITE_FULL")

    monkeypatch.setattr(health, "beat", full)
    assert ready(world) == (503, {"ready": False, "why": ["write"], "timers": "fire"})


def test_a_disk_without_room_is_not_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.worker().step()
    monkeypatch.setattr("shutil.disk_usage", lambda _: Room(health.LEAST_ROOM - 1))
    why = ready(world)[1]["why"]
    assert why == ([] if world.database.postgres else ["disk"])


def test_a_database_that_is_away_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **_given: object) -> None:
        raise Busy("away", driver="OperationalError")

    monkeypatch.setattr(world.database, "check", away)
    assert ready(world)[1]["why"] == ["database"]
