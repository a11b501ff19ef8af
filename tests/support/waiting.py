"""Waits of tests, each with an end: whoever waits for what never comes is told what that was."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

LONGEST: Final = 120.0
"""Seconds until a thing that takes less than one counts as missing; a busy machine is slow."""
PROGRAM: Final = 300.0
"""Seconds that another program may take that a test starts."""
PAUSE: Final = 0.01
"""Seconds between two looks."""


def until(holds: Callable[[], object], what: str, *, longest: float = LONGEST) -> None:
    """Look again and again until something holds.

    Args:
        what: what is waited for, for whoever reads that it did not come.
        longest: seconds.
    """
    last, never = time.monotonic() + longest, Event()
    while not holds():
        assert time.monotonic() < last, f"not within {longest:.0f} s: {what}"
        never.wait(PAUSE)


def join(*threads: Thread, longest: float = LONGEST) -> None:
    """Wait until threads have ended; one that goes on fails the test."""
    last = time.monotonic() + longest
    for thread in threads:
        thread.join(max(0.0, last - time.monotonic()))
    running = [thread.name for thread in threads if thread.is_alive()]
    assert not running, f"these threads go on after {longest:.0f} s: {running}"
