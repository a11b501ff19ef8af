"""What the start refuses, each with one sentence that says what to do.

What a database refuses stands in tests/store/test_schema.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, Text

from service.app import assemble, settings_keyring
from service.application.container import Tresteg
from service.casework.cases import turn
from service.clock import SetClock
from service.engine import ENGINE_NUMBER
from service.errors import BadSettings
from service.operations.start_checks import checkpoint_warning, prepare_database
from service.security.keyring import Keyring, make_keyring, write_keyring
from service.security.passwords import Passwords
from service.settings import Settings
from service.store.installation import installation_values as kept
from service.store.schema import unclassed
from service.store.tables.column_types import Id, plain
from tests.support import small
from tests.support.terminal import tresteg
from tests.support.world import NOON, open_world

REAL = make_keyring(demo=False)
ROOT = Path(__file__).parents[2]
MAIL = "smtp://127.0.0.1:1025?tls=off"


@pytest.fixture
def url(empty_sqlite: Path, tmp_path: Path) -> str:
    (tmp_path / "tresteg.db").write_bytes(empty_sqlite.read_bytes())
    return f"sqlite:///{tmp_path / 'tresteg.db'}"


def started(
    url: str,
    keyring: Keyring,
    *,
    mail: str = MAIL,
    clock: SetClock | None = None,
    **more: Any,
) -> Tresteg:
    """A program that is about to start; gives it when nothing was refused."""
    program = assemble(
        Settings(database_url=url, mail_url=mail, **more),
        clock=clock or SetClock(NOON),
        keyring=keyring,
        passwords=Passwords(memory=64, rounds=1),
    )
    try:
        prepare_database(program)
    finally:
        program.database.close()
    return program


def test_a_real_installation_starts_again_and_again(url: str) -> None:
    assert not started(url, REAL).demo
    assert not started(url, REAL).demo


def test_another_keyring_is_refused(url: str) -> None:
    started(url, REAL)
    with pytest.raises(BadSettings, match="name the keyring that it was made with"):
        started(url, make_keyring(demo=False))


def test_the_demos_people_are_refused_with_a_real_keyring(url: str) -> None:
    program = started(url, REAL)
    with program.database.transaction() as tx:
        kept.put(tx, "demo", "yes")
    program.database.close()
    with pytest.raises(BadSettings, match="use an empty database"):
        started(url, REAL)


HTTPS = "https://tresteg.example.org"


@pytest.fixture
def apart(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder of checkpoints that is not beside the database."""
    return str(tmp_path_factory.mktemp("apart"))


@pytest.mark.parametrize("proxies", [0, 1])
def test_behind_https_the_number_of_proxies_must_be_said(
    url: str, apart: str, proxies: int
) -> None:
    with pytest.raises(BadSettings, match="set TRESTEG_TRUSTED_PROXIES"):
        started(url, REAL, base_url=HTTPS, checkpoints_dir=apart)
    started(url, REAL, base_url=HTTPS, trusted_proxies=proxies, checkpoints_dir=apart)


def test_behind_https_checkpoints_are_kept_outside_the_database(url: str, apart: str) -> None:
    with pytest.raises(BadSettings, match="name a folder in TRESTEG_CHECKPOINTS_DIR"):
        started(url, REAL, base_url=HTTPS, trusted_proxies=1)
    started(url, REAL, base_url=HTTPS, trusted_proxies=1, checkpoints_dir=apart)


def test_a_demo_keyring_behind_https_is_refused(url: str, apart: str) -> None:
    demo = make_keyring(demo=True)
    with pytest.raises(BadSettings, match="never runs behind an https address"):
        started(url, demo, base_url=HTTPS, trusted_proxies=1, checkpoints_dir=apart)
    assert started(url, demo, mail="print:").demo


def test_debugging_with_a_real_keyring_is_refused(url: str) -> None:
    with pytest.raises(BadSettings, match="TRESTEG_DEBUG=yes leaves the memory visible, and a rea"):
        started(url, REAL, debug=True)
    assert started(url, make_keyring(demo=True), mail="print:", debug=True).settings.debug


def settings_of(keys: Path, folder: Path, **more: Any) -> Settings:
    """Settings of an installation with a keyring of its own and a database in `folder`."""
    if not keys.exists():
        write_keyring(REAL, keys)
    folder.mkdir(exist_ok=True)
    more = {"mail_url": MAIL, **more}
    return Settings(database_url=f"sqlite:///{folder}/tresteg.db", keys_file=str(keys), **more)


def test_the_keyring_lies_apart_from_all_that_is_copied(tmp_path: Path) -> None:
    settings_keyring(settings_of(tmp_path / "keys" / "k.json", tmp_path / "lib"))
    for keys, more in (
        (tmp_path / "lib" / "k.json", {}),
        (tmp_path / "lib" / "deep" / "k.json", {}),
        (tmp_path / "forms" / "k.json", {"forms_dir": str(tmp_path / "forms")}),
        (tmp_path / "notes" / "k.json", {"checkpoints_dir": str(tmp_path / "notes")}),
        (tmp_path / "flows" / "k.json", {"workflows_dir": str(tmp_path / "flows")}),
    ):
        with pytest.raises(BadSettings, match="in the folder of what it protects"):
            settings_keyring(settings_of(keys, tmp_path / "lib", **more))


def test_the_keyring_lies_apart_from_program_and_static_files() -> None:
    apart = Settings().kept_apart()
    for folder in (ROOT, ROOT / "service" / "web" / "static"):
        assert any(folder.is_relative_to(one) for one in apart)


def test_a_demo_keyring_in_a_file_is_refused_behind_https(tmp_path: Path) -> None:
    keys = tmp_path / "keys" / "k.json"
    write_keyring(make_keyring(demo=True), keys)
    settings = settings_of(keys, tmp_path / "lib", base_url=HTTPS, trusted_proxies=1)
    with pytest.raises(BadSettings, match="this is a demo keyring"):
        settings_keyring(settings)
    assert settings_keyring(replace(settings, base_url="http://127.0.0.1:5000")).demo


def test_doctor_names_everything_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = settings_of(tmp_path / "lib" / "k.json", tmp_path / "lib")
    (tmp_path / "lib").chmod(0o777)
    monkeypatch.setenv("TRESTEG_DATABASE_URL", wrong.database_url)
    monkeypatch.setenv("TRESTEG_KEYS_FILE", wrong.keys_file)
    monkeypatch.setenv("TRESTEG_BASE_URL", HTTPS)
    answer = tresteg("doctor")
    lines = answer.stderr.splitlines()
    assert answer.exit_code == 78
    assert [line.startswith("tresteg cannot start: ") for line in lines] == [True] * 4
    for word in (
        "TRESTEG_TRUSTED_PROXIES",
        "TRESTEG_CHECKPOINTS_DIR",
        "in the folder of what it protects",
        "chmod 0700",
    ):
        assert word in answer.stderr
    assert not (tmp_path / "lib" / "tresteg.db").exists()
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(tmp_path / "keys" / "k.json"))
    settings_of(tmp_path / "keys" / "k.json", tmp_path / "lib")
    for command in ("doctor", "worker", "serve"):
        answer = tresteg(command)
        assert answer.exit_code == 78
        assert "TRESTEG_TRUSTED_PROXIES" in answer.stderr
    monkeypatch.setenv("TRESTEG_TRUSTED_PROXIES", "1")
    answer = tresteg("doctor")
    assert "TRESTEG_MAIL_URL" in answer.stderr


def test_letters_that_would_not_leave_are_refused(url: str) -> None:
    with pytest.raises(BadSettings, match="set TRESTEG_MAIL_URL"):
        started(url, REAL, mail="print:")


def test_a_clock_behind_the_newest_fact_is_refused_but_in_a_demo(url: str) -> None:
    desk = open_world(url, REAL, small.row_of_tasks(1), mail_url=MAIL)
    desk.later(days=1)
    desk.start()
    moved = desk.clock.now()
    desk.database.close()
    started(url, REAL, clock=SetClock(moved - timedelta(minutes=5)))
    with pytest.raises(
        BadSettings, match="clock is behind the newest fact, of 2026-03-03 12:00 UTC"
    ):
        started(url, REAL, clock=SetClock(moved - timedelta(minutes=6)))


def test_facts_of_a_newer_engine_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_world(url, REAL, small.row_of_tasks(1), mail_url=MAIL)
    desk.start()
    with monkeypatch.context() as newer:
        newer.setattr(turn, "ENGINE_TEXT", "engine 99, codec 1")
        desk.start()
    desk.database.close()
    with pytest.raises(BadSettings, match=f"by engine 99, and this .* has engine {ENGINE_NUMBER}:"):
        started(url, REAL, clock=desk.clock)


def test_a_demos_clock_may_lie_behind(url: str) -> None:
    keyring = make_keyring(demo=True)
    desk = open_world(url, keyring, small.row_of_tasks(1))
    desk.later(days=1)
    desk.start()
    desk.database.close()
    assert started(url, keyring, mail="print:", clock=SetClock(NOON)).demo


def test_a_column_of_which_nobody_said_what_it_holds_is_named() -> None:
    tables = MetaData()
    Table("probe", tables, plain("id", Id()), Column("name", Text()))
    assert unclassed(tables) == ["probe.name"]


def kept_in(url: str, folder: Path, keyring: Keyring = REAL) -> Tresteg:
    """A program that keeps its checkpoints in a folder."""
    mail = "print:" if keyring.demo else MAIL
    settings = Settings(database_url=url, mail_url=mail, checkpoints_dir=str(folder))
    return assemble(settings, clock=SetClock(NOON), keyring=keyring)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [("none", "is not there"), (".", "lies in the folder of the database"), ("in/it", "lies in")],
)
def test_a_folder_of_checkpoints_that_is_none_is_refused(
    url: str, tmp_path: Path, place: str, sentence: str
) -> None:
    (tmp_path / "in" / "it").mkdir(parents=True)
    program = kept_in(url, tmp_path / place)
    with pytest.raises(BadSettings, match=sentence):
        prepare_database(program)
    program.database.close()


def test_a_folder_of_checkpoints_elsewhere_is_taken(
    url: str, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    program = kept_in(url, tmp_path_factory.mktemp("apart"))
    prepare_database(program)
    assert checkpoint_warning(program) == ""
    program.database.close()
    demo = kept_in(f"sqlite:///{tmp_path}/demo.db", tmp_path, make_keyring(demo=True))
    prepare_database(demo)
    assert checkpoint_warning(demo) == ""
    demo.database.close()


def test_who_keeps_no_checkpoints_is_told(url: str) -> None:
    assert "TRESTEG_CHECKPOINTS_DIR" in checkpoint_warning(started(url, REAL))
