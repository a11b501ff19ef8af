"""What tests of sign-in and sessions share."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access import Viewer
from service.people import accounts
from service.people.sessions import SessionLimits
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, SEED, World

LIMITS = SessionLimits(timedelta(minutes=15), timedelta(hours=8))


@pytest.fixture
def sara(desk: World) -> Viewer:
    """The rights of Sara."""
    with desk.database.transaction(write=False) as tx:
        found = accounts.load_viewer(tx, "p_sara")
    assert found is not None
    return found


def add_siv(desk: World, *, sign_in: str = "siv", password: bytes = b"hash") -> Viewer:
    """Add a person with a password; her rights.

    Args:
        password: as it is kept.
    """
    with desk.database.transaction() as tx:
        accounts.add_person(
            tx,
            desk.program.services,
            id_="p_siv",
            sign_in=sign_in,
            name="Siv",
            office=OFFICE,
            roles=[ROLE],
            password=password,
            language="sv",
            by=SEED,
            now=NOON,
        )
        found = accounts.load_viewer(tx, "p_siv")
    assert found is not None
    return found
