"""Which parts of the isolation of child processes work here: a child tries to break each.

What a kernel says that it has is no answer: a container, a unit of systemd or AppArmor may refuse
it all the same.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from service.sandbox.child import serve
from service.sandbox.child_processes import ChildEnded, ChildProcess
from service.sandbox.isolation import kernel
from service.sandbox.isolation.confinement import FILE_SIZE, OPEN_FILES, PROCESSES

SECONDS: Final = 30.0
"""Longest that the trial may take."""
_ANSWER_MOST: Final = 4096
_ENDED_WELL, _REFUSED = 0, 7
_VM_READV: Final = getattr(ctypes.CDLL(None), "process_vm_readv", None)


def try_isolation(private: tuple[str, ...] = ()) -> Mapping[str, bool]:
    """Part of the isolation to whether it works, in the order in which they are said.

    Args:
        private: files that a child must not read, with their whole paths; it tries to.
    """
    secret = ctypes.create_string_buffer(b"secret of the service")
    with ExitStack() as open_:
        stream = open_.enter_context(socket.create_server(("127.0.0.1", 0)))
        packets = open_.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        packets.bind(("127.0.0.1", 0))
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="tresteg-trial-")))
        (folder / "file").write_bytes(b"secret of the service")
        child = ChildProcess("service.sandbox.isolation.isolation_trial", longest=_ANSWER_MOST)
        open_.callback(child.close)
        asked: dict[str, Any] = {
            "stream": stream.getsockname(),
            "packets": packets.getsockname(),
            "process": os.getpid(),
            "address": ctypes.addressof(secret),
            "users": _users(),
            "folder": str(folder),
            "files": [str(folder / "file"), *private],
        }
        try:
            said = json.loads(child.ask(json.dumps(asked), SECONDS))
        except ChildEnded:
            said = {}
    return {part: bool(said.get(part)) for part in _TRIES}


def _users() -> int:
    """The number of the namespace of users that this process is in; 0 where there are none."""
    with suppress(OSError):
        return os.stat("/proc/self/ns/user").st_ino  # noqa: PTH116 - a link of the kernel, which is followed
    return 0


# ---- inside the child: each gives whether what it tries is refused


def _is_refused(try_: Callable[[], object]) -> bool:
    try:
        try_()
    except OSError:
        return True
    return False


def _network(asked: Mapping[str, Any]) -> bool:
    def connect() -> None:
        socket.create_connection(tuple(asked["stream"]), 5).close()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(b"out", tuple(asked["packets"]))

    return _is_refused(connect) and _is_refused(send)


def _user(asked: Mapping[str, Any]) -> bool:
    return _users() not in {0, asked["users"]}


def _memory(asked: Mapping[str, Any]) -> bool:
    service = f"/proc/{asked['process']}"
    found = ctypes.create_string_buffer(1)
    here, there = (
        (ctypes.c_size_t * 2)(where, 1) for where in (ctypes.addressof(found), asked["address"])
    )
    none = ctypes.c_ulong(0)
    one = ctypes.c_ulong(1)
    return (
        _is_refused(lambda: Path(service, "environ").read_bytes())
        and _is_refused(lambda: os.close(os.open(f"{service}/mem", os.O_RDONLY)))
        and (_VM_READV is None or _VM_READV(asked["process"], here, one, there, one, none) == -1)
    )


def _files(asked: Mapping[str, Any]) -> bool:
    return all(_is_refused(Path(file).read_bytes) for file in asked["files"])


def _writing(asked: Mapping[str, Any]) -> bool:
    place = Path(asked["folder"])
    return _is_refused((place / "new").touch) and _is_refused(lambda: (place / "file").open("ab"))


def _programs(_: Mapping[str, Any]) -> bool:
    tried = os.fork()
    if tried == 0:
        try:
            os.execv("/bin/true", ["true"])  # noqa: S606 - it must be refused
        finally:
            os._exit(_REFUSED)
    return os.waitstatus_to_exitcode(os.waitpid(tried, 0)[1]) == _REFUSED


def _signals(asked: Mapping[str, Any]) -> bool:
    return _is_refused(lambda: os.kill(asked["process"], 0))


def _privileges(_: Mapping[str, Any]) -> bool:
    return kernel.prctl(kernel.HAS_NO_NEW_PRIVILEGES) == 1 and not kernel.has_capabilities()


def _processes(_: Mapping[str, Any]) -> bool:
    """Whether there is a limit, and the system minds it: it does not for a superuser."""
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    if not 0 < most <= PROCESSES:
        return False
    resource.setrlimit(resource.RLIMIT_NPROC, (1, most))
    try:
        tried = os.fork()
    except OSError:
        return True
    if tried == 0:
        os._exit(_ENDED_WELL)
    os.waitpid(tried, 0)
    return False


def _sizes(_: Mapping[str, Any]) -> bool:
    most_files, most_bytes = (
        resource.getrlimit(which)[1] for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE)
    )
    return 0 < most_files <= OPEN_FILES and 0 < most_bytes <= FILE_SIZE


_TRIES: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = {
    "network": _network,
    "user": _user,
    "memory": _memory,
    "files": _files,
    "writing": _writing,
    "programs": _programs,
    "signals": _signals,
    "privileges": _privileges,
    "sizes": _sizes,
    "processes": _processes,
}


def answer_one(line: str) -> str:
    """The child's answer: part to whether it works. What cannot be tried counts as not working."""
    asked = json.loads(line)
    said = {}
    for part, try_ in _TRIES.items():
        with suppress(Exception):
            said[part] = try_(asked)
    return json.dumps(said)


def main() -> None:
    """Be the child: one that runs handlers is confined in the same way."""
    serve(answer_one, longest=_ANSWER_MOST)


if __name__ == "__main__":
    main()
