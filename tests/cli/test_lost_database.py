"""A database that is not there beside the checkpoints of a full one is never made anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.roles import Addresses, two_roles
from tests.support.terminal import begin, one_sentence, tresteg

OFFICE = ("--name", "An office", "--kind", "NGO", "--address", "o@example.org")
COMMANDS = (
    ("serve", "--port", "5999"),
    ("worker",),
    ("publish",),
    ("office", "add", "second", *OFFICE),
    ("verify",),
    ("backup",),
    ("restore", "gap"),
    ("db", "upgrade"),
)


@pytest.fixture
def used(
    installed: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An installation with an office, and checkpoints of that."""
    kept = tmp_path_factory.mktemp("checkpoints")
    monkeypatch.setenv("TRESTEG_CHECKPOINTS_DIR", str(kept))
    assert tresteg("office", "add", "first", *OFFICE).exit_code == 0
    assert list(kept.glob("*.checkpoint"))
    return installed


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
@pytest.mark.parametrize("left", ["nothing", "an empty file", "empty tables"])
def test_nothing_is_made_in_the_place_of_a_lost_database(
    used: Path, upgraded: Path, words: tuple[str, ...], left: str
) -> None:
    file = used / "tresteg.db"
    for part in used.glob("tresteg.db*"):
        part.unlink()
    if left == "an empty file":
        file.touch()
    if left == "empty tables":
        file.write_bytes((upgraded / "tresteg.db").read_bytes())
    before = file.read_bytes() if file.exists() else None
    done = tresteg(*words)
    said = one_sentence(done)
    assert said.startswith(f"tresteg cannot start: the database file {file} is empty or not there")
    for what in ("is mounted", "`tresteg restore`", "move everything out of"):
        assert what in said
    assert done.exit_code == 78
    assert (file.read_bytes() if file.exists() else None) == before
    doctor = tresteg("doctor")
    assert (doctor.exit_code, "is empty or not there" in doctor.stderr) == (78, True)


def test_a_folder_without_checkpoints_lets_a_new_installation_begin(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (used / "tresteg.db").unlink()
    (used / "log").mkdir()
    (used / "db").mkdir()
    monkeypatch.setenv("TRESTEG_CHECKPOINTS_DIR", str(used / "log"))
    monkeypatch.setenv("TRESTEG_DATABASE_URL", f"sqlite:///{used}/db/tresteg.db")
    assert tresteg("office", "add", "first", *OFFICE).exit_code == 0
    assert tresteg("office", "add", "second", *OFFICE).exit_code == 0


def test_no_demo_is_made_in_the_place_of_a_lost_database(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (used / "tresteg.db").unlink()
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(used / "keys" / "demo.json"))
    done = tresteg("demo", "--seed-only")
    assert "is empty or not there" in done.stderr.splitlines()[-1]
    assert (done.exit_code, (used / "tresteg.db").exists()) == (78, False)


@pytest.fixture
def addresses(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Addresses:
    """An installation on PostgreSQL before its tables are made, with checkpoints of a full one."""
    found = two_roles(database_url)
    begin(tmp_path, monkeypatch)
    monkeypatch.setenv("TRESTEG_DATABASE_URL", found.service)
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "2026-03-02.streams").touch()
    monkeypatch.setenv("TRESTEG_CHECKPOINTS_DIR", str(tmp_path / "log"))
    return found


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_empty_database_on_postgres_is_refused_too(
    addresses: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = "look whether TRESTEG_DATABASE_URL names the right one"
    for words in (("serve",), ("worker",), ("publish",), ("doctor",)):
        assert says in tresteg(*words).stderr.splitlines()[-1]
    monkeypatch.setenv("TRESTEG_OWNER_DATABASE_URL", addresses.owner)
    assert says in one_sentence(tresteg("db", "upgrade"))
    monkeypatch.delenv("TRESTEG_CHECKPOINTS_DIR")
    assert tresteg("db", "upgrade").exit_code == 0
    monkeypatch.delenv("TRESTEG_OWNER_DATABASE_URL")
    monkeypatch.setenv("TRESTEG_CHECKPOINTS_DIR", str(tmp_path / "log"))
    for words in (("serve",), ("worker",), ("publish",), ("doctor",)):
        assert says in tresteg(*words).stderr.splitlines()[-1], "tables without an entry"
