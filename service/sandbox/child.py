"""What runs inside a child process: it answers each line in a process of its own, which it forks.

So a task that hangs, eats memory or ends its process takes nothing along, and the next one does not
wait for imports. A task has no descriptor that leads to the parent, and dies with the child; the
child dies with its parent, and what a task leaves running ends with it. What it may do is said in
`service.sandbox.isolation.confinement`; that and the limits hold on Linux, elsewhere only the time
of the parent's clock is certain.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import select
import signal
import sys
from collections.abc import Callable, Iterable

from service.sandbox.isolation import kernel
from service.sandbox.isolation.confinement import confine

MEMORY = 512 * 2**20
"""Address space of a child, in bytes, when its work needs no more."""
PROCESSOR_SECONDS = 10
"""Computing time of one task."""
READY = b"ready"
"""The key of the line that says that the child listens; the line holds nothing else."""
ENDED = b"!"
"""Line for a task whose process ended without an answer; an answer is JSON and never begins so."""
PIECE = 65_536
PARENT = 0
"""The descriptor on which the parent asks: at its end there is no parent any more."""
FOLDER = "TMPDIR"
"""Names in the environment the one folder in which a child may write."""


def _nothing() -> None:
    pass


def serve(
    answer: Callable[[str], str],
    *,
    longest: int,
    network: bool = False,
    memory: int = MEMORY,
    reads: Iterable[str] = (),
    prepare: Callable[[], object] = _nothing,
) -> None:
    """Run as the child: one line in and one line out, until the parent closes the pipe.

    It is confined first. What anybody prints goes nowhere, also while foreign modules are imported.

    Args:
        answer: from a line to a line of JSON.
        network: whether the network stays.
        memory: address space, in bytes.
        reads: places that are read besides the program's.
        prepare: what is done once, before the first line.
    """
    out = os.dup(1)
    os.dup2(2, 1)
    own = confine(
        memory=memory,
        network=network,
        folder=os.environ.get(FOLDER),
        reads=reads,
        packages=[_package_run()],
    )
    prepare()
    gc.freeze()
    _write(out, READY + b" \n")
    answer_all(answer, sys.stdin.buffer, out, longest, signals_stay=own)
    os._exit(0)  # the parent waits for the end, and there is nothing to put in order


def _package_run() -> str:
    """The package of the module that the interpreter runs."""
    spec = sys.modules["__main__"].__spec__
    return spec.name.partition(".")[0] if spec is not None else ""


def answer_all(
    answer: Callable[[str], str],
    source: Iterable[bytes],
    out: int,
    longest: int,
    *,
    signals_stay: bool = False,
) -> None:
    """Answer each line in a process of its own; the answer begins with the key of its line.

    Args:
        signals_stay: as `confine` says; then what a task left running is ended with it.
    """
    folder = os.environ.get(FOLDER)
    for line in source:
        key, _, asked = line.partition(b" ")
        said = isolate(answer, asked.decode(), longest, out, signals_stay=signals_stay)
        if signals_stay:
            _end_what_is_left()
        if folder:
            _empty(folder)
        _write(out, key + b" " + (said or ENDED + b"\n"))


def _write(out: int, line: bytes) -> None:
    """Write the whole of a line, however much the pipe takes at once."""
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(out, rest) :]


def isolate(
    answer: Callable[[str], str],
    line: str,
    longest: int,
    channel: int,
    *,
    signals_stay: bool = False,
) -> bytes:
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
    said = _listen(inside, longest, signals_stay=signals_stay)
    os.close(inside)
    with contextlib.suppress(ProcessLookupError):
        os.kill(task, signal.SIGKILL)  # whoever says too much is not read to the end
    os.waitpid(task, 0)
    return said if said.find(b"\n") == len(said) - 1 and len(said) <= longest else b""


def _listen(inside: int, longest: int, *, signals_stay: bool) -> bytes:
    """What a task says; if the parent ends meanwhile, everything here is ended."""
    said = bytearray()
    ready = select.poll()
    ready.register(inside, select.POLLIN)
    ready.register(PARENT, select.POLLIN)
    while len(said) <= longest:
        if any(descriptor == PARENT for descriptor, _ in ready.poll()):
            if signals_stay:
                _end_all_others()  # what left the group of this process too
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


def _end_what_is_left() -> None:
    """End the processes that a task started and left, which are this one's children by then."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        if _end_all_others():
            while os.waitpid(-1, 0):
                pass


def _end_all_others() -> bool:
    """End all whom a signal of this process reaches; whether that was done.

    Nothing is sent while the parent can be reached: then it would reach others too.
    """
    try:
        os.kill(os.getppid(), 0)
    except PermissionError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        return True
    return False


def _empty(folder: str) -> None:
    """Take out what a task wrote, so that the next one does not find it."""
    with os.scandir(folder) as left:
        for entry in left:
            if entry.is_dir(follow_symlinks=False):
                _empty(entry.path)
                os.rmdir(entry.path)  # noqa: PTH106 - no path is made for it
            else:
                os.unlink(entry.path)  # noqa: PTH108 - the same


def die_with_parent() -> None:
    """Ask the system to end this process when the one that forked it ends, where it can."""
    kernel.prctl(kernel.DEATH_SIGNAL, signal.SIGKILL)
