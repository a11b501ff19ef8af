"""Child processes: no key, no database address, limited time and memory, and no more of the machine
than `service.sandbox.isolation` leaves them.

The parent starts one program with an empty environment and sends it lines; the program answers each
line in a process of its own (see `service.sandbox.child`). Each line bears a key that nobody can
guess, and its answer must begin with that key: bytes that somebody else writes are never taken for
an answer, and end the child.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service import processors
from service.errors import Busy
from service.sandbox.child import ENDED, FOLDER, PIECE, READY

START_SECONDS = 60.0
"""Longest that a child may take until it listens."""
END_SECONDS = 1.0
"""Longest that a child may take until it has ended what its tasks started; then it is ended."""
ROOT = Path(__file__).resolve().parents[2]
"""Where the packages lie: a child runs the same files as its parent."""


class ChildEnded(Exception):
    """A child gave no answer.

    `why`: `slow` time was up, `long` the answer is too long, `stray` somebody else wrote into the
    channel, `ended` the process ended or was ended by a limit.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Work that is repeated while a child has not answered yet, such as renewing a lease."""

    every: float
    """Seconds between two times."""
    do: Callable[[], object]


class ChildProcess:
    """One child that answers lines one after the other; threads wait for each other.

    Args:
        module: what the child runs; its `main` calls `serve`.
        longest: bytes of the longest answer.
        word: makes the one argument with which the program starts, if it has any.
    """

    def __init__(self, module: str, *, longest: int, word: Callable[[], str] | None = None) -> None:
        self.module = module
        self.longest = longest
        self._word = word
        self._running: subprocess.Popen[bytes] | None = None
        self.folder = ""
        """Folder in which the child may write; emptied after each task."""
        self._parent = 0
        """Id of the process that started the child: a fork of it must start a child of its own."""
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        """The child's process id; 0 when none of this process runs."""
        child = self._running
        if child is None or self._parent != os.getpid() or child.poll() is not None:
            return 0
        return child.pid

    def ask(self, line: str, seconds: float, meanwhile: Meanwhile | None = None) -> str:
        """Send one line, and get the answer.

        Raises:
            ChildEnded: there was none within `seconds`; the next call starts anew where it has to.
        """
        with self._lock:
            return self._ask(line.encode(), seconds, meanwhile)

    def close(self) -> None:
        """End the child with everything it started; the next call starts another."""
        child, self._running = self._running, None
        if child is None or self._parent != os.getpid():
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(END_SECONDS)  # it ends what its tasks have started, wherever that is
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.close)

    def _ask(self, line: bytes, seconds: float, meanwhile: Meanwhile | None) -> str:
        if not self.pid or self._speaks_unasked():
            self.close()
            self._start()
        until = time.monotonic() + seconds
        key = secrets.token_hex(8).encode()
        try:
            answer = self._exchange(b"%b %b\n" % (key, line), key, until, self.longest, meanwhile)
        except OSError as e:
            self.close()
            raise ChildEnded("ended") from e
        except ChildEnded:
            self.close()
            raise
        if answer.startswith(ENDED):
            raise ChildEnded("ended")
        return answer.decode()

    def _speaks_unasked(self) -> bool:
        """Whether something lies in the channel, or it is closed, before anything was asked."""
        child = self._running
        assert child is not None  # noqa: S101 - `pid` says that it runs
        ready = select.poll()
        ready.register(child.stdout, select.POLLIN)  # type: ignore[arg-type] # a pipe
        return bool(ready.poll(0))

    def _start(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="tresteg-child-")
        self._running = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", self.module, *([self._word()] if self._word else ())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", FOLDER: self.folder},
            cwd=ROOT,
            start_new_session=True,
            bufsize=0,
        )
        processors.give_all(self._running.pid)  # a web process keeps to one of them
        self._parent = os.getpid()
        atexit.register(self.close)
        try:
            self._exchange(b"", READY, time.monotonic() + START_SECONDS, 1)
        except ChildEnded:
            self.close()
            raise

    def _exchange(
        self,
        line: bytes,
        key: bytes,
        until: float,
        longest: int,
        meanwhile: Meanwhile | None = None,
    ) -> bytes:
        """Write a line and read one, whatever comes in whichever pieces, until time is up.

        Gives what stands behind the key.
        """
        child = self._running
        assert child is not None  # noqa: S101 - _ask starts one
        assert child.stdin is not None  # noqa: S101 - opened as pipes in _start
        assert child.stdout is not None  # noqa: S101 - opened as pipes in _start
        rest, begins = memoryview(line), key + b" "
        while rest:
            rest = rest[os.write(child.stdin.fileno(), rest) :]
        found = bytearray()
        ready = select.poll()
        ready.register(child.stdout, select.POLLIN)
        while not found.endswith(b"\n"):
            _wait(ready, until, meanwhile)
            piece = os.read(child.stdout.fileno(), PIECE)
            found += piece
            if not begins.startswith(found[: len(begins)]) or b"\n" in piece[:-1]:
                raise ChildEnded("stray")
            if not piece or len(found) > longest + len(begins):
                raise ChildEnded("long" if piece else "ended")
        return bytes(found[len(begins) :])


def _wait(ready: select.poll, until: float, meanwhile: Meanwhile | None) -> None:
    """Wait until something has come.

    Raises:
        ChildEnded: time was up.
    """
    left = until - time.monotonic()
    while not ready.poll(1000 * max(0.0, min(left, meanwhile.every) if meanwhile else left)):
        left = until - time.monotonic()
        if left <= 0:
            raise ChildEnded("slow")
        if meanwhile is not None:
            meanwhile.do()


class ChildProcesses:
    """A few children that do the same work; shared by all threads of a program.

    They start when they are first asked, and end with it.

    Args:
        several: children that work at once.
        waiting: how many may wait for one, so that a web server goes on answering everybody else.
        seconds: longest that one task may take, and that one may wait for its turn.
    """

    def __init__(
        self, module: str, *, longest: int, several: int, waiting: int, seconds: float
    ) -> None:
        self.seconds = seconds
        self._free = [ChildProcess(module, longest=longest) for _ in range(several)]
        self._all = tuple(self._free)
        self._turn = threading.BoundedSemaphore(several)
        self._places = threading.BoundedSemaphore(several + waiting)

    def ask(self, line: str) -> str:
        """Send one line to a child that is free, and get the answer.

        Raises:
            ChildEnded: there was none.   Busy: too many others wait.
        """
        with self._one() as child:
            return child.ask(line, self.seconds)

    def close(self) -> None:
        """End the children."""
        for child in self._all:
            child.close()

    @contextlib.contextmanager
    def _one(self) -> Iterator[ChildProcess]:
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            if not self._turn.acquire(timeout=self.seconds):
                raise Busy
            child = self._free.pop()
            try:
                yield child
            finally:
                self._free.append(child)
                self._turn.release()
        finally:
            self._places.release()
