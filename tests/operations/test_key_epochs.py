"""Epochs of the keyring: the database says which one wraps, and no keyring that does not fit goes
with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, update

from service.casework import clock_guard
from service.errors import (
    BadSettings,
    CaseMoved,
    ClockJumped,
    RowRefused,
    Stale,
    UnusableFile,
)
from service.operations import key_epochs
from service.operations.start_checks import check_installation
from service.records.context import Actor
from service.security.keyring import Keyring, with_next_epoch, without_epochs
from service.security.vault import Vault
from service.store.casefile import cases
from service.store.installation import keys, ledger_entries
from service.store.tables import setting
from tests.support import small
from tests.support.backups import BackupFiles, backup_files
from tests.support.world import World, open_world

OPERATOR = Actor("cli")
KINDS = ("keys_epoch_added", "keys_rotation_begun", "keys_rotated", "keys_retired")


@pytest.fixture
def first(database_url: str, keyring: Keyring) -> Iterator[World]:
    """An installation with two cases whose keys are under epoch 1."""
    world = open_world(database_url, keyring, small.bench())
    for _ in range(2):
        world.start(small.ANSWERS)
    yield world
    world.database.close()


@pytest.fixture
def files(tmp_path: Path) -> BackupFiles:
    return backup_files(tmp_path / "backups")


def begun_with(world: World, keyring: Keyring) -> World:
    """The installation in a process that begins now, with this keyring.

    Raises:
        BadSettings: the start is refused.
    """
    services = replace(world.program.services, vault=Vault(keyring))
    again = replace(world, program=replace(world.program, services=services))
    check_installation(again.program)
    return again


def announced(world: World, keyring: Keyring) -> Keyring:
    """The keyring with its next epoch, which the database knows of."""
    following = with_next_epoch(keyring)
    key_epochs.announce_epoch(world.program, Vault(following), by=OPERATOR)
    return following


def rotated(world: World, keyring: Keyring) -> World:
    """A process that has turned all keys to the newest epoch of its keyring."""
    made = begun_with(world, keyring)
    assert key_epochs.rotate(made.program, by=OPERATOR, tell=lambda *_: None) is not None
    return made


def retired(world: World, keyring: Keyring) -> Keyring:
    """The keyring without its old epochs, 29 days later."""
    world.later(days=29)
    record = key_epochs.retire(world.program, by=OPERATOR)
    assert record.ended is not None
    return without_epochs(keyring, record.epoch, opens_from=record.ended.isoformat())


def in_use(world: World) -> list[int]:
    """The epochs that wrap a key."""
    with world.database.transaction(write=False) as tx:
        return keys.epochs_in_use(tx)


def sentences(world: World) -> list[str]:
    """The status, as `tresteg keys status` says it."""
    now: datetime = world.clock.now()
    with world.database.transaction(write=False) as tx:
        status = key_epochs.load_status(tx, world.program, now=now)
    return [*key_epochs.status_sentences(status, "en", now=now)]


def test_an_epoch_that_waits_wraps_nothing(first: World, keyring: Keyring) -> None:
    made = begun_with(first, announced(first, keyring))
    made.start(small.ANSWERS)
    assert in_use(made) == [1]
    first.start(small.ANSWERS)
    assert first.faults() == []
    assert sentences(made)[1].startswith("Epoch 2 is in the keyring and wraps nothing yet")


def test_all_keys_are_turned_and_the_old_epoch_goes(first: World, keyring: Keyring) -> None:
    both = announced(first, keyring)
    made = rotated(first, both)
    assert in_use(made) == [2]
    assert key_epochs.rotate(made.program, by=OPERATOR, tell=lambda *_: None) is None
    assert sentences(made) == [
        "Keys are wrapped by epoch 2, since 2026-03-02 (0 days).",
        "Epoch 1 can be retired from 2026-03-31 12:00 UTC on.",
    ]
    alone = begun_with(made, retired(made, both))
    assert sentences(alone) == ["Keys are wrapped by epoch 2, since 2026-03-02 (29 days)."]
    alone.start(small.ANSWERS)
    assert alone.faults() == []
    with alone.database.transaction(write=False) as tx:
        entries = ledger_entries.latest(tx, "system", kinds=KINDS, limit=9)
    assert [entry.kind for entry in entries] == [*reversed(KINDS)]


def test_a_process_goes_over_with_the_first_new_key_that_it_opens(
    first: World, keyring: Keyring
) -> None:
    both = announced(first, keyring)
    running = begun_with(first, both)
    case = running.start(small.ANSWERS).case_id
    made = rotated(first, both)
    assert running.program.services.vault.epoch == 1
    running.start(small.ANSWERS)
    assert in_use(made) == [1, 2]
    with pytest.raises(Stale, match="keys are still wrapped by epoch 1: run `tresteg keys rot"):
        key_epochs.retire(made.program, by=OPERATOR)
    running.complete(running.tasks(case)[0].key, small.ANSWERS)
    running.start(small.ANSWERS)
    again = key_epochs.rotate(made.program, by=OPERATOR, tell=lambda *_: None)
    assert (again, in_use(made)) == (key_epochs.Rotation(4, ()), [2])
    assert running.faults() == []


def test_what_slept_since_the_old_epoch_went_loses_no_key(first: World, keyring: Keyring) -> None:
    both = announced(first, keyring)
    retired(rotated(first, both), both)
    with pytest.raises(CaseMoved):
        first.start(small.ANSWERS)
    assert in_use(first) == [2]
    assert begun_with(first, both).faults() == []


def test_a_start_refuses_a_keyring_that_does_not_fit(first: World, keyring: Keyring) -> None:
    both = announced(first, keyring)
    another = with_next_epoch(keyring)
    with pytest.raises(BadSettings, match="another key for epoch 2 than the one that belongs"):
        begun_with(first, another)
    begun_with(first, keyring)
    made = rotated(first, both)
    with pytest.raises(BadSettings, match="older copy: its newest epoch is 1, and the database h"):
        begun_with(made, keyring)
    with pytest.raises(BadSettings, match="another key for epoch 2"):
        begun_with(made, with_next_epoch(another))
    first.start(small.ANSWERS)
    with pytest.raises(
        BadSettings, match=r"by epoch 1, which the keyring does not have \(it has 2"
    ):
        begun_with(made, without_epochs(both, 2))


def test_of_two_next_epochs_the_last_one_begins(first: World, keyring: Keyring) -> None:
    began_before = begun_with(first, announced(first, keyring))
    last = announced(first, keyring)
    with pytest.raises(BadSettings, match="a next epoch was made twice"):
        key_epochs.rotate(began_before.program, by=OPERATOR, tell=lambda *_: None)
    assert in_use(rotated(first, last)) == [2]


def test_an_epoch_is_not_retired_too_soon(first: World, keyring: Keyring) -> None:
    with pytest.raises(Stale, match="no epoch before 1: there is none to retire"):
        key_epochs.retire(first.program, by=OPERATOR)
    both = announced(first, keyring)
    made = begun_with(first, both)
    with pytest.raises(Stale, match="no epoch before 1"):
        key_epochs.retire(made.program, by=OPERATOR)
    made = rotated(made, both)
    made.later(days=28)
    with pytest.raises(Stale) as early:
        key_epochs.retire(made.program, by=OPERATOR)
    assert str(early.value) == (
        "a backup of 2026-03-02 may need epoch 1, and backups are kept for 28 days "
        "(TRESTEG_BACKUP_DAYS): it can be retired from 2026-03-31 12:00 UTC on"
    )
    with made.database.transaction() as tx:
        clock_guard.pause(tx, by=timedelta(days=28), now=made.clock.now())
    made.later(days=1)
    with pytest.raises(ClockJumped):
        key_epochs.retire(made.program, by=OPERATOR)


def test_a_record_that_somebody_changed_retires_nothing(first: World, keyring: Keyring) -> None:
    made = rotated(first, announced(first, keyring))
    with made.database.transaction() as tx:
        ended = func.replace(setting.c.value, "2026-03-02", "2026-01-02")
        changed = update(setting).where(setting.c.name == key_epochs.SETTING)
        tx.run(changed.values(value=ended))
    assert "Epoch 1 can be retired: run `tresteg keys retire`." in sentences(made)
    with pytest.raises(RowRefused):
        key_epochs.retire(made.program, by=OPERATOR)


def test_the_next_epoch_waits_for_the_end_of_a_rotation(first: World, keyring: Keyring) -> None:
    both = announced(first, keyring)
    running = begun_with(first, both)
    made = rotated(first, both)
    running.start(small.ANSWERS)
    with pytest.raises(Stale, match="the rotation to epoch 2 is not finished"):
        announced(made, both)


def test_a_key_that_does_not_open_stays_and_keeps_its_epoch(first: World, keyring: Keyring) -> None:
    both = announced(first, keyring)
    made = begun_with(first, both)
    with made.database.transaction(write=False) as tx:
        (one, *_) = keys.older(tx, 2)
    with made.database.transaction() as tx:
        keys.rewrap(tx, [(one, replace(one, wrapped=one.wrapped[:-1] + b"?"))])
    done = key_epochs.rotate(made.program, by=OPERATOR, tell=lambda *_: None)
    assert done is not None
    assert done.unopened == (one.owner,)
    assert in_use(made) == [1, 2]
    made.later(days=30)
    with pytest.raises(Stale, match="1 keys are still wrapped by epoch 1"):
        key_epochs.retire(made.program, by=OPERATOR)


def test_a_backup_of_a_retired_epoch_says_so_and_which_still_open(
    first: World, keyring: Keyring, files: BackupFiles, tmp_path: Path
) -> None:
    both = announced(first, keyring)
    files.backup(first.program, "before.backup")
    first.later(hours=1)
    made = rotated(first, both)
    made.later(minutes=1)
    files.backup(made.program, "after.backup")
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    alone = begun_with(made, retired(made, both))
    with pytest.raises(UnusableFile) as refused:
        files.restore(alone.program, url, files.folder / "before.backup")
    assert str(refused.value) == (
        f"{files.folder / 'before.backup'} cannot be opened any more: its keys are wrapped by "
        "epoch 1, which was retired (the keyring has epoch 2). Backups that were begun from "
        "2026-03-02 13:00 UTC on still open"
    )
    with pytest.raises(UnusableFile, match="with this keyring: its keys are wrapped by epoch 2"):
        files.restore(first.program, url, files.folder / "after.backup")
    restored = files.restore(alone.program, url, files.folder / "after.backup")
    with restored.database.transaction(write=False) as tx:
        assert len(cases.listed(tx)) == 2
    restored.database.close()


def test_a_backup_of_an_earlier_epoch_works_by_that_one(
    first: World, keyring: Keyring, files: BackupFiles, tmp_path: Path
) -> None:
    files.backup(first.program)
    both = announced(first, keyring)
    made = rotated(first, both)
    restored = files.restore(made.program, f"sqlite:///{tmp_path / 'restored.db'}")
    world = begun_with(replace(made, program=restored), both)
    world.start(small.ANSWERS)
    assert in_use(world) == [1]
    assert in_use(rotated(world, both)) == [2]
    restored.database.close()


def test_an_old_epoch_is_said_to_be_old(first: World) -> None:
    first.later(days=100)
    assert len(sentences(first)) == 1
    first.later(days=1)
    assert "Run `tresteg keys rotate --begin`." in sentences(first)[1]


def test_a_process_without_the_newest_epoch_is_not_ready(first: World, keyring: Keyring) -> None:
    assert "keys" not in first.browser().get("/readyz").get_json()["why"]
    rotated(first, announced(first, keyring))
    assert "keys" in first.browser().get("/readyz").get_json()["why"]
