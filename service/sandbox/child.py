"""What runs inside a child process: it answers each line in a process of its own, which it forks.

So a task that hangs, eats memory or ends its process takes nothing along, and the next one does not
wait for imports. A task has no descriptor that leads to the parent, and dies with the child; the
child dies with its parent. Limits hold on Linux; elsewhere only the time of the parent's clock is
certain.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import select
import signal
import sys
from collections.abc import Callable, Iterable

MEMORY = 512 * 2**20
"""Address space of a child, in bytes, when its work needs no more."""
PROCESSOR_SECONDS = 10
"""Computing time of one task."""
READY = b"ready"
"""The key of the line that says that the child listens; the line holds nothing else."""
ENDED = b"!"
"""What the program says when the process of a task ended without an answer; an answer is JSON and
never begins so."""
PIECE = 65_536
PARENT = 0
"""The descriptor on which the parent asks: at its end there is no parent any more."""
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_DEATH_SIGNAL = 1
"""Of `prctl`: the signal that this process gets when its parent ends (PR_SET_PDEATHSIG)."""
_SYSTEM = ctypes.CDLL(None)
_PRCTL, _UNSHARE = getattr(_SYSTEM, "prctl", None), getattr(_SYSTEM, "unshare", None)
"""Found once: whatever a task loads by itself is loaded for each task."""


def _nothing() -> None:
    pass


def serve(
    answer: Callable[[str], str],
    *,
    longest: int,
    alone: bool,
    memory: int = MEMORY,
    prepare: Callable[[], object] = _nothing,
) -> None:
    """Run as the child: one line in and one line out, until the parent closes the pipe.

    Limits are set first. What anybody prints goes nowhere, also while foreign modules are imported.

    Args:
        answer: from a line to a line of JSON.
        alone: leave the network, where the system allows it.
        memory: address space, in bytes.
        prepare: what is done once, before the first line.
    """
    out = os.dup(1)
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if alone:
        leave_network()
    prepare()
    gc.freeze()
    _write(out, READY + b" \n")
    answer_all(answer, sys.stdin.buffer, out, longest)


def answer_all(
    answer: Callable[[str], str], source: Iterable[bytes], out: int, longest: int
) -> None:
    """Answer each line in a process of its own; the answer begins with the key of its line."""
    for line in source:
        key, _, asked = line.partition(b" ")
        said = isolate(answer, asked.decode(), longest, out)
        _write(out, key + b" " + (said or ENDED + b"\n"))


def _write(out: int, line: bytes) -> None:
    """Write the whole of a line, however much the pipe takes at once."""
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(out, rest) :]


def isolate(answer: Callable[[str], str], line: str, longest: int, channel: int) -> bytes:
    """Answer one line in a forked process.

    Nothing when that ends before it has said everything, or says more than one line.

    Args:
        channel: the descriptor of the answers to the parent, which the task must not have.
    """
    inside, outside = os.pipe()
    child = os.getpid()
    task = os.fork()
    if task == 0:
        os.close(inside)
        os.close(channel)
        _answer_and_end(answer, line, outside, child)
    os.close(outside)
    said = _listen(inside, longest)
    os.close(inside)
    with contextlib.suppress(ProcessLookupError):
        os.kill(task, signal.SIGKILL)  # whoever says too much is not read to the end
    os.waitpid(task, 0)
    return said if said.find(b"\n") == len(said) - 1 and len(said) <= longest else b""


def _listen(inside: int, longest: int) -> bytes:
    """What a task says; if the parent ends meanwhile, everything here is ended."""
    said = bytearray()
    ready = select.poll()
    ready.register(inside, select.POLLIN)
    ready.register(PARENT, select.POLLIN)
    while len(said) <= longest:
        if any(descriptor == PARENT for descriptor, _ in ready.poll()):
            os.killpg(0, signal.SIGKILL)  # nobody asks before the last question is answered
        piece = os.read(inside, PIECE)
        if not piece:
            break
        said += piece
    return bytes(said)


def _answer_and_end(answer: Callable[[str], str], line: str, outside: int, child: int) -> None:
    """Never returns: the fork is no place for anything but its task."""
    try:
        die_with_parent()
        if os.getppid() != child:
            return
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
        os.dup2(os.open(os.devnull, os.O_RDONLY), PARENT)
        _write(outside, answer(line).encode() + b"\n")
    finally:
        os._exit(0)


def die_with_parent() -> None:
    """Ask the system to end this process when the one that forked it ends, where it can."""
    if _PRCTL is not None:
        _PRCTL(_DEATH_SIGNAL, signal.SIGKILL)


def leave_network() -> bool:
    """Move into a network without a way out; whether the system allowed it."""
    return _UNSHARE is not None and _UNSHARE(_NEW_USER | _NEW_NET) == 0
