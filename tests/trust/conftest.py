"""The installation that tests of visibility share; nobody moves a case in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.security.keyring import Keyring
from tests.trust.staged_world import StagedWorld, staged_world


@pytest.fixture(scope="session")
def staged(
    tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, keyring: Keyring
) -> Iterator[StagedWorld]:
    """One case in each stage, and everybody who might look at it."""
    with staged_world(tmp_path_factory.mktemp("staged"), empty_sqlite, keyring) as world:
        yield world
