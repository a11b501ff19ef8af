"""Signs of life, what waits, room on the disk: numbers and moments alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from service.errors import Busy
from service.operations import health
from service.security.keyring import Keyring
from service.store.database import Database
from service.store.installation.heartbeats import Heartbeat
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import NOON, open_world


def test_the_last_sign_of_life_counts(database: Database) -> None:
    with database.transaction() as tx:
        health.beat(tx, health.WORKER, now=NOON)
        health.beat(tx, health.WORKER, now=NOON + timedelta(seconds=15))
        health.beat(tx, health.VERIFIED, now=NOON, number=3)
    with database.transaction(write=False) as tx:
        beats = health.last_beats(tx)
    assert beats[health.WORKER].at == NOON + timedelta(seconds=15)
    assert beats[health.VERIFIED].number == 3


def test_who_was_silent_for_a_minute_is_not_alive() -> None:
    last = Heartbeat(health.WORKER, NOON)
    assert health.is_alive(last, NOON + health.SILENCE)
    assert not health.is_alive(last, NOON + health.SILENCE + timedelta(seconds=1))
    assert not health.is_alive(None, NOON)


def test_what_waits_is_counted_without_a_name(database_url: str, keyring: Keyring) -> None:
    body = small.person("a") + d.border("b", "a", d.timer("Duration", "PT1H")) + d.end("late")
    desk = open_world(database_url, keyring, small.one(body, "s>a a>e b>late"))
    case = desk.start().case_id
    with desk.database.transaction(write=False) as tx:
        now = health.load_waiting(tx, now=NOON)
        later = health.load_waiting(tx, now=NOON + timedelta(hours=3))
    assert now.timers == health.Late(1, 0, 0.0)
    assert later.timers == health.Late(1, 1, 7200.0)
    assert (now.calls, now.letters, now.incidents) == (health.Late(), {}, {})
    assert case not in str(later)
    desk.database.close()


def test_room_is_that_of_the_folder_of_the_file(tmp_path: Path) -> None:
    free = health.free_bytes(str(tmp_path / "tresteg.db"))
    assert free is not None
    assert free > 0
    assert health.free_bytes("") is None
    with pytest.raises(Busy):
        health.free_bytes(str(tmp_path / "gone" / "tresteg.db"))
