"""Counts of answered requests, by route, status and duration, shared by all web processes.

They lie in memory that the first process makes and the others inherit: no file that a full disk
could break, and no database. Each process writes in a part of its own; a sum is taken when somebody
asks. A process that takes the place of a dead one goes on with its part, so no count falls back.
"""

from __future__ import annotations

import bisect
import mmap
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which a request counts in one step; slower ones count in a step of their own."""
STATUSES: Final = (
    *(0, 200, 201, 202, 204, 206, 302, 303, 304, 308, 400, 401, 403, 404, 405, 408, 409, 410),
    *(412, 413, 415, 416, 422, 428, 429, 500, 503),
)
"""What is counted by its number; 0 is any other."""
METHODS: Final = ("read", "write")
MOST_ROUTES: Final = 512
WIDTH: Final = len(BOUNDS) + 2
"""Numbers of one count: a step each, the slower ones, and the sum of seconds."""
PART: Final = MOST_ROUTES * len(METHODS) * len(STATUSES) * WIDTH
DOUBLE: Final = 8


@dataclass(frozen=True, slots=True)
class RequestCount:
    """How often one route answered with one status, and how long that took."""

    route: str
    method: str
    status: int
    steps: tuple[float, ...]
    """Requests up to each of `BOUNDS`, and slower ones; not added up."""
    seconds: float


class RequestCounts:
    """The counts of one site.

    Args:
        processes: how many web processes share it.
    """

    def __init__(self, processes: int = 1) -> None:
        self._cells = memoryview(mmap.mmap(-1, processes * PART * DOUBLE)).cast("d")
        self._processes = processes
        self._lock = threading.Lock()
        self._routes: dict[str, int] = {}
        self.part = 0
        """The part that this process writes in."""

    def name_routes(self, routes: Sequence[str]) -> None:
        """Say what can be counted; in the same order in every process."""
        self._routes = {name: n for n, name in enumerate(("", *sorted(routes))) if n < MOST_ROUTES}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        known = status if status in STATUSES else 0
        at = self.part * PART + self._offset(self._routes.get(route, 0), method, known)
        with self._lock:
            self._cells[at + bisect.bisect_left(BOUNDS, seconds)] += 1
            self._cells[at + WIDTH - 1] += seconds

    def every(self) -> Iterator[RequestCount]:
        """What has been counted by all processes."""
        for route, n in self._routes.items():
            for method in METHODS:
                for status in STATUSES:
                    sums = self._sums(self._offset(n, method, status))
                    if any(sums):
                        yield RequestCount(route, method, status, tuple(sums[:-1]), sums[-1])

    def _sums(self, offset: int) -> list[float]:
        starts = [part * PART + offset for part in range(self._processes)]
        parts = [self._cells[start : start + WIDTH].tolist() for start in starts]
        return [sum(numbers) for numbers in zip(*parts, strict=True)]

    @staticmethod
    def _offset(route: int, method: str, status: int) -> int:
        row = (route * len(METHODS) + METHODS.index(method)) * len(STATUSES)
        return (row + STATUSES.index(status)) * WIDTH
