"""Child processes: no key, no database address, limited time and memory.

They have no network either, where the system allows that.

The parent starts one program with an empty environment and sends it lines; the program answers each
line in a process of its own, which it forks. So a task that hangs, eats memory or ends its process
takes nothing along, and the next one does not wait for imports. Limits hold on Linux; elsewhere
only the time of the parent's clock is certain.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import os
import resource
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from service.errors import Busy

MEMORY = 512 * 2**20
"""Address space of a child, in bytes, when its work needs no more."""
PROCESSOR_SECONDS = 10
"""Computing time of one task."""
START_SECONDS = 60.0
"""Longest that a child may take until it listens."""
ROOT = Path(__file__).resolve().parent.parent
READY = b"ready\n"
ENDED = b"!"
"""What the program says when the process of a task ended without an answer; an answer is JSON and
never begins so."""
PIECE = 65_536
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000


class ChildEnded(Exception):
    """A child gave no answer.

    `why`: `slow` time was up, `long` the answer is too long, `ended` the process ended or was ended
    by a limit.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ChildProcess:
    """One child that answers lines one after the other; threads wait for each other.

    Args:
        module: what the child runs; its `main` calls `serve`.
        longest: bytes of the longest answer.
    """

    def __init__(self, module: str, *, longest: int) -> None:
        self.module = module
        self.longest = longest
        self._running: subprocess.Popen[bytes] | None = None
        self._parent = 0
        """Who started it: a fork of that process must start one of its own."""
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        """The child's process id; 0 when none of this process runs."""
        child = self._running
        if child is None or self._parent != os.getpid() or child.poll() is not None:
            return 0
        return child.pid

    def ask(self, line: str, seconds: float) -> str:
        """Send one line, and get the answer.

        Raises:
            ChildEnded: there was none within `seconds`; the next call starts anew where it has to.
        """
        with self._lock:
            return self._ask(line.encode() + b"\n", seconds)

    def close(self) -> None:
        """End the child with everything it started; the next call starts another."""
        child, self._running = self._running, None
        if child is None or self._parent != os.getpid():
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        atexit.unregister(self.close)

    def _ask(self, line: bytes, seconds: float) -> str:
        if not self.pid:
            self.close()
            self._start()
        until = time.monotonic() + seconds
        try:
            answer = self._exchange(line, until, self.longest)
        except OSError as e:
            self.close()
            raise ChildEnded("ended") from e
        except ChildEnded:
            self.close()
            raise
        if answer.startswith(ENDED):
            raise ChildEnded("ended")
        return answer.decode()

    def _start(self) -> None:
        self._running = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=ROOT,
            start_new_session=True,
            bufsize=0,
        )
        self._parent = os.getpid()
        atexit.register(self.close)
        try:
            self._exchange(b"", time.monotonic() + START_SECONDS, len(READY))
        except ChildEnded:
            self.close()
            raise

    def _exchange(self, line: bytes, until: float, longest: int) -> bytes:
        """Write a line and read one, whatever comes in whichever pieces, until time is up."""
        child = self._running
        assert child is not None  # noqa: S101 - _ask starts one
        assert child.stdin is not None  # noqa: S101 - opened as pipes in _start
        assert child.stdout is not None  # noqa: S101 - opened as pipes in _start
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(child.stdin.fileno(), rest) :]
        found = bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(child.stdout, selectors.EVENT_READ)
            while not found.endswith(b"\n"):
                if not ready.select(max(0.0, until - time.monotonic())):
                    raise ChildEnded("slow")
                piece = os.read(child.stdout.fileno(), PIECE)
                found += piece
                if not piece or len(found) > longest:
                    raise ChildEnded("long" if piece else "ended")
        return bytes(found)


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


# ---- inside the child


def serve(answer: Callable[[str], str], *, longest: int, alone: bool, memory: int = MEMORY) -> None:
    """Run as the child: one line in and one line out, until the parent closes the pipe.

    Limits are set first. What a task prints goes nowhere.

    Args:
        answer: from a line to a line of JSON.
        alone: leave the network, where the system allows it.
        memory: address space, in bytes.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if alone:
        leave_network()
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    gc.freeze()
    out.write(READY)
    answer_all(answer, sys.stdin.buffer, out, longest)


def answer_all(
    answer: Callable[[str], str], source: Iterable[bytes], out: BinaryIO, longest: int
) -> None:
    """Answer each line in a process of its own."""
    for line in source:
        out.write(isolate(answer, line.decode(), longest) or ENDED + b"\n")
        out.flush()


def isolate(answer: Callable[[str], str], line: str, longest: int) -> bytes:
    """Answer one line in a forked process; nothing when that ends before it has said everything."""
    inside, outside = os.pipe()
    task = os.fork()
    if task == 0:
        os.close(inside)
        _answer_and_end(answer, line, outside)
    os.close(outside)
    with os.fdopen(inside, "rb") as pipe:
        said = pipe.read(longest + 1)
    with contextlib.suppress(ProcessLookupError):
        os.kill(task, signal.SIGKILL)  # whoever says too much is not read to the end
    os.waitpid(task, 0)
    return said if said.endswith(b"\n") and len(said) <= longest else b""


def _answer_and_end(answer: Callable[[str], str], line: str, outside: int) -> None:
    """Never returns: the fork is no place for anything but its task."""
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        with os.fdopen(outside, "wb") as pipe:
            pipe.write(answer(line).encode() + b"\n")
    finally:
        os._exit(0)


def leave_network() -> bool:
    """Move into a network without a way out; whether the system allowed it."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    return unshare is not None and unshare(_NEW_USER | _NEW_NET) == 0
