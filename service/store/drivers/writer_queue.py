"""The queue of those who want to write to SQLite, which has one writer at a time.

A connection that finds another one writing can only look again and again, and who looks at the
right moment comes before who has waited longest. Threads of one process therefore queue here,
before they begin. Between processes the looks of `connections` remain: a lock on a file cannot be
waited for with a limit, unless by looking.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from service.store import driver_errors


class WriterQueue:
    """Lets threads in one after the other, in the order in which they came."""

    def __init__(self, where: str, patience: int) -> None:
        """Make a queue in which nobody stands.

        Args:
            where: the database as a sentence names it.
            patience: milliseconds that a thread waits for its turn.
        """
        self._where = where
        self._patience = patience / 1000
        self._lock = threading.Lock()
        self._owner = 0
        """The thread whose turn it is; 0 when it is nobody's."""
        self._waiting: deque[tuple[int, threading.Lock]] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn; leaving ends it, however the block ends.

        Raises:
            Busy: it did not come in time.
            NestedWriting: this thread writes already, and would wait for itself.
        """
        self._enter()
        try:
            yield
        finally:
            with self._lock:
                self._pass_on()

    def _enter(self) -> None:
        thread, called = threading.get_ident(), threading.Lock()
        with self._lock:
            if self._owner == thread:
                raise NestedWriting
            if not self._owner:
                self._owner = thread
                return
            called.acquire()
            self._waiting.append((thread, called))
        if not called.acquire(timeout=self._patience):
            self._give_up(thread, called)

    def _give_up(self, thread: int, called: threading.Lock) -> None:
        with self._lock:
            if self._owner == thread:  # called in the moment in which it gave up
                return
            self._waiting.remove((thread, called))
        raise driver_errors.busy(self._where, "WriterQueue")

    def _pass_on(self) -> None:
        """Give the turn to who has waited longest."""
        if not self._waiting:
            self._owner = 0
            return
        self._owner, called = self._waiting.popleft()
        called.release()


class NestedWriting(Exception):
    """A thread that writes began to write once more. A fault of this program."""
