"""The installations that tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.security.keyring import Keyring
from tests.trust.filled import filled
from tests.trust.staged_world import StagedWorld, staged_world
from tests.trust.using import UsedInstallation, used


@pytest.fixture(scope="session")
def staged(
    tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, keyring: Keyring
) -> Iterator[StagedWorld]:
    """One case in each stage, and everybody who might look at it; nobody moves a case in it."""
    with staged_world(tmp_path_factory.mktemp("staged"), empty_sqlite, keyring) as world:
        yield world


@pytest.fixture(scope="session")
def used_installation(
    tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> Iterator[UsedInstallation]:
    """An installation in which a test may do what it likes: each begins with `begin_again`."""
    made = used(filled(tmp_path_factory.mktemp("used"), keyring))
    yield made
    made.here.program.database.close()
