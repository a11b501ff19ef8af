"""What the tests of the command line ask for: the folder of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.terminal import begin, tresteg


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real installation before its first start."""
    return begin(tmp_path, monkeypatch)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real installation with empty tables."""
    begin(tmp_path, monkeypatch)
    assert tresteg("db", "upgrade").exit_code == 0
    return tmp_path
