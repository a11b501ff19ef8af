"""What the tests of the store share: rows that fit together, and a list of the statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.store.database import Database
from tests.store.sample_rows import SampleRows


@pytest.fixture
def samples() -> SampleRows:
    return SampleRows()


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that reaches the database."""
    seen: list[str] = []
    with database.listening(lambda statement, _values, _many: seen.append(statement)):
        yield seen
