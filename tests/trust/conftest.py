"""The installation that the tests of sight share; nobody moves a case in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.security.keyring import Keyring
from tests.trust.town import Town, town


@pytest.fixture(scope="session")
def there(
    tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, keyring: Keyring
) -> Iterator[Town]:
    """One case in each stage, and everybody who might look at it."""
    with town(tmp_path_factory.mktemp("town"), empty_sqlite, keyring) as made:
        yield made
