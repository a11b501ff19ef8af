"""S16: from the commit that opens a call to the start of its handler.

With the worker in a thread of the process that commits, which wakes it, and in a process of its
own, which PostgreSQL notifies, or which sees on SQLite that somebody has committed. The handler is
a function within the worker, so that its start can be seen; another moment passes until the child
process of real ones has it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from struct import calcsize, pack, unpack

from service.application import unit_of_work
from service.binding import Answer, Call
from service.security.keyring import make_keyring
from service.worker.loop import Worker
from tests.bench._gauge import Row, pause, postgres, report, sqlite
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world

CASES = 60
PAUSE = 0.05
"""Seconds between two completions, so that the worker waits again."""
MOMENT = "d"
Place = Callable[[World, Callable[[], None]], AbstractContextManager[Callable[[], object]]]
CALL = small.one(small.person("a") + d.job("j"), "s>a a>j j>e")


@contextmanager
def inside(world: World, began: Callable[[], None]) -> Iterator[Callable[[], object]]:
    """A worker in a thread; gives what wakes it."""
    worker = _worker(world, began)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker.wake
    finally:
        worker.stop()
        thread.join()


@contextmanager
def apart(world: World, began: Callable[[], None]) -> Iterator[Callable[[], object]]:
    """A worker in a process of its own, which nobody here wakes."""
    world.database.close()
    if child := os.fork():
        try:
            yield lambda: None
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
        return
    try:
        unit_of_work.PROCESS = "apart"  # a fork knows the name of its parent, and would not listen
        worker = _worker(world.again(), began)
        worker.is_alone = True
        worker.run()
    finally:
        os._exit(0)


def _worker(world: World, began: Callable[[], None]) -> Worker:
    def handler(_: Call) -> Answer:
        began()
        return Answer()

    world.functions = dict.fromkeys(world.program.services.topics, handler)
    return world.worker()


def waits(url: str, place: Place) -> list[float]:
    """Seconds of each wait, sorted."""
    world = open_world(url, make_keyring(demo=True), CALL)
    cases = [world.start().case_id for _ in range(CASES)]
    keys = [world.key(case, "a") for case in cases]
    reads, writes = os.pipe()
    found = []

    def began() -> None:
        os.write(writes, pack(MOMENT, time.monotonic()))

    with place(world, began) as wake:
        pause(2)  # until it listens
        for key in keys:
            world.complete(key)
            committed = time.monotonic()
            wake()
            (at,) = unpack(MOMENT, os.read(reads, calcsize(MOMENT)))
            found.append(max(0.0, at - committed))
            pause(PAUSE)
    os.close(reads)
    os.close(writes)
    world.database.close()
    return sorted(found)


def row(name: str, url: str, place: Place) -> Row:
    found = waits(url, place)
    p50, p95 = (1000 * found[int(len(found) * share)] for share in (0.5, 0.95))
    what = f"{name}: commit to handler started, p95"
    return Row("S16", what, "<= 30 ms", f"{p95:.0f} ms (p50 {p50:.0f})", p95 <= 30)


def main() -> None:
    rows = []
    with sqlite() as url:
        rows.append(row("SQLite, worker inside", url, inside))
    with sqlite() as url:
        rows.append(row("SQLite, worker in a process of its own", url, apart))
    with postgres() as url:
        if url:
            rows.append(row("PostgreSQL, worker in a process of its own", url, apart))
    report("wake", rows)


if __name__ == "__main__":
    main()
