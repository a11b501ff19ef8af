"""The kinds of database that tests run on."""

from __future__ import annotations

from typing import Final

import pytest

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
KINDS: Final = (SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres))
"""Parameters of a fixture that makes a database."""
