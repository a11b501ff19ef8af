"""F1, r1 to r6: keys are turned while people work, and killed at every place: each case stays
readable, and the next run goes on.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from service import fault_points
from service.errors import CaseMoved, TaskClosed
from service.operations import key_epochs
from service.operations.start_checks import check_installation
from service.records.context import Actor
from service.security.keyring import (
    Keyring,
    open_keyring,
    with_next_epoch,
    without_epochs,
    write_keyring,
)
from service.security.vault import Vault
from service.store.casefile import cases as case_rows
from service.store.installation import keys
from tests.support import small
from tests.support.forks import fork, status_of
from tests.support.scale import figure, seeded
from tests.support.world import World, open_world

OPERATOR = Actor("cli")
CASES, KILLS = figure("epochs"), figure("turns_killed")
PLACES = {"begin": ("r1",), "rotate": ("r2", "r3", "r4", "r5"), "retire": ("r6",)}
LOAD, AT_WORK = 6, 2
"""Acts of one person in a round, and how many people there are."""


def opened(world: World, file: Path) -> World:
    """The installation in another process, which begins now and reads the keyring."""
    again = world.again()
    vault = Vault(open_keyring(file=str(file), production=False))
    program = replace(again.program, services=replace(again.program.services, vault=vault))
    check_installation(program)
    return replace(again, program=program)


def phase_of(world: World, file: Path) -> str:
    """What an operator does next: `begin`, `rotate` or `retire`."""
    keyring = open_keyring(file=str(file), production=False)
    with world.database.transaction(write=False) as tx:
        record = key_epochs.load_record(tx)
    world.database.close()
    if record is None or keyring.epoch > record.epoch or not (record.ended or record.epoch == 1):
        return "begin" if len(keyring.epochs) == 1 else "rotate"
    return "retire" if len(keyring.epochs) > 1 else "begin"


def turn_keys(world: World, file: Path, phase: str, die_at: str, passes: int) -> None:
    """The next thing that an operator does, whatever was done before it. The process is killed at a
    place when it passes it for the n-th time; nowhere when it is named none.
    """
    left = [passes]

    def passing(place: str) -> None:
        left[0] -= place == die_at
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    fault_points.arm(passing)
    program = opened(world, file).program
    keyring = open_keyring(file=str(file), production=False)
    if phase == "begin":
        following = with_next_epoch(keyring)
        key_epochs.announce_epoch(program, Vault(following), by=OPERATOR)
        fault_points.hit("r1")
        write_keyring(following, file)
    elif phase == "rotate":
        key_epochs.rotate(program, by=OPERATOR, tell=lambda *_: None)
    else:
        key_epochs.rotate(program, by=OPERATOR, tell=lambda *_: None)
        record = key_epochs.retire(program, by=OPERATOR)
        write_keyring(without_epochs(keyring, record.epoch), file)


def work(parent: World, file: Path, seed: int) -> None:
    """People begin cases and complete tasks, with the keyring as it is now."""
    chance = random.Random(seed)  # noqa: S311 - a test wants the same acts again
    world = opened(parent, file)
    with world.database.transaction(write=False) as tx:
        known = [case.id for case in case_rows.listed(tx, status="open", limit=CASES)]
    for _ in range(LOAD):
        if chance.random() < 0.3:
            known.append(world.start(small.ANSWERS).case_id)
            continue
        if waiting := world.tasks(chance.choice(known)):
            try:
                world.complete(chance.choice(waiting).key, small.ANSWERS)
            except (TaskClosed, CaseMoved):
                continue  # the other one was faster
    world.database.close()


def test_keys_are_turned_under_load_and_every_case_stays_readable(
    database_url: str, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_epochs, "PIECE", max(CASES // 20, 7))
    file = tmp_path / "keys" / "keyring.json"
    write_keyring(keyring, file)
    world = open_world(database_url, keyring, small.bench())
    world.program = replace(world.program, settings=replace(world.program.settings, backup_days=0))
    for _ in range(CASES):
        world.start(small.ANSWERS)
    world.database.close()
    died, round_ = Counter(dict.fromkeys(fault_points.KEYS, 0)), 0
    while died.total() < KILLS or not min(died.values()):
        round_ += 1
        phase = phase_of(world, file)
        place = min(PLACES[phase], key=lambda name: died[name])
        if died[place] > min(died.values()):
            place = ""  # the others have their turn
        passes = 1 + round_ % 3 if place in ("r3", "r4") else 1
        with seeded(round_):
            busy = [
                fork(partial(work, world, file, round_ * 100 + number)) for number in range(AT_WORK)
            ]
            ended = status_of(fork(partial(turn_keys, world, file, phase, place, passes)))
            assert os.WIFSIGNALED(ended) == bool(place), "it ends where it is told to"
            assert place or ended == 0, "keys could not be turned"
            died.update([place] if place else [])
            assert [status_of(child) for child in busy] == [0] * AT_WORK
    after = opened(world, file)
    assert after.faults() == []
    with after.database.transaction(write=False) as tx:
        assert key_epochs.load_record(tx) is not None
        assert set(keys.epochs_in_use(tx)) <= set(after.program.services.vault.epochs)
    assert open_keyring(file=str(file), production=False).epoch > 1
    after.database.close()
