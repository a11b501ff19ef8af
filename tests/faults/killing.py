"""Kill people, timers, handlers and letters in child processes at a random place.

The parent keeps its own list of what was acknowledged.
"""

from __future__ import annotations

import json
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from service import fault_points
from service.errors import TrestegError
from service.security.checkpoint_folder import CheckpointFolder
from service.store.casefile import cases as case_rows
from tests.support import small
from tests.support.forks import fork, status_of
from tests.support.world import World

STEPS, FURTHEST = 8, 40
"""Acts of one child, and the most places that it passes before it ends."""
CASES = 10
"""Cases that stand open at a time."""


@dataclass
class Ledger:
    """What the parent heard: acknowledged facts, and where children ended."""

    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    completed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Case and task to how often its completion was acknowledged."""
    ended: Counter[str] = field(default_factory=Counter)
    kills: int = 0


def kill_often(world: World, kills: int, seed: int, checkpoints: Path) -> Ledger:
    """Fork children that act and are killed, until so many were.

    Their workers keep checkpoints in the folder `checkpoints`.

    Nobody is connected to the database when this is called.
    """
    heard, number = Ledger(), 0
    while heard.kills < kills:
        number += 1
        world.later(seconds=31)
        out, into = os.pipe()
        child = fork(partial(_live, world, into, seed * 1_000_003 + number, checkpoints))
        os.close(into)
        with os.fdopen(out, "rb") as report:
            _hear(heard, report.read())
        status = status_of(child)
        if os.WIFSIGNALED(status):
            heard.kills += 1
        else:
            assert os.WEXITSTATUS(status) == 0, "a child ended by itself with an error"
    return heard


def _hear(heard: Ledger, report: bytes) -> None:
    for line in report.decode().splitlines():
        what, *rest = json.loads(line)
        if what == "at":
            heard.ended[rest[0]] += 1
        else:
            case, rev, task = rest
            heard.acknowledged.add((case, rev))
            heard.completed[case, task] += bool(task)


def _live(parent: World, into: int, seed: int, checkpoints: Path) -> None:
    """The child: some random acts, and a death. Every second child dies as far as it came by
    chance; the others where they first pass a place, each place in turn, since few acts pass some.
    """
    chance = random.Random(seed)  # noqa: S311 - a test wants the same deaths again
    places = sorted(fault_points.NAMES)
    wanted = places[seed // 2 % len(places)] if seed % 2 else ""
    left = [chance.randint(1, FURTHEST)]

    def say(*words: object) -> None:
        os.write(into, (json.dumps(words) + "\n").encode())

    def passes(place: str) -> None:
        left[0] -= 1
        if place == wanted or (not wanted and left[0] <= 0):
            say("at", place)
            os.kill(os.getpid(), signal.SIGKILL)

    world = parent.again()
    fault_points.arm(passes)
    for case, rev, task in _acts(world, chance, checkpoints):
        say("done", case, rev, task)


def _acts(world: World, chance: random.Random, checkpoints: Path) -> Iterator[tuple[str, int, str]]:
    """Random acts; gives case, number and task of each that was acknowledged."""
    worker = world.worker(f"w{os.getpid()}")
    worker.sequencer.folder = CheckpointFolder(checkpoints)
    for _ in range(STEPS):
        with world.database.transaction(write=False) as tx:
            open_cases = [c.id for c in case_rows.listed(tx, status="open")]
        if len(open_cases) < CASES:
            moved = world.start(small.ANSWERS)
            yield moved.case_id, moved.rev, ""
        elif chance.random() < 0.5:
            worker.step()
        else:
            case = chance.choice(open_cases)
            waiting = world.tasks(case)
            if waiting:
                task = chance.choice(waiting)
                try:
                    moved = world.complete(task.key, small.ANSWERS)
                except TrestegError as refused:
                    raise AssertionError(f"{type(refused).__name__}: {refused}") from refused
                yield case, moved.rev, task.id
