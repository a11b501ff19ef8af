"""What tests of sign-in and sessions share."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.actions.people import accounts
from service.actions.people.accounts import SignedInPerson
from service.actions.people.sessions import SessionLimits
from tests.support.world import World

LIMITS = SessionLimits(timedelta(minutes=15), timedelta(hours=8))


@pytest.fixture
def sara(desk: World) -> SignedInPerson:
    """Sara, as she is once she has signed in."""
    with desk.database.transaction(write=False) as tx:
        found = accounts.person(tx, desk.program.services, "p_sara")
    assert found is not None
    return found
