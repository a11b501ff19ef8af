"""The morning at which gathered letters leave: the office's next working day, in its zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.casework.letters.gathered_letters import next_morning
from service.security.keyring import Keyring
from service.store.installation import offices
from service.store.work.letters import Letter
from tests.support import small
from tests.support.by_hand import entry
from tests.support.directory import OFFICE
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.one(small.person("a"), "s>a a>e"))
    yield made
    made.database.close()


@pytest.mark.parametrize(
    ("zone", "now", "morning"),
    [
        ("Europe/Stockholm", "2026-03-02T05:59", "2026-03-02T06:00"),
        ("Europe/Stockholm", "2026-03-02T06:00", "2026-03-03T06:00"),
        ("Europe/Stockholm", "2026-03-06T12:00", "2026-03-09T06:00"),
        ("Europe/Stockholm", "2026-03-27T12:00", "2026-03-30T05:00"),
        ("Europe/Helsinki", "2026-03-02T12:00", "2026-03-03T05:00"),
        ("Asia/Bangkok", "2026-03-02T23:59", "2026-03-03T00:00"),
    ],
)
def test_gathered_letters_leave_on_a_working_morning(
    desk: World, zone: str, now: str, morning: str
) -> None:
    case = desk.start().case_id
    with desk.database.transaction() as tx:
        office = offices.get(tx, OFFICE)
        assert office is not None
        offices.save(tx, replace(office, zone=zone))
        entry(tx, "system")
        letter = Letter("k", case, OFFICE, "", "news", "sv", {}, "", desk.clock.now())
        at = datetime.fromisoformat(now).replace(tzinfo=UTC)
        found = next_morning(tx, desk.program.services, letter, at)
    assert found == datetime.fromisoformat(morning).replace(tzinfo=UTC)
