"""Each part of the isolation of child processes is tried in a real child: as this user and as an
ordinary one, where the kernel refuses namespaces, and where it has no more Landlock to give.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from service.sandbox.isolation import landlock
from service.sandbox.isolation.confinement import PROCESSES
from service.sandbox.isolation.isolation_trial import try_isolation
from tests.support.machine import lacking
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).resolve().parents[3]
TRY = """
import json, sys
from service.sandbox.isolation.isolation_trial import try_isolation
print(json.dumps(try_isolation(tuple(sys.argv[1:]))))
"""
NO_LANDLOCK = """
import ctypes, os, sys
system = ctypes.CDLL(None)
system.prctl(38, 1, 0, 0, 0)
while True:  # a kernel stacks sixteen rulesets, and refuses the next one
    ruleset = system.syscall(444, ctypes.byref(ctypes.c_uint64(1 << 6)), ctypes.c_size_t(8), 0)
    if system.syscall(446, ruleset, 0):
        break
    os.close(ruleset)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
NO_NAMESPACES = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
OF_LANDLOCK = {"files", "writing", "programs", "signals"}
OF_NAMESPACES = {"network", "user", "processes"}


def said(*words: str, user: str = "") -> Any:
    """The JSON that a program says, which is started by these words."""
    before = ["runuser", "-u", user, "--"] if user else []
    done = subprocess.run(
        [*before, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
        cwd="/" if user else ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def works(found: Mapping[str, bool]) -> set[str]:
    return {part for part, works in found.items() if works}


def require_landlock() -> None:
    if not landlock.keeps_signals(landlock.version()):
        lacking("this kernel has no Landlock of version 6 (Linux 6.12)")


def require_namespaces() -> None:
    unshare = shutil.which("unshare")
    done = unshare and subprocess.run(
        [unshare, "--user", "--map-root-user", "true"], check=False, timeout=PROGRAM
    )
    if not done or done.returncode:
        lacking("this machine lets nobody have a user namespace")


def ordinary_python() -> str:
    """An interpreter that an ordinary user can start, which a superuser becomes for a test."""
    if os.geteuid() != 0 or not shutil.which("runuser"):
        lacking("only a superuser becomes another user")
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        lacking("there is no Python that every user can start")
    return python


def test_every_part_works_here(tmp_path: Path) -> None:
    require_landlock()
    require_namespaces()
    keyring = tmp_path / "keyring.json"
    keyring.write_text("secret", encoding="utf-8")
    found = try_isolation((str(keyring),))
    superuser = {"processes"} if os.geteuid() == 0 else set()
    assert set(found) - works(found) == superuser


def test_every_part_works_for_an_ordinary_user() -> None:
    python = ordinary_python()
    require_landlock()
    require_namespaces()
    found = said(python, "-c", TRY, user="nobody")
    assert works(found) == set(found)


def test_a_keyring_among_the_files_of_the_program_is_found_out() -> None:
    assert not try_isolation((str(ROOT / "service" / "errors.py"),))["files"]


def test_what_namespaces_keep_is_named_without_them() -> None:
    require_landlock()
    require_namespaces()
    found = said(
        *("unshare", "--user", "--map-root-user", "sh", "-c", NO_NAMESPACES, "sh"),
        *(sys.executable, "-c", TRY),
    )
    assert set(found) - works(found) == OF_NAMESPACES
    assert found["memory"], "Landlock keeps it too"


def test_what_landlock_keeps_is_named_where_it_is_not() -> None:
    require_landlock()
    require_namespaces()
    found = said(sys.executable, "-c", NO_LANDLOCK, "-c", TRY)
    superuser = {"processes"} if os.geteuid() == 0 else set()
    assert set(found) - works(found) == OF_LANDLOCK | superuser
    assert found["memory"], "a user namespace keeps it too"


BURST = """
import json
from service.sandbox.child_processes import ChildProcess
made = ChildProcess("tests.sandbox.isolation.bomb", longest=100)
print(json.dumps([int(made.ask("", 60)) for _ in range(3)]))
made.close()
"""


def test_a_fork_bomb_is_small_and_leaves_nothing() -> None:
    """Each of three finds the same room: what the one before started has ended with it."""
    python = ordinary_python()
    require_landlock()
    require_namespaces()
    first, *others = said(python, "-c", BURST, user="nobody")
    assert 0 < first < PROCESSES
    assert others == [first, first]


HIDDEN = """
import os, pathlib
from service.sandbox.isolation.kernel import hide_memory
hide_memory()
reader = os.fork()
if reader == 0:
    try:
        pathlib.Path(f"/proc/{os.getppid()}/environ").read_bytes()
    except PermissionError:
        os._exit(7)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1]))
"""
COMMAND = """
import ctypes
from service.cli import main
before = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
try:
    main(["keys", "new", "--help"])
except SystemExit:
    print([before, ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)], file=__import__("sys").stderr)
"""


def test_others_of_the_user_do_not_read_what_is_hidden() -> None:
    assert said(ordinary_python(), "-c", HIDDEN, user="nobody") == 7


@pytest.mark.slow
def test_every_command_hides_its_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
        cwd=ROOT,
    )
    assert done.stderr.strip() == "[1, 0]"
