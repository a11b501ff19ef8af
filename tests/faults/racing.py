"""Run processes that do the same thing at the same moment.

They are forked, each has a database of its own, and a barrier stops them before each act.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.support.forks import fork, status_of
from tests.support.world import World

RACERS = 8
LONGEST = 120
"""Seconds that one may let the others wait; longer, and it has ended."""
LONGEST_RACE = 5 * LONGEST
"""Seconds that a process may race in all."""
Run = Callable[[World, int, Callable[[], object]], Iterator[object]]


def race(world: World, run: Run) -> list[list[Any]]:
    """Let all processes run, and give what each of them told, in order.

    Nobody is connected to the database when they begin.

    Args:
        run: handed the installation, the process's number, and what waits until all others have
            come as far.
    """
    world.database.close()
    gate = get_context("fork").Barrier(RACERS, timeout=LONGEST)
    children: list[tuple[int, int]] = []
    for number in range(RACERS):
        out, into = os.pipe()
        child = fork(partial(_live, world, run, number, gate, into), LONGEST_RACE)
        os.close(into)
        children.append((child, out))
    found: list[list[Any]] = []
    try:
        for child, out in children:
            found.append(_heard(child, out))
    except BaseException:
        # the others would race on, for ever when their database is gone
        for child, _ in children[len(found) + 1 :]:
            os.kill(child, signal.SIGKILL)
        raise
    return found


def _heard(child: int, out: int) -> list[Any]:
    with os.fdopen(out, "rb") as report:
        lines = report.read()
    status = status_of(child)
    assert os.waitstatus_to_exitcode(status) == 0, "a process ended with an error; it stands above"
    found: list[Any] = json.loads(lines)
    return found


def _live(parent: World, run: Run, number: int, gate: Barrier, into: int) -> None:
    """The child: everything is told at the end, so that nobody waits at a full pipe."""
    try:
        world = parent.again()
        report = list(run(world, number, gate.wait))
        world.database.close()
        with os.fdopen(into, "w") as out:
            json.dump(report, out)
    except BaseException:
        gate.abort()  # whatever it is, the others must not wait for this process
        raise
