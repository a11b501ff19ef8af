"""Backups at the command line, as docs/howto/backup.md tells it."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from service.security.backup_cipher import HEAD_BYTES
from service.store.database import Database
from service.store.installation import ledger_entries
from tests.support.machine import ROOT
from tests.support.terminal import one_sentence, tresteg

pytestmark = pytest.mark.every_python

GUIDE = ROOT / "docs" / "howto" / "backup.md"
PASSWORD = "a long enough password"


def commands() -> list[list[str]]:
    """Commands of the guide, in its order."""
    blocks = re.findall(r"```console\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture
def staffed(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with an office and a person, and a folder of checkpoints."""
    (installed / "log").mkdir()
    monkeypatch.setenv("TRESTEG_DATABASE_URL", f"sqlite:///{installed}/db/tresteg.db")
    monkeypatch.setenv("TRESTEG_CHECKPOINTS_DIR", str(installed / "log"))
    (installed / "db").mkdir()
    words = ("--name", "Nord", "--kind", "MYNDIGHET", "--address", "nord@example.org")
    assert tresteg("publish").exit_code == 0
    assert tresteg("office", "add", "nord", *words).exit_code == 0
    who = ("--name", "Tor Dal", "--office", "nord", "--role", "operator")
    added = tresteg("person", "add", "tor@example.org", *who)
    assert added.exit_code == 0, added.stderr
    monkeypatch.setenv("TRESTEG_AS", "tor@example.org")
    (installed / "backups").mkdir()
    return installed


def make_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = (folder / "backup-private.pem", folder / "backup-public.pem")
    assert tresteg("keys", "backup", *names).exit_code == 0
    monkeypatch.setenv("TRESTEG_BACKUP_KEY", str(folder / "backup-public.pem"))


def test_the_guide_can_be_followed_to_the_letter(
    staffed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, nightly, mkdir, move, restore, verify, gap, confirm = commands()
    assert tresteg(*make[1:]).exit_code == 0
    assert (staffed / make[3]).stat().st_mode & 0o777 == 0o400
    monkeypatch.setenv("TRESTEG_BACKUP_KEY", str(staffed / make[-1]))
    done = tresteg(*nightly[1:])
    assert (done.exit_code, done.stdout.startswith("Backup good at ")) == (0, True), done.stderr
    [file] = (staffed / "backups").iterdir()
    file.rename(staffed / restore[2])
    assert tresteg("office", "address", "nord", "new@example.org").exit_code == 0
    assert (mkdir, move) == (["mkdir", "damaged"], ["mv", "tresteg.db*", "damaged/"])
    (staffed / "damaged").mkdir()
    for old in (staffed / "db").glob("tresteg.db*"):
        old.rename(staffed / "damaged" / old.name)
    done = tresteg(*restore[1:])
    assert (done.exit_code, "letters, timers and calls wait" in done.stdout) == (0, True)
    lost = tresteg(*verify[1:])
    assert (lost.exit_code, "system: Line" in lost.stdout) == (1, True), lost.stdout
    listed = tresteg(*gap[1:])
    assert "are missing" in listed.stdout, listed.stdout
    assert "0 letters were due" in listed.stdout
    confirmed = tresteg(*confirm[1:])
    assert confirmed.stdout.startswith("The copy of "), confirmed.stderr
    whole = tresteg(*verify[1:])
    assert (whole.exit_code, whole.stdout.endswith("unbroken\n")) == (0, True), whole.stdout
    again = tresteg(*gap[1:])
    assert one_sentence(again).startswith("nothing waits for a confirmation")


def test_a_list_of_erasures_that_somebody_changed_is_said(
    staffed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_keys(staffed, monkeypatch)
    file, key = staffed / "one.backup", staffed / "backup-private.pem"
    assert tresteg("backup", "--to", file).exit_code == 0
    (staffed / "log" / "erasures").write_text("erase everything\n")
    said = "1 line of the file `erasures` next to the checkpoints is not this installation's"
    assert said in tresteg("doctor").stdout
    monkeypatch.setenv("TRESTEG_DATABASE_URL", f"sqlite:///{staffed}/db/new.db")
    for command in (("restore", file, "--key", key), ("restore", "gap"), ("restore", "confirm")):
        done = tresteg(*command)
        assert (done.exit_code, said in done.stdout) == (0, True), done.stderr
    assert list((staffed / "log").glob("before-restore-*")), "the checkpoints are set aside"
    (staffed / "log" / "erasures").unlink()
    (staffed / "log" / "erasures").mkdir()
    assert "erasures cannot be read: Is a directory" in tresteg("doctor").stderr


def test_without_a_folder_no_list_of_erasures_is_kept(
    staffed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert staffed.is_dir()
    said = "no list of erasures is kept outside the database"
    assert said not in tresteg("doctor").stdout
    monkeypatch.delenv("TRESTEG_CHECKPOINTS_DIR")
    assert said in tresteg("doctor").stdout


def test_what_is_wrong_with_a_restore_is_a_sentence(
    staffed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_keys(staffed, monkeypatch)
    file, key = staffed / "one.backup", staffed / "backup-private.pem"
    assert tresteg("backup", "--to", file).exit_code == 0
    over = tresteg("restore", file, "--key", key)
    assert "is not empty, and nothing is restored over it: stop everything" in one_sentence(over)
    assert "together with its -wal and -shm" in one_sentence(over)
    monkeypatch.setenv("TRESTEG_DATABASE_URL", f"sqlite:///{staffed}/db/new.db")
    whole = file.read_bytes()
    for name, content, says in (
        ("cut", whole[:-100], "is damaged or cut off in its chunk"),
        ("flipped", whole[: HEAD_BYTES + 5] + b"?" + whole[HEAD_BYTES + 6 :], "in its chunk 1"),
        ("other", b"a letter" * 100, "is no backup of Tresteg"),
    ):
        (staffed / name).write_bytes(content)
        done = tresteg("restore", staffed / name, "--key", key)
        assert one_sentence(done).startswith(f"{staffed / name} ")
        assert (says in one_sentence(done), done.exit_code) == (True, 2)
    nowhere = tresteg("restore", staffed / "nowhere", "--key", key)
    assert one_sentence(nowhere).endswith("cannot be read or written: No such file or directory")
    wrong = tresteg("restore", file, "--key", staffed / "backup-public.pem")
    assert one_sentence(wrong).endswith("`tresteg keys backup` makes a pair")
    assert list((staffed / "db").glob("new.db*")) == []


def test_the_ledger_names_who_made_a_backup(staffed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_keys(staffed, monkeypatch)
    monkeypatch.delenv("TRESTEG_AS")
    assert tresteg("backup", "--to", staffed / "nightly.backup").exit_code == 0
    named = ("--as", "tor@example.org")
    assert tresteg("backup", "--to", staffed / "tor.backup", *named).exit_code == 0
    unknown = tresteg("backup", "--to", staffed / "none.backup", "--as", "nobody@example.org")
    assert (unknown.exit_code, (staffed / "none.backup").exists()) == (2, False)
    assert "nobody@example.org" in one_sentence(unknown)
    with closing(sqlite3.connect(staffed / "db" / "tresteg.db")) as stored:
        actors = stored.execute(
            "SELECT actor FROM line WHERE kind = 'backup_made' ORDER BY seq"
        ).fetchall()
        (tor,) = stored.execute("SELECT id FROM person").fetchone()
    assert actors == [("installer",), (tor,)]


def test_a_backup_without_a_key_says_how_to_make_one(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = tresteg("backup", "--to", installed)
    assert "`tresteg keys backup` on another machine" in one_sentence(done)
    assert done.exit_code == 78
    make_keys(installed, monkeypatch)
    taken = tresteg("keys", "backup", installed / "backup-private.pem", installed / "new.pem")
    assert one_sentence(taken).endswith("is there already; a key is never written over")
    monkeypatch.setenv("TRESTEG_BACKUP_KEY", str(installed / "backup-private.pem"))
    private = tresteg("backup", "--to", installed)
    assert "holds a private key, which must not lie on this machine" in one_sentence(private)
    assert not list(installed.glob("*.backup"))


def test_who_confirms_is_named_where_nobody_is_an_operator(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_keys(installed, monkeypatch)
    assert tresteg("publish").exit_code == 0
    assert tresteg("backup", "--to", installed / "one.backup").exit_code == 0
    monkeypatch.setenv("TRESTEG_DATABASE_URL", f"sqlite:///{installed}/new.db")
    restored = tresteg("restore", installed / "one.backup", "--key", "backup-private.pem")
    assert restored.exit_code == 0, restored.stderr
    unnamed = tresteg("restore", "confirm")
    assert (unnamed.exit_code, one_sentence(unnamed)[:29]) == (2, "say who does this, with --as:")
    assert "nothing waits" not in tresteg("restore", "gap").stderr
    assert tresteg("restore", "confirm", "--as", "Tor Dal, IT").exit_code == 0
    stored = Database(f"sqlite:///{installed}/new.db")
    with stored.transaction(write=False) as tx:
        [entry] = ledger_entries.latest(tx, "system", limit=1)
    stored.close()
    assert (entry.kind, json.loads(entry.body)["who"]) == ("restore_confirmed", "Tor Dal, IT")
    assert "0 letters may have left" in tresteg("restore", "letters").stdout
    nothing = tresteg("restore", "send")
    assert (nothing.exit_code, tresteg("verify").exit_code) == (2, 0)
