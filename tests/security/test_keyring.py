"""The keyring is read from one guarded place, or the service does not start."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from service.errors import BadSettings
from service.security.keyring import (
    demo_keyring,
    make_keyring,
    open_keyring,
    parse_keyring,
    with_next_epoch,
    without_epochs,
    write_keyring,
)


def test_a_keyring_is_written_for_its_owner_only_and_read_back(tmp_path: Path) -> None:
    keyring = make_keyring(demo=False)
    path = tmp_path / "keys" / "keyring.json"
    write_keyring(keyring, path)
    assert path.stat().st_mode & 0o777 == 0o400
    assert open_keyring(file=str(path), production=True) == keyring


def test_a_keyring_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    first = make_keyring(demo=False)
    write_keyring(first, path)
    path.chmod(0o440)
    write_keyring(with_next_epoch(first), path)
    assert path.stat().st_mode & 0o777 == 0o440
    assert open_keyring(file=str(path), production=True).epoch == 2
    assert [file.name for file in tmp_path.iterdir()] == ["keyring.json"]


def test_a_keyring_may_come_in_base64(tmp_path: Path) -> None:
    keyring = make_keyring(demo=False)
    encoded = b64encode(keyring.document().encode()).decode()
    assert open_keyring(encoded=encoded, production=True) == keyring
    with pytest.raises(BadSettings, match="two keyrings"):
        open_keyring(encoded=encoded, file=str(tmp_path / "k"), production=True)
    with pytest.raises(BadSettings, match="base64"):
        open_keyring(encoded="not base64!", production=True)


def test_without_a_keyring_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="no keyring"):
        open_keyring(production=True)
    with pytest.raises(BadSettings, match="cannot be found"):
        open_keyring(file=str(tmp_path / "gone"), production=True)


@pytest.mark.parametrize("mode", [0o600, 0o444, 0o460])
def test_a_file_that_may_be_written_or_read_by_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keyring.json"
    write_keyring(make_keyring(demo=False), path)
    path.chmod(mode)
    with pytest.raises(BadSettings, match="chmod 0400"):
        open_keyring(file=str(path), production=True)


def test_a_keyring_in_the_folder_of_the_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data" / "keyring.json"
    write_keyring(make_keyring(demo=False), path)
    with pytest.raises(BadSettings, match="in the folder of what it protects"):
        open_keyring(file=str(path), production=True, apart_from=[tmp_path / "data"])


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys" / "keyring.json"
    write_keyring(make_keyring(demo=False), path)
    path.parent.chmod(mode)
    with pytest.raises(BadSettings, match="may be written by others"):
        open_keyring(file=str(path), production=False)


def test_a_folder_above_that_all_may_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "above" / "keys" / "keyring.json"
    write_keyring(make_keyring(demo=False), path)
    (tmp_path / "above").chmod(0o777)
    with pytest.raises(BadSettings, match="or a folder above it"):
        open_keyring(file=str(path), production=False)
    (tmp_path / "above").chmod(0o1777)
    assert not open_keyring(file=str(path), production=False).demo


def test_a_demo_keyring_is_made_once_and_refused_in_production(tmp_path: Path) -> None:
    path = tmp_path / "demo-keyring.json"
    made = demo_keyring(path)
    assert made.demo
    assert demo_keyring(path) == made
    with pytest.raises(BadSettings, match="demo keyring"):
        open_keyring(file=str(path), production=True)


def test_the_demo_never_runs_on_a_real_keyring(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    write_keyring(make_keyring(demo=False), path)
    with pytest.raises(BadSettings, match="never runs"):
        demo_keyring(path)


@pytest.mark.parametrize(
    "damage",
    [
        {"v": 2},
        {"demo": "yes"},
        {"epochs": {}},
        {"epochs": {"1": "c2hvcnQ="}},
        {"epochs": []},
        {"index": "c2hvcnQ="},
        {"row": None},
        {"ledger": "!"},
    ],
    ids=str,
)
def test_a_damaged_keyring_is_refused_without_telling_a_key(damage: dict[str, object]) -> None:
    document = json.loads(make_keyring(demo=False).document())
    with pytest.raises(BadSettings) as refused:
        parse_keyring(json.dumps({**document, **damage}))
    assert document["index"] not in str(refused.value)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        parse_keyring("keys")


def test_the_newest_epoch_is_never_destroyed() -> None:
    keyring = with_next_epoch(make_keyring(demo=False))
    assert sorted(without_epochs(keyring, 9).epochs) == [2]
