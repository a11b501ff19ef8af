"""Checkpoints at the command line: kept by commands that write, demanded by `verify`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from service.standalone import witness
from tests.support.terminal import one_sentence, tresteg

OFFICE = ("--name", "An office", "--kind", "NGO", "--address", "o@example.org")


@pytest.fixture
def kept(
    installed: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The folder of checkpoints of an installation."""
    assert installed.is_dir()
    folder = tmp_path_factory.mktemp("checkpoints")
    monkeypatch.setenv("TRESTEG_CHECKPOINTS_DIR", str(folder))
    return folder


def add_office(name: str) -> None:
    done = tresteg("office", "add", name, *OFFICE)
    assert done.exit_code == 0, done.stderr


def test_a_command_that_writes_leaves_a_checkpoint(kept: Path) -> None:
    assert "TRESTEG_CHECKPOINTS_DIR names no folder" not in tresteg("doctor").stdout
    add_office("first")
    note = (kept / "newest.checkpoint").read_text("utf-8").split("\n")
    assert int(note[1]) > 0
    add_office("second")
    assert int((kept / "newest.checkpoint").read_text("utf-8").split("\n")[1]) > int(note[1])
    assert tresteg("verify").exit_code == 0


def test_a_database_that_was_put_back_is_named(kept: Path, tmp_path: Path) -> None:
    add_office("first")
    shutil.copyfile(tmp_path / "tresteg.db", tmp_path / "older.db")
    add_office("second")
    for file in tmp_path.glob("tresteg.db-*"):
        file.unlink()
    shutil.copyfile(tmp_path / "older.db", tmp_path / "tresteg.db")
    found = tresteg("verify", "--json")
    assert found.exit_code == 1
    faults = json.loads(found.stdout)["faults"]
    assert faults == ["system line 2: I10: expected the end that the log names, found none"]
    before = (kept / "newest.checkpoint").read_bytes()
    add_office("third")
    assert (kept / "newest.checkpoint").read_bytes() == before, "nothing hides what is missing"
    assert tresteg("verify").exit_code == 1
    doctor = tresteg("doctor")
    assert doctor.exit_code == 0
    assert "put back to an older state, or its history was changed" in doctor.stdout


def test_a_checkpoint_from_elsewhere_is_compared(kept: Path, tmp_path: Path) -> None:
    add_office("first")
    elsewhere = shutil.copyfile(kept / "newest.checkpoint", tmp_path / "kept.txt")
    add_office("second")
    assert tresteg("verify", "--checkpoint", elsewhere).exit_code == 0
    elsewhere.write_text("nothing\n", "utf-8")
    found = tresteg("verify", "--checkpoint", elsewhere)
    assert found.exit_code == 1
    first = found.stdout.splitlines()[0]
    assert first.startswith("log: A head of the log kept.txt: the chain of the log does not hold.")
    assert "(I10 · checkpoint kept.txt · expected a signed checkpoint, " in first
    both = tresteg("verify", "--checkpoint", elsewhere, "--sample", "1")
    assert both.exit_code == 2


def test_a_witness_notices_an_old_head_and_a_rewritten_one(kept: Path, tmp_path: Path) -> None:
    add_office("first")
    (tmp_path / "given").mkdir()
    assert tresteg("witness", "--out", tmp_path / "given").exit_code == 0
    folder = tmp_path / "given"
    keep = ["keep", "--folder", str(folder / "heads"), "--log", str(folder / "log.key")]
    assert witness.main(["key", "example.org/w", "--out", str(folder / "w.key")]) == 0
    asked = [*keep, "--head", str(kept / "newest.checkpoint"), "--key", str(folder / "w.key")]
    shutil.copyfile(tmp_path / "tresteg.db", tmp_path / "older.db")
    add_office("second")
    assert witness.main(asked) == 0
    head = folder / "heads" / "newest.checkpoint"
    fits = tresteg("verify", "--witness", head)
    assert fits.exit_code == 0
    assert "newest.checkpoint: the first" in fits.stdout
    shutil.copyfile(tmp_path / "older.db", tmp_path / "tresteg.db")
    shutil.rmtree(kept)
    kept.mkdir()
    older = tresteg("verify", "--witness", head)
    assert (older.exit_code, "entries that it counts" in older.stdout) == (1, True)
    add_office("third")
    rewritten = tresteg("verify", "--witness", head)
    assert (rewritten.exit_code, "another history in entries" in rewritten.stdout) == (1, True)
    head.write_text(head.read_text("utf-8").replace("example.org/w", "tresteg/w", 1)[:-9], "utf-8")
    assert tresteg("verify", "--witness", head).exit_code == 1


def test_an_installation_without_a_folder_is_told(installed: Path) -> None:
    assert installed.is_dir()
    assert "TRESTEG_CHECKPOINTS_DIR names no folder" in tresteg("doctor").stdout
    assert tresteg("doctor").exit_code == 0


def test_a_folder_that_is_gone_refuses_the_start(kept: Path) -> None:
    kept.rmdir()
    done = tresteg("office", "add", "first", *OFFICE)
    assert "is not there" in done.stderr
    assert done.exit_code == 78
    assert "is not there" in one_sentence(tresteg("verify"))
