"""The demo in a database that the settings name."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from service.cli.serving import demo_site
from service.cli.web_server import free_port
from service.security.keyring import make_keyring, open_keyring, write_keyring
from service.security.passkey_answers import PasskeySite
from service.security.vault import Vault
from service.store.database import Database
from service.store.installation import offices
from service.store.installation import people as people_rows
from tests.cli.rows import tables
from tests.support.terminal import one_sentence, tresteg
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).parents[2]


def people(folder: Path) -> set[str]:
    """Ids of the people who are there."""
    database = Database(f"sqlite:///{folder}/tresteg.db")
    keyring = open_keyring(file=str(folder / "keys" / "demo.json"), production=False)
    database.row_mac = Vault(keyring).row_mac
    with database.transaction(write=False) as tx:
        found = {
            known.person.id
            for id_ in offices.everyone(tx)
            for known in people_rows.of_office(tx, id_)
        }
    database.close()
    return found


@pytest.mark.slow
def test_a_demo_uses_the_named_database_and_can_start_anew(
    small_demo: Path,
) -> None:
    first = tresteg("demo", "--seed-only")
    assert (first.exit_code, first.stdout) == (0, ""), first.stderr
    assert f"A keyring for the demo is made: {small_demo}/keys/demo.json" in first.stderr
    assert list((small_demo / "here").iterdir()) == []
    known, keys = people(small_demo), (small_demo / "keys" / "demo.json").read_bytes()
    assert known
    again = tresteg("demo", "--seed-only")
    assert again.stderr == "The demo is there already; --fresh makes it anew.\n"
    assert people(small_demo) == known
    fresh = tresteg("demo", "--seed-only", "--fresh")
    assert fresh.exit_code == 0
    assert fresh.stderr.startswith(
        f"What the demo had in the database file {small_demo}/tresteg.db is thrown away.\n"
    )
    assert len(people(small_demo)) == len(known)
    assert people(small_demo).isdisjoint(known)
    assert (small_demo / "keys" / "demo.json").read_bytes() == keys


def test_a_demo_throws_nothing_away_that_is_not_its_own(small_demo: Path) -> None:
    write_keyring(make_keyring(demo=True), small_demo / "keys" / "demo.json")
    done = tresteg("office", "add", "social", "--name", "Social", "--kind", "NGO")
    assert done.exit_code == 0, done.output
    before = tables(small_demo)
    fresh = tresteg("demo", "--seed-only", "--fresh")
    assert "holds what is not the demo's; nothing was thrown away" in one_sentence(fresh)
    assert (fresh.exit_code, tables(small_demo)) == (78, before)
    assert tresteg("demo", "--seed-only").exit_code == 78
    assert tables(small_demo) == before


def test_a_demo_never_runs_on_a_real_keyring(
    small_demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = small_demo.with_name(f"{small_demo.name}-keys") / "keyring.json"
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(keys))
    by_file = tresteg("demo", "--seed-only")
    monkeypatch.delenv("TRESTEG_KEYS_FILE")
    monkeypatch.setenv("TRESTEG_KEYS", b64encode(keys.read_bytes()).decode())
    by_value = tresteg("demo", "--seed-only")
    for done in (by_file, by_value):
        assert one_sentence(done).endswith("is a real keyring: the demo never runs on one")
        assert done.exit_code == 78
    assert list(small_demo.glob("tresteg.db*")) == []
    assert list((small_demo / "here").iterdir()) == []


def test_a_demo_says_that_its_database_cannot_be_reached(
    small_demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRESTEG_DATABASE_URL", f"sqlite:///{small_demo}/nowhere/demo.db")
    done = tresteg("demo", "--seed-only", "--fresh")
    assert "cannot be opened" in done.stderr.splitlines()[-1]
    assert done.exit_code == 2


def test_a_port_that_is_taken_is_told_before_anything_is_made(small_demo: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = tresteg("demo", "--port", port)
        assert free_port("127.0.0.1", port) != port
    assert one_sentence(done).startswith(f"tresteg cannot answer on 127.0.0.1:{port}: Address")
    assert done.exit_code == 2
    assert list(small_demo.glob("tresteg.db*")) == list((small_demo / "here").iterdir()) == []


def test_the_demo_is_opened_by_a_name_for_which_browsers_make_passkeys() -> None:
    assert demo_site("127.0.0.1", 5001) == "http://localhost:5001"
    assert PasskeySite.of(demo_site("127.0.0.1", 5001)) is not None
    assert demo_site("192.0.2.7", 5001) == "http://192.0.2.7:5001"


def test_a_second_demo_is_told_where_the_first_one_is(
    small_demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRESTEG_DATABASE_URL")
    (small_demo / "here/var").mkdir()
    with (small_demo / "here/var/demo.lock").open("w+") as first:
        first.write("http://127.0.0.1:5003/demo")
        first.flush()
        fcntl.flock(first, fcntl.LOCK_EX)
        second = tresteg("demo", "--fresh")
    assert one_sentence(second).endswith("is just being made: http://127.0.0.1:5003/demo")
    assert second.exit_code == 2
    assert [file.name for file in (small_demo / "here/var").iterdir()] == ["demo.lock"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_seed_that_is_stopped_ends_in_order(small_demo: Path, name: str) -> None:
    """A seed of all cases, so that there is time to stop it; the next start makes it whole."""
    (small_demo / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(small_demo / "tmp"), "PYTHONPATH": str(ROOT)}
    stopped = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "demo", "--seed-only"],
        env={key: value for key, value in environment.items() if key != "TRESTEG_WORKFLOWS_DIR"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert stopped.stderr is not None
    assert any("being played" in line for line in iter(stopped.stderr.readline, ""))
    signal_number = signal.Signals[name]
    stopped.send_signal(signal_number)
    said = stopped.communicate(timeout=PROGRAM)[1]
    assert (stopped.returncode, "Traceback" in said) == (128 + signal_number, False), said
    assert list((small_demo / "tmp").iterdir()) == []
    again = tresteg("demo", "--seed-only")
    assert again.exit_code == 0, again.stderr
    assert people(small_demo)
