"""Writer queue: the threads that want to write to SQLite, which has one writer at a time.

A connection that finds the database locked can only poll, and the one that polls at the right
moment overtakes the one that has waited longest. Threads of one process therefore queue here before
they begin. Between processes the polling of `connections` remains: waiting for a file lock with a
time limit needs polling.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Self

from service.store import driver_errors
from service.store.drivers.write_groups import WriteGroup


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
        self._waiting: deque[tuple[int, threading.Lock, bool]] = deque()
        self._group: WriteGroup | None = None
        """The open transaction that is handed to the thread whose turn it is now."""

    def turn(self) -> WriterTurn:
        """A turn of this thread, for which it has not waited yet."""
        return WriterTurn(self)

    def enter(self, *, joins: bool = False) -> WriteGroup | None:
        """Wait for one's turn; gives the open transaction that the thread before has handed on.

        Args:
            joins: whether it takes one.
        Raises:
            Busy: it did not come in time.
            NestedWriting: this thread writes already, and would wait for itself.
        """
        thread = threading.get_ident()
        called = threading.Lock()
        with self._lock:
            if self._owner == thread:
                raise NestedWriting
            if not self._owner:
                self._owner = thread
                return None
            called.acquire()
            self._waiting.append((thread, called, joins))
        if not called.acquire(timeout=self._patience):
            self._give_up(thread, called, joins=joins)
        group, self._group = self._group, None
        return group

    def leave(self) -> None:
        """End one's turn."""
        with self._lock:
            self._pass_on()

    def hand_on(self, group: WriteGroup) -> bool:
        """End this thread's turn and hand its open transaction to the thread that waited longest;
        false when that thread takes none.
        """
        with self._lock:
            if not (self._waiting and self._waiting[0][2] and group.has_room):
                return False
            self._group = group
            self._pass_on()
        return True

    def _give_up(self, thread: int, called: threading.Lock, *, joins: bool) -> None:
        with self._lock:
            if self._owner == thread:  # called in the moment in which it gave up
                return
            self._waiting.remove((thread, called, joins))
        raise driver_errors.busy(self._where, "WriterQueue")

    def _pass_on(self) -> None:
        """Give the turn to who has waited longest."""
        if not self._waiting:
            self._owner = 0
            return
        self._owner, called, _ = self._waiting.popleft()
        called.release()


class WriterTurn:
    """One turn of a thread: it begins when the thread has waited for it. Leaving the block ends it,
    however the block ends.
    """

    __slots__ = ("_queue", "group", "has_handed_on", "taken")

    def __init__(self, queue: WriterQueue) -> None:
        self._queue = queue
        self.taken = False
        """Whether it has begun, and has not ended."""
        self.group: WriteGroup | None = None
        """The open transaction that this thread has now; None on PostgreSQL, and when it has handed
        it on."""
        self.has_handed_on = False
        """Whether its connection is another thread's now."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.end()

    def wait(self, *, joins: bool = False) -> None:
        """Wait until it is the turn of this thread.

        Args:
            joins: whether this thread takes an open transaction of the one before.
        Raises:
            Busy: it did not come in time.
            NestedWriting: this thread writes already, and would wait for itself.
        """
        self.group = self._queue.enter(joins=joins)
        self.taken = True

    def hand_on(self) -> bool:
        """End it, and hand the open transaction to the next thread; whether that takes one."""
        if self.group is None or not self._queue.hand_on(self.group):
            return False
        self.group, self.taken = None, False
        self.has_handed_on = True
        return True

    def undo(self) -> None:
        """Undo the open transaction that it has, unless that is committed."""
        if self.group is not None:
            self.group.lose()

    def end(self) -> None:
        """End it, if it has begun."""
        if self.taken:
            self.taken = False
            self._queue.leave()


class NestedWriting(Exception):
    """A thread that writes began to write once more. A fault of this program."""
