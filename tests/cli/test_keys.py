"""Keys are turned at the command line, as docs/howto/keys.md tells it."""

from __future__ import annotations

import os
import re
import shlex
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest

from service.clock import ShiftedClock, WallClock
from service.security.keyring import open_keyring
from tests.support.machine import ROOT
from tests.support.terminal import one_sentence, tresteg

pytestmark = pytest.mark.every_python

GUIDE = ROOT / "docs" / "howto" / "keys.md"
OFFICE = ("--name", "Nord", "--kind", "MYNDIGHET", "--address", "nord@example.org")


def commands() -> list[list[str]]:
    """Commands of the guide, in its order."""
    blocks = re.findall(r"```console\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return [
        shlex.split(line)[1:] for block in blocks for line in block.splitlines() if line.strip()
    ]


def keyring_file() -> Path:
    return Path(os.environ["TRESTEG_KEYS_FILE"])


def epochs(file: Path) -> list[int]:
    """Numbers of the epochs in a keyring."""
    return [*open_keyring(file=str(file), production=False).epochs]


def go_on(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let commands be given so much later."""
    later = ShiftedClock(WallClock(), by)
    monkeypatch.setattr("service.app.WallClock", lambda: later)


@pytest.fixture
def staffed(installed: Path) -> Path:
    """An installation with an office, which has a key."""
    assert tresteg("office", "add", "nord", *OFFICE).exit_code == 0
    return installed


@pytest.mark.usefixtures("staffed")
def test_the_guide_can_be_followed_to_the_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    status, begin, rotate, retire = commands()
    assert tresteg(*status).stdout.startswith("Keys are wrapped by epoch 1, since ")
    done = tresteg(*begin)
    assert (done.exit_code, epochs(keyring_file())) == (0, [1, 2]), done.stderr
    assert "start every `tresteg serve` and `tresteg worker` anew" in done.stdout
    assert keyring_file().stat().st_mode & 0o777 == 0o400
    again = tresteg(*begin)
    assert again.stdout.startswith("Epoch 2 is in the keyring already."), again.stderr
    done = tresteg(*rotate)
    assert (done.exit_code, done.stderr) == (0, "1 keys were wrapped by epoch 2.\n")
    assert "Epoch 1 can be retired from " in done.stdout
    assert "the newest of the keyring" in tresteg(*rotate).stdout
    early = tresteg(*retire)
    assert early.exit_code == 3
    assert "backups are kept for 28 days" in one_sentence(early)
    go_on(monkeypatch, timedelta(days=30))
    assert "Epoch 1 can be retired: run `tresteg keys retire`." in tresteg("doctor").stdout
    done = tresteg(*retire)
    assert (done.exit_code, epochs(keyring_file())) == (0, [2]), done.stderr
    assert "Keep a copy of it, destroy the copies of before" in done.stdout
    checked = tresteg("verify")
    assert checked.exit_code == 0, checked.stdout
    none = tresteg(*retire)
    assert one_sentence(none).startswith("the keyring has no epoch before 2")


def test_a_keyring_that_cannot_be_replaced_is_handed_over(
    staffed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = keyring_file().read_bytes()
    monkeypatch.delenv("TRESTEG_KEYS_FILE")
    monkeypatch.setenv("TRESTEG_KEYS", b64encode(document).decode())
    refused = tresteg("keys", "rotate", "--begin")
    assert "name a new file with --to" in one_sentence(refused)
    new = staffed.with_name(f"{staffed.name}-keys") / "new.json"
    done = tresteg("keys", "rotate", "--begin", "--to", new)
    assert (done.exit_code, epochs(new)) == (0, [1, 2]), done.stderr
    over = tresteg("keys", "rotate", "--begin", "--to", new)
    assert one_sentence(over).endswith("is there already; a keyring is never written over")
    monkeypatch.setenv("TRESTEG_KEYS", b64encode(new.read_bytes()).decode())
    assert tresteg("keys", "rotate").exit_code == 0
    go_on(monkeypatch, timedelta(days=30))
    last = new.with_name("last.json")
    assert tresteg("keys", "retire", "--to", last).exit_code == 0
    assert epochs(last) == [2]
    monkeypatch.setenv("TRESTEG_KEYS", b64encode(document).decode())
    older = tresteg("keys", "status")
    assert older.exit_code == 78
    assert "the keyring is an older copy: its newest epoch is 1" in one_sentence(older)


@pytest.mark.usefixtures("staffed")
def test_words_that_do_not_fit_are_a_sentence() -> None:
    alone = tresteg("keys", "rotate", "--to", "new.json")
    assert one_sentence(alone) == "--to is for --begin, which writes the keyring"
    nowhere = tresteg("keys", "rotate", "--begin", "--to", "nowhere/new.json")
    assert "nowhere cannot be written by this user" in one_sentence(nowhere)
    assert epochs(keyring_file()) == [1]
