"""What costs much to set up is made by the first worker of a run that needs it, and copied by all.

Each worker of pytest-xdist has session fixtures of its own: without this, each would play the same
stories and fill the same demo.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

import pytest

from tests.support.waiting import until

LONGEST: Final = 500.0
"""Seconds that one worker waits for what another one makes."""


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder of this run in which `make` has put what is shared; nobody writes there later.

    Args:
        make: fills the folder that it is handed. Where it fails, the next worker tries anew.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, done = root / f"made-once-{name}", root / f"made-once-{name}.done"
    with (root / f"made-once-{name}.lock").open("w") as lock:
        until(lambda: _locked(lock), f"another worker has made {name}", longest=LONGEST)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def _locked(lock: IO[str]) -> bool:
    """Whether the lock is this process's now; it goes with the file, and with the process."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
