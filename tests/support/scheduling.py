"""The plugin that deals files to the workers of pytest-xdist, and ends a run that stands still.

A test that hangs ends its worker after `faulthandler_timeout`, with the place where it hung. What
xdist's own scheduler does then never ends: it gives the same test to the next worker, which hangs
too, and it hands out units of which no test is left, after which the new worker waits for ever.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler.protocol import Scheduling
    from xdist.workermanage import WorkerController

SLACK: Final = 120.0
"""Seconds after `faulthandler_timeout` in which a worker begins anew and gives its next result."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Deal whole files, where `--dist loadfile` asks for that."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - only where xdist runs

    class FileScheduling(LoadFileScheduling):  # type: ignore[misc] # xdist ships no types
        """Deals files; the test that ended its worker is not begun again."""

        def remove_node(self, node: WorkerController) -> str | None:
            """Take what is left of a worker's files back.

            Returns:
                The test that it died of, if it died.
            """
            units = self.assigned_work[node]
            left = [(unit, test) for unit in units.values() for test in unit if not unit[test]]
            if left:
                unit, died_of = left[0]
                unit[died_of] = True
            self.assigned_work[node] = {
                name: unit for name, unit in units.items() if not all(unit.values())
            }
            super().remove_node(node)
            return left[0][1] if left else None

    return FileScheduling(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Watch a run of several workers."""
    if getattr(config.option, "numprocesses", None):
        longest = float(config.getini("faulthandler_timeout") or 0)
        if longest:
            config.pluginmanager.register(StandstillWatch(longest + SLACK), "standstill watch")


class StandstillWatch:
    """Ends the run with what has not ended, when no test has ended for too long.

    Args:
        longest: seconds.
    """

    def __init__(self, longest: float) -> None:
        self.longest = longest
        self.running: set[str] = set()
        self._heard = time.monotonic()
        self._over = threading.Event()

    def pytest_sessionstart(self) -> None:
        """Begin to watch."""
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # a shell has its background programs ignore it, and then nothing interrupts them
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self._heard = time.monotonic()
        threading.Thread(target=self._watch, name="standstill watch", daemon=True).start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note that a worker has begun a test."""
        self._heard = time.monotonic()
        self.running.add(nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Note that it has ended."""
        self._heard = time.monotonic()
        self.running.discard(nodeid)

    def pytest_sessionfinish(self) -> None:
        """Watch no more."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(1):
            if time.monotonic() - self._heard > self.longest:
                print(self.told(), file=sys.stderr, flush=True)  # noqa: T201 - for the run's reader
                _thread.interrupt_main()
                return

    def told(self) -> str:
        """What the reader of the run is told."""
        tests = "".join(f"\n  {test}" for test in sorted(self.running)) or " none"
        return f"\nNo test has ended for {self.longest:.0f} seconds. Begun and not ended:{tests}"
