"""Landlock: a process gives up files, network and signals for itself and all that it starts.

No superuser is needed, and nothing takes it back. Source: Documentation/userspace-api/landlock.rst
of Linux; the numbers of its system calls are the same on every machine.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from typing import Final

from service.sandbox.isolation import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION: Final = 1
"""Of `landlock_create_ruleset`: the question which version the kernel has."""
_BENEATH: Final = 1
"""Of `landlock_add_rule`: a folder or a file (LANDLOCK_RULE_PATH_BENEATH)."""
_WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(1, 6))
_MAKE_DIR, _MAKE_FILE, _TRUNCATE = 1 << 7, 1 << 8, 1 << 14
_ALL_OF_FILES: Final = {1: 13, 2: 14, 3: 15, 4: 15}
"""Version to how many rights on files it knows; a later one knows 16 that are refused here."""
_NEWEST_OF_FILES: Final = 16
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6
LIST: Final = _READ_DIR
READ: Final = _READ_FILE | _READ_DIR
WRITE: Final = READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_FILE | _TRUNCATE
_OF_A_FILE: Final = _WRITE_FILE | _READ_FILE | _TRUNCATE
"""Rights that a rule about a file may name; the others are about folders."""


class _Ruleset(ctypes.Structure):
    """landlock_ruleset_attr."""

    _fields_ = [
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    ]


class _Beneath(ctypes.Structure):
    """landlock_path_beneath_attr."""

    _pack_ = 1
    _fields_ = [
        ("allowed", ctypes.c_uint64),
        ("folder", ctypes.c_int32),
    ]


def version() -> int:
    """The version of Landlock that the kernel has; 0 when it has none."""
    return max(0, kernel.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)))


def keeps_signals(of: int) -> bool:
    """Whether a version of Landlock keeps signals to those who are restricted together."""
    return of >= _SCOPES_SINCE


def restrict(places: Iterable[tuple[str, int]], *, network: bool) -> int:
    """Keep this process to some folders and files, and to its own for signals.

    No program can be started. What is open already stays open. `prctl` must have been asked for
    no new privileges.

    Args:
        places: a folder or a file, and what may be done there: LIST, READ or WRITE; those that are
            not there are left out.
        network: whether it may use TCP; other kinds of networks are not kept from it here.
    Returns: the version of Landlock; 0 when nothing is restricted.
    """
    known = version()
    if not known:
        return 0
    files = (1 << _ALL_OF_FILES.get(known, _NEWEST_OF_FILES)) - 1
    rules = _Ruleset(
        files,
        3 if known >= _NETWORK_SINCE and not network else 0,
        3 if keeps_signals(known) else 0,
    )
    ruleset = kernel.syscall(
        _CREATE, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), ctypes.c_uint32(0)
    )
    if ruleset < 0:
        return 0
    try:
        for place, allowed in places:
            _allow(ruleset, place, allowed & files)
        done = kernel.syscall(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return known if done == 0 else 0


def _allow(ruleset: int, place: str, allowed: int) -> None:
    try:
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            allowed &= _OF_A_FILE
        rule = _Beneath(allowed, opened)
        kernel.syscall(
            _ADD,
            ctypes.c_int(ruleset),
            ctypes.c_int(_BENEATH),
            ctypes.byref(rule),
            ctypes.c_uint32(0),
        )
    finally:
        os.close(opened)
