"""The golden installations: those of released versions, and one that this version makes now."""

from __future__ import annotations

from pathlib import Path

import pytest

from service import VERSION
from tests.golden.make_installation import DATABASES, make

REFUSED = "0.1.0"
"""Kept only so that the refusal of its tables is seen to work."""
VERSIONS = sorted({VERSION, *(folder.name for folder in DATABASES.iterdir())} - {REFUSED})


@pytest.fixture(scope="session", params=VERSIONS)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a version's golden installation.

    This version makes its own until it is released, and the folder is kept.
    """
    folder = DATABASES / str(request.param)
    if not folder.exists():
        folder = tmp_path_factory.mktemp("made") / VERSION
        make(folder)
    return folder
