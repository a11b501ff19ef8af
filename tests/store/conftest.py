"""What the tests of the store ask for: rows that fit together, and an eye on the statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.store.database import Database
from tests.store.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that reaches the database."""
    seen: list[str] = []
    with database.listening(lambda statement, _values, _many: seen.append(statement)):
        yield seen
