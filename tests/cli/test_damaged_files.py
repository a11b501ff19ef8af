"""A damaged file of the database is one sentence with what to do, whichever command meets it."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from service.errors import DamagedDatabase
from service.store.connections import PAGE_BYTES
from service.store.database import Database
from tests.support.terminal import one_sentence, tresteg

PAGE = PAGE_BYTES
LOOKS = (("verify",), ("db", "check"), ("office", "list"), ("incident", "list"))
STARTS = (("serve", "--port", "5999"), ("worker",), ("publish",))
Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "cut in half": lambda whole: whole[: len(whole) // 2],
    "cut inside a page": lambda whole: whole[: len(whole) // 2 + 1000],
    "cut to its first bytes": lambda whole: whole[:50],
    "first page torn": lambda whole: whole[:100] + os.urandom(PAGE - 100) + whole[PAGE:],
    "second page empty": lambda whole: whole[:PAGE] + bytes(PAGE) + whole[2 * PAGE :],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("words", [*LOOKS, *STARTS], ids=lambda words: words[0])
def test_a_damaged_file_is_named_with_what_to_do(
    installed: Path, damage: Damage, words: tuple[str, ...]
) -> None:
    file = installed / "tresteg.db"
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)
    done = tresteg(*words)
    said = one_sentence(done)
    assert said.startswith(f"the database file {file} is damaged, or a -wal of another database")
    assert "move the file away together with its -wal and -shm" in said
    assert "docs/howto/backup.md" in said
    assert (done.exit_code, file.read_bytes()) == (2, damaged)


TORN = 12
"""Times that pages are drawn, three each time."""


def test_torn_pages_are_named_by_the_doctor_and_by_a_start(installed: Path) -> None:
    file = installed / "tresteg.db"
    with sqlite3.connect(file) as kept:
        kept.execute("CREATE TABLE filler (a TEXT PRIMARY KEY, b BLOB)")
        kept.executemany(
            "INSERT INTO filler VALUES (?, ?)",
            [(f"{n} " * 90, os.urandom(300)) for n in range(900)],
        )
    kept.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept.close()
    whole = file.read_bytes()
    chance = random.Random(7)  # noqa: S311 - a test wants the same pages again
    for nth in range(TORN):
        torn = bytearray(whole)
        for page in chance.sample(range(1, len(whole) // PAGE), 3):
            torn[page * PAGE : (page + 1) * PAGE] = chance.randbytes(PAGE)
        file.write_bytes(torn)
        words = [("doctor",), ("serve", "--port", "5999"), ("worker",)][nth % 3]
        done = tresteg(*words)
        last = done.stderr.splitlines()[-1]
        assert last.startswith(f"the database file {file} is damaged")
        assert done.exit_code == 2
        assert file.read_bytes() == torn
    file.write_bytes(whole)
    assert "is damaged" not in tresteg("doctor").stderr, "its table is none of ours, and whole"


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_the_doctor_says_it_too(installed: Path, damage: Damage) -> None:
    file = installed / "tresteg.db"
    file.write_bytes(damage(file.read_bytes()))
    done = tresteg("doctor")
    assert done.stderr.splitlines()[-1].startswith(f"the database file {file} is damaged")
    assert done.exit_code == 2


def test_a_page_that_only_a_full_look_meets_is_told(installed: Path) -> None:
    file = installed / "tresteg.db"
    with sqlite3.connect(file) as kept:
        kept.execute("CREATE TABLE filler (a TEXT)")
        kept.executemany("INSERT INTO filler VALUES (?)", [("y" * 2000,)] * 100)
    kept.close()
    whole = bytearray(file.read_bytes())
    whole[-5 * PAGE : -4 * PAGE] = bytes(PAGE)
    file.write_bytes(whole)
    done = tresteg("db", "check")
    assert done.exit_code in {1, 2}
    assert done.stderr.startswith(f"the database file {file} is damaged")


def test_a_wal_that_was_left_beside_a_copy_is_noticed(installed: Path) -> None:
    file, copy = installed / "tresteg.db", installed / "copy.db"
    with sqlite3.connect(file) as kept:
        kept.execute("CREATE TABLE filler (a TEXT)")
        kept.executemany("INSERT INTO filler VALUES (?)", [(f"{n} " * 300,) for n in range(900)])
    kept.close()
    shutil.copyfile(file, copy)
    with sqlite3.connect(file) as kept:
        kept.execute("DELETE FROM filler WHERE rowid % 3 > 0")
        kept.execute("CREATE TABLE more (a TEXT PRIMARY KEY)")
        kept.executemany("INSERT INTO more VALUES (?)", [(f"{n} " * 200,) for n in range(900)])
    kept.close()
    working = sqlite3.connect(file)
    working.execute("PRAGMA wal_autocheckpoint=0")
    working.execute("UPDATE more SET a = 'z' || a WHERE rowid % 2")
    working.execute("DELETE FROM filler WHERE rowid % 2")
    working.commit()
    left = Path(f"{file}-wal").read_bytes()
    working.close()
    shutil.copyfile(copy, file)  # as if the machine had died, and somebody had put the copy back
    Path(f"{file}-wal").write_bytes(left)
    doctor = tresteg("doctor")
    assert "is damaged, or a -wal of another database lies next to it" in doctor.stderr
    assert doctor.exit_code == 2
    database = Database(f"sqlite:///{file}")
    with pytest.raises(DamagedDatabase, match="move the file away together with its -wal"):
        database.refuse_torn()
    database.close()
