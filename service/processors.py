"""Which processors of the machine the processes of this program use.

The GIL (global interpreter lock) lets one thread of a process run Python at a time, and a thread
releases it around each statement of SQLite and each message to PostgreSQL. If the next thread is on
another processor, that processor must be woken first, which takes longer than most statements of
SQLite; on the same processor the kernel only switches threads. So a web process sets its CPU
affinity (`sched_setaffinity`) to one processor. Systems without that call place threads as they
like. Source: decisions/0079.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

CORES: Final = Path("/sys/devices/system/cpu")
"""Where Linux says which processors are one core."""


def _given() -> tuple[int, ...]:
    with suppress(AttributeError, OSError):
        return tuple(sorted(os.sched_getaffinity(0)))
    return ()


GIVEN: Final = _given()
"""Processors that the program may use since its start; empty where the system does not say."""


def keep_to_one(number: int, processes: int) -> None:
    """Keep this process, with the threads that it starts from now on, to a processor of its own.

    Does nothing where there are fewer processors than such processes. The first one is taken by
    chance, since other installations on a machine do the same; two that are one core are not taken
    while there is another core.

    Args:
        number: which of the processes this is, from 0.
        processes: how many there are, all with the same parent.
    """
    if processes <= len(GIVEN):
        first = os.getppid() % len(GIVEN)
        in_turn = sorted(GIVEN[first:] + GIVEN[:first], key=_is_second_of_core)
        with suppress(OSError):
            os.sched_setaffinity(0, {in_turn[number]})


def _is_second_of_core(processor: int) -> bool:
    """Whether this processor is the second hardware thread of its core; false where unknown."""
    with suppress(OSError, ValueError):
        siblings = (CORES / f"cpu{processor}/topology/thread_siblings_list").read_text("ascii")
        return int(re.split("[,-]", siblings)[0]) < processor
    return False


def give_all(process: int) -> None:
    """Let a process that this one has just started run on every processor."""
    if GIVEN:
        with suppress(OSError):
            os.sched_setaffinity(process, GIVEN)
