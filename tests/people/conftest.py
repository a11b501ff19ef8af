"""What tests of sign-in and sessions share."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access import Viewer
from service.people import accounts
from service.people.sessions import SessionLimits
from tests.support.world import World

LIMITS = SessionLimits(timedelta(minutes=15), timedelta(hours=8))


@pytest.fixture
def sara(desk: World) -> Viewer:
    """The rights of Sara."""
    with desk.database.transaction(write=False) as tx:
        found = accounts.load_viewer(tx, "p_sara")
    assert found is not None
    return found
