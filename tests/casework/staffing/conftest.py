"""A desk of two colleagues, whose cases are two tasks in a row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.security.keyring import Keyring
from tests.support import small
from tests.support.world import World, open_world

PROCESS = small.one(small.person("a") + small.person("b", "ask"), "s>a a>b b>e")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, PROCESS)
    yield made
    made.database.close()


@pytest.fixture
def case(desk: World) -> str:
    """A case whose first task waits."""
    return desk.start().case_id
