"""Which processors of the machine the processes of this program use.

Python runs one thread of a process at a time. Threads on several processors hand that to each other
by waking a processor that sleeps, which takes longer than most statements of SQLite, after each of
which it is offered; on one processor it is a switch between threads. A system that does not let a
process choose decides as ever.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final


def _given() -> tuple[int, ...]:
    with suppress(AttributeError, OSError):
        return tuple(sorted(os.sched_getaffinity(0)))
    return ()


GIVEN: Final = _given()
"""Those that the program was started with; none where the system does not say."""


def keep_to_one(number: int, processes: int) -> None:
    """Keep this process, with the threads that it starts from now on, to a processor of its own.

    Does nothing where there are fewer processors than such processes. The first one is taken by
    chance, since other installations on a machine do the same.

    Args:
        number: which of the processes this is, from 0.
        processes: how many there are, all with the same parent.
    """
    if processes <= len(GIVEN):
        with suppress(OSError):
            os.sched_setaffinity(0, {GIVEN[(os.getppid() + number) % len(GIVEN)]})


def give_all(process: int) -> None:
    """Let a process that this one has just started run on every processor."""
    if GIVEN:
        with suppress(OSError):
            os.sched_setaffinity(process, GIVEN)
