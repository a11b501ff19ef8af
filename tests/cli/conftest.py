"""What the tests of the command line ask for: the folder of an installation."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from tests.support.shipped import copy_with_one_case
from tests.support.terminal import begin, tresteg


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real installation before its first start."""
    return begin(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real installation after `db upgrade`, to be copied."""
    folder = tmp_path_factory.mktemp("upgraded")
    with pytest.MonkeyPatch.context() as patch:
        begin(folder, patch)
        assert tresteg("db", "upgrade").exit_code == 0
    return folder


@pytest.fixture
def installed(upgraded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real installation with empty tables."""
    begin(tmp_path, monkeypatch)
    copytree(upgraded, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def small_demo(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo of one case, a place for its keyring, and a folder to start it in."""
    copy_with_one_case(folder / "workflows")
    (folder / "here").mkdir()
    monkeypatch.chdir(folder / "here")
    monkeypatch.setenv("TRESTEG_WORKFLOWS_DIR", str(folder / "workflows"))
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(folder / "keys" / "demo.json"))
    monkeypatch.delenv("TRESTEG_MAIL_URL")
    return folder
