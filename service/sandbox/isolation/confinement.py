"""What a child process gives up before it does anything: see `confine`.

Each step that a system does not allow is left out; `isolation_trial` says which.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from service.sandbox.isolation import kernel, landlock

MIB: Final = 2**20
PROCESSES: Final = 64
"""Processes and threads of a child with all its tasks, where a user namespace counts its own."""
OPEN_FILES: Final = 256
FILE_SIZE: Final = 64 * MIB
"""Bytes of the largest file that may be written."""
COUNTS_BY_NAMESPACE: Final = (5, 14)
"""The version of Linux since which RLIMIT_NPROC counts the processes of a user namespace by
themselves; before, it counts all that the user of the service has anywhere."""
SYSTEM_CALLS: Final = (
    *("prctl", "unshare", "capset", "prlimit64", "setrlimit"),
    *("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"),
)
"""What a filter of system calls must leave."""
NAMESPACES: Final = ("user", "net")
"""What a filter of namespaces must leave, as systemd calls them."""
ROOT: Final = Path(__file__).resolve().parents[3]
"""Where the packages lie. In a checkout much else lies there too, which nobody reads."""
INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
"""Names of the folder in which it lies among other packages, and nothing but packages."""
PACKAGES: Final = ("service", "handlers", "forms", "workflows")
SYSTEM: Final = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf"),
    *("/etc/crypto-policies", "/dev/urandom", "/dev/random", "/dev/zero"),
)
"""Libraries, time zones and what they read; the same on every machine, and nobody's secret."""


def confine(
    *,
    memory: int,
    network: bool,
    folder: str | None,
    reads: Iterable[str] = (),
    packages: Iterable[str] = (),
) -> bool:
    """Keep this process, and all that it starts, to itself.

    Gone are the network, the right to read other files than the program's and to write outside
    one folder, to start programs, to send signals to others, and to read the memory of others of
    the same user. Called while there is one thread.

    Args:
        memory: address space, in bytes.
        network: whether the network stays.
        folder: the one in which it may write.
        reads: more places that it may read.
        packages: more packages, besides `service`, that it may read.
    Returns: whether signals reach nobody but those who are confined together.
    """
    kernel.prctl(kernel.NO_NEW_PRIVILEGES, 1)
    kernel.prctl(kernel.SUBREAPER, 1)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, FILE_SIZE)
    has_user = _leave(network=network)
    kernel.drop_capabilities()
    if has_user and _linux() >= COUNTS_BY_NAMESPACE:
        _limit(resource.RLIMIT_NPROC, PROCESSES)
    places = [
        *((place, landlock.READ) for place in (*_program(packages), *SYSTEM, *reads)),
        (str(ROOT), landlock.LIST),
        (os.devnull, landlock.WRITE),
        *([(folder, landlock.WRITE)] if folder else ()),
    ]
    version = landlock.restrict(places, network=network)
    kernel.hide_memory()
    return landlock.keeps_signals(version)


def _leave(*, network: bool) -> bool:
    """Move into namespaces of its own; whether one of users is among them.

    AppArmor of Ubuntu lets a process have one of users, and nothing in it.
    """
    if not network and kernel.unshare(kernel.NEW_USER | kernel.NEW_NETWORK):
        return True
    return kernel.unshare(kernel.NEW_USER)


def _linux() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(c for c in minor if c.isdigit()) or 0)


def _program(packages: Iterable[str]) -> Iterator[str]:
    """Python, what is installed for it, and this program."""
    yield from (str(ROOT / name) for name in (*PACKAGES, *packages))
    yield from (os.path.join(p, "lib") for p in {sys.prefix, sys.base_prefix})  # noqa: PTH118 - no path is made of it
    for place in filter(None, sys.path):
        if Path(place).resolve() != ROOT or ROOT.name in INSTALLED:
            yield place


def _limit(which: int, most: int) -> None:
    """Lower a limit for good; one that is lower already stays."""
    _, hard = resource.getrlimit(which)
    lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (lower, lower))
