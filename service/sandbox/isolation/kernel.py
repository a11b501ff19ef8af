"""System calls of Linux that Python has no function for, by way of the C library.

Elsewhere each of them answers that it does not work.
"""

from __future__ import annotations

import ctypes
from typing import Final

DEATH_SIGNAL: Final = 1
"""Of `prctl`: the signal that this process gets when its parent ends (PR_SET_PDEATHSIG)."""
DUMPABLE: Final = 4
"""Of `prctl`: whether others of the same user read memory and environment (PR_SET_DUMPABLE)."""
SUBREAPER: Final = 36
"""Of `prctl`: what a child's child leaves becomes a child of this process
(PR_SET_CHILD_SUBREAPER)."""
NO_NEW_PRIVILEGES, HAS_NO_NEW_PRIVILEGES = 38, 39
"""Of `prctl`: no program that is started gives more rights (PR_SET_NO_NEW_PRIVS), and the question
whether that is so."""
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
"""Of `unshare`: namespaces (CLONE_NEWUSER, CLONE_NEWNET)."""
_CAPABILITIES: Final = 0x20080522
"""The version of the header of `capset` (_LINUX_CAPABILITY_VERSION_3)."""
_SYSTEM = ctypes.CDLL(None)
_PRCTL, _UNSHARE, _CAPSET, _CAPGET, _SYSCALL = (
    getattr(_SYSTEM, name, None) for name in ("prctl", "unshare", "capset", "capget", "syscall")
)
"""Found once: whatever a task loads by itself is loaded for each task."""


def prctl(option: int, value: int = 0) -> int:
    """What the call gives; -1 where it does not work."""
    return -1 if _PRCTL is None else int(_PRCTL(option, value, 0, 0, 0))


def unshare(namespaces: int) -> bool:
    """Move into new namespaces; whether the system allowed it."""
    return _UNSHARE is not None and _UNSHARE(namespaces) == 0


def drop_capabilities() -> None:
    """Give up what a superuser may, also the one of a namespace of its own."""
    if _CAPSET is not None:
        _CAPSET((ctypes.c_uint32 * 2)(_CAPABILITIES, 0), (ctypes.c_uint32 * 6)())


def has_capabilities() -> bool:
    """Whether this process may something of what a superuser may."""
    if _CAPGET is None:
        return True
    found = (ctypes.c_uint32 * 6)()
    failed = _CAPGET((ctypes.c_uint32 * 2)(_CAPABILITIES, 0), found)
    return bool(failed or any(found))


def syscall(number: int, *arguments: object) -> int:
    """What a call by its number gives; -1 where it does not work."""
    return -1 if _SYSCALL is None else int(_SYSCALL(number, *arguments))


def hide_memory() -> None:
    """Keep other processes of the same user from this one's memory and environment (`/proc`,
    `ptrace`). Debuggers and core dumps need a superuser from then on.
    """
    prctl(DUMPABLE, 0)


def show_memory() -> None:
    """Take `hide_memory` back: debuggers, profilers and core dumps of the same user work again."""
    prctl(DUMPABLE, 1)
