"""The threads of a web process: those that answer pages, and one of its own that answers sign-ins.

A sign-in that waits costs a connection and no thread. They take turns, one from each network, and
a browser that the account knows goes first; so strangers hold up one another, and nobody else.
All that answering them costs, hash and page, is at most a quarter of a processor.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Protocol

from waitress.task import ThreadedTaskDispatcher

from service.security.passwords import REST
from service.web.accounts.sign_in_source import SignInSource

MOST_WAITING: Final = 64
"""Sign-ins that wait for their turn: the last of them for some ten seconds."""

TURNS: Final = MOST_WAITING
"""Turns of a round at most."""


class Connection(Protocol):
    """A connection on which a request waits, as waitress hands it to its threads."""

    turned_away: bool

    def service(self) -> object: ...
    def cancel(self) -> object: ...


@dataclass(order=True, slots=True)
class _Waiting:
    """A sign-in that waits; they are answered in this order."""

    turn: int
    unknown: bool
    number: int
    key: str = field(compare=False)
    connection: Connection = field(compare=False)


class SignInLine:
    """Sign-ins that wait for their turn. Not shared between threads without a lock.

    In each round every source has one turn (fair queueing), and one that had none in this round and
    the last goes before all that had. A round ends after some turns at the latest, so that sources
    without end, each another one, keep nobody waiting for ever.
    """

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._heap: list[_Waiting] = []
        self._round = 0
        self._taken = 0
        self._last: dict[str, int] = {}
        """Source to the round of its last sign-in, none before the last round."""
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, connection: Connection, source: SignInSource) -> Connection | None:
        """Let a sign-in wait; gives the one for which there is no room, perhaps this one."""
        turn = max(self._round - 1, self._last.get(source.key, self._round - 2) + 1)
        self._last[source.key] = turn
        waiting = _Waiting(turn, not source.known, next(self._numbers), source.key, connection)
        heapq.heappush(self._heap, waiting)
        if len(self._heap) <= self._most:
            return None
        last = max(self._heap)
        self._heap.remove(last)
        heapq.heapify(self._heap)
        self._last[last.key] = last.turn - 1
        return last.connection

    def take(self) -> Connection:
        """The next."""
        waiting = heapq.heappop(self._heap)
        self._round = max(self._round, waiting.turn)
        self._taken += 1
        if self._taken % TURNS == 0:
            self._round += 1
            self._last = {key: turn for key, turn in self._last.items() if turn >= self._round - 1}
        return waiting.connection


class PageAndSignInThreads(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """Threads that answer pages, and one that answers sign-ins.

    Args:
        source: where the request comes from that waits on a connection; None when it is no sign-in.
    """

    def __init__(self, source: Callable[[Connection], SignInSource | None]) -> None:
        super().__init__()
        self._source = source
        self._line = SignInLine()
        self._come = threading.Condition(self.lock)
        self._ended = threading.Event()
        self._sign_ins = threading.Thread(target=self._answer, name="sign-ins", daemon=True)
        self._sign_ins.start()

    def add_task(self, task: Connection) -> None:
        """Have a request answered."""
        source = self._source(task)
        if source is None:
            super().add_task(task)
            return
        with self.lock:
            turned_away = self._line.add(task, source)
            self._come.notify()
        if turned_away is not None:
            turned_away.turned_away = True
            super().add_task(turned_away)

    def _answer(self) -> None:
        """Answer one sign-in after the other, and leave the processor to pages in between."""
        while True:
            with self.lock:
                while not self._line and not self._ended.is_set():
                    self._come.wait()
                if self._ended.is_set():
                    return
                connection = self._line.take()
            began = time.thread_time()
            try:
                connection.service()
            except BaseException:  # as for the other threads: the next must be answered too
                self.logger.exception("Exception when servicing %r", connection)
            self._ended.wait(REST * (time.thread_time() - began))

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> None:  # noqa: FBT001, FBT002 - as waitress calls it
        """End the threads; what waits is not answered."""
        self._ended.set()
        with self.lock:
            self._come.notify_all()
            while self._line:
                self._line.take().cancel()
        super().shutdown(cancel_pending, timeout)
