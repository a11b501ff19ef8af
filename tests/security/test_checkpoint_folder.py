"""The folder of checkpoints holds what was said last, whatever crashes."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from service.security import checkpoint
from service.security.checkpoint import Checkpoint, NoCheckpoint
from service.security.checkpoint_folder import (
    NEWEST,
    CheckpointFolder,
    OutsideLog,
    StreamHead,
    digest_of,
)
from service.security.vault import Vault

DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)


def digest(nth: int) -> bytes:
    return sha256(bytes([nth])).digest()


def note(vault: Vault, size: int) -> str:
    return checkpoint.sign(Checkpoint("tresteg/x", size, digest(size)), vault)


def test_the_newest_and_the_first_of_each_day_are_kept(tmp_path: Path, vault: Vault) -> None:
    folder = CheckpointFolder(tmp_path)
    assert folder.newest() is None
    for day, size in ((DAY, 1), (DAY, 2), (NEXT, 3), (NEXT, 4)):
        head = StreamHead(size - 1, size, digest(size))
        folder.keep(note(vault, size), [("system", head)], day=day)
    found = folder.newest()
    assert found is not None
    assert found.size == 4
    kept = {name: checkpoint.parse(text).size for name, text in folder.read().notes}
    assert kept == {"2026-03-02.checkpoint": 1, "2026-03-03.checkpoint": 3, NEWEST: 4}
    assert folder.read().heads == {"system": StreamHead(3, 4, digest(4)[:16])}
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    assert not list(tmp_path.glob("*.new"))


def test_a_note_is_never_replaced_by_a_smaller_one(tmp_path: Path, vault: Vault) -> None:
    folder = CheckpointFolder(tmp_path)
    folder.keep(note(vault, 9), [], day=DAY)
    folder.keep(note(vault, 8), [("a", StreamHead(7, 1, digest(1)))], day=DAY)
    found = folder.newest()
    assert found is not None
    assert found.size == 9
    assert folder.read().heads.keys() == {"a"}, "what has got a place is named all the same"


def test_a_line_that_a_crash_has_cut_is_written_over(tmp_path: Path, vault: Vault) -> None:
    folder = CheckpointFolder(tmp_path)
    folder.keep(note(vault, 1), [("a", StreamHead(0, 1, digest(1)))], day=DAY)
    lists = tmp_path / "2026-03-02.streams"
    whole = lists.read_bytes()
    for cut in range(1, len(whole)):
        lists.write_bytes(whole + whole[:cut])
        assert folder.read().heads.keys() == {"a"}
        assert folder.read().unreadable == ()
        folder.keep(note(vault, 1), [("b", StreamHead(1, 1, digest(2)))], day=DAY)
        assert folder.read().heads.keys() == {"a", "b"}
        lists.write_bytes(whole)
    lists.write_bytes(whole[:7])
    assert folder.read().heads == {}


@pytest.mark.parametrize("wrong", ["0 a 1\n", "x a 1 00\n", "0 a 1 00\n", "0 a b c d\n"])
def test_a_list_of_other_lines_is_told(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "2026-03-02.streams").write_text(wrong, "utf-8")
    assert CheckpointFolder(tmp_path).read().unreadable == ("2026-03-02.streams",)


def test_what_is_set_aside_is_kept_and_counts_no_more(tmp_path: Path, vault: Vault) -> None:
    folder = CheckpointFolder(tmp_path)
    folder.keep(note(vault, 9), [("a", StreamHead(8, 9, digest(1)))], day=DAY)
    before, digest_then = folder.read(), digest_of(folder.newest_note() or "")
    folder.set_aside(digest_of("another note"), "too late")
    assert folder.read() == before, "what is not the newest any more was set aside before"
    folder.set_aside(digest_then, "restored")
    assert (folder.newest(), folder.is_used()) == (None, False)
    assert folder.read() == OutsideLog(expected=True)
    assert CheckpointFolder(tmp_path / "restored").read() == before
    folder.keep(note(vault, 3), [], day=DAY)
    folder.set_aside(digest_then, "restored")
    assert (folder.newest() is not None, folder.is_used()) == (True, True)


def test_what_a_crash_left_is_set_aside_too(tmp_path: Path, vault: Vault) -> None:
    folder = CheckpointFolder(tmp_path)
    folder.keep(note(vault, 9), [("a", StreamHead(8, 9, digest(1)))], day=DAY)
    before, newest = folder.read(), folder.newest_note() or ""
    (tmp_path / "restored").mkdir()
    lists = next(tmp_path.glob("*.streams"))
    lists.rename(tmp_path / "restored" / lists.name)  # the crash came after the first file
    folder.set_aside(digest_of(newest), "restored")
    assert CheckpointFolder(tmp_path / "restored").read() == before
    assert not folder.is_used()


def test_something_else_in_the_place_of_a_note_is_no_note(tmp_path: Path) -> None:
    (tmp_path / NEWEST).write_bytes(b"\xff\n")
    with pytest.raises(NoCheckpoint):
        CheckpointFolder(tmp_path).newest()
    assert [name for name, _ in CheckpointFolder(tmp_path).read().notes] == [NEWEST]


def test_a_folder_that_keeps_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "apart").mkdir()
    database = tmp_path / "data" / "tresteg.db"
    wrong = {
        name: CheckpointFolder(tmp_path / name).wrong(database)
        for name in ("none", "data", "apart", "data/../data")
    }
    assert wrong["apart"] == ""
    assert "is not there" in wrong["none"]
    assert wrong["data"] == wrong["data/../data"]
    assert "folder of the database" in wrong["data"]
    assert CheckpointFolder(tmp_path / "data").wrong(None) == ""
