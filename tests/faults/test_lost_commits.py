"""A disk that fails while people do the same thing: nobody hears of what was not saved."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.errors import TrestegError
from service.security.keyring import Keyring
from service.store.drivers import write_groups
from tests.support import small
from tests.support.directory import ONE_OFFICE
from tests.support.full_disk import no_room
from tests.support.waiting import until
from tests.support.world import World, open_world

PEOPLE, ROUNDS = 8, 10
NAMES = tuple(person.name for person in ONE_OFFICE.people)


def test_nobody_hears_that_another_did_what_was_not_saved(
    empty_sqlite: Path, tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight people complete one task in one group commit, which fails: it stays open, and none of
    them is told that somebody was faster.
    """
    monkeypatch.setattr(write_groups, "LONGEST", 60.0)
    shutil.copyfile(empty_sqlite, tmp_path / "tresteg.db")
    world = open_world(
        f"sqlite:///{tmp_path / 'tresteg.db'}", keyring, small.row_of_tasks(ROUNDS + 1)
    )
    case = world.start().case_id
    for number in range(1, ROUNDS + 1):
        key = world.key(case, f"t{number}")
        assert Counter(all_complete(world, key, fails=True)) == {"Busy": PEOPLE}
        assert [task.key for task in world.tasks(case)] == [key]
        heard = Counter(all_complete(world, key, fails=False))
        assert heard == {"done": 1, "TaskClosed": PEOPLE - 1}
    assert world.case(case).rev == ROUNDS + 1
    assert world.faults() == []
    world.database.close()


def all_complete(world: World, key: str, *, fails: bool) -> list[str]:
    """What each of them hears who complete a task together, the first being held up until all have
    come.

    Args:
        fails: whether the disk has no room from then on.
    """
    begun, go_on = threading.Event(), threading.Event()

    def hold_up() -> None:
        with world.database.transaction(grouped=True):
            begun.set()
            go_on.wait()

    def complete(number: int) -> str:
        try:
            world.complete(key, small.ANSWERS, by=NAMES[number % len(NAMES)])
        except TrestegError as refused:
            return type(refused).__name__
        return "done"

    with ThreadPoolExecutor(PEOPLE + 1) as pool:
        first = pool.submit(hold_up)
        begun.wait()
        heard = [pool.submit(complete, number) for number in range(PEOPLE)]
        until(lambda: len(world.database._writers._waiting) == PEOPLE, "all wait to write")
        if fails:
            with no_room():
                go_on.set()
                return [one.result() for one in heard]
        go_on.set()
        first.result()
        return [one.result() for one in heard]
