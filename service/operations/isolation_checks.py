"""Which parts of the isolation of child processes work here: what is refused, and what is said.

A part that does not work leaves one protection less. Without those of files and memory a handler
with a fault could read the keyring, and with a real one nothing starts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from service.application.container import Tresteg
from service.sandbox.isolation.confinement import FILE_SIZE, MIB, OPEN_FILES, PROCESSES
from service.sandbox.isolation.isolation_trial import try_isolation

PARTS: Final[Mapping[str, str]] = {
    "network": "reaches no network",
    "user": "has a user namespace of its own",
    "memory": "reads no memory and no environment of the service",
    "files": "reads the program's files alone, not the keyring or the database",
    "writing": "writes into a folder of its own alone",
    "programs": "starts no program",
    "signals": "sends no signal to the service",
    "privileges": "has no privileges, and gains none",
    "sizes": f"opens at most {OPEN_FILES} files, none larger than {FILE_SIZE // MIB} MiB",
    "processes": f"has at most {PROCESSES} processes",
}
"""Part to what a child process does where it works."""
LANDLOCK: Final = (
    "Landlock is missing: it needs Linux 5.13, `landlock` in the kernel's list `lsm=` "
    "(/sys/kernel/security/lsm), and the calls landlock_create_ruleset, landlock_add_rule and "
    "landlock_restrict_self in SystemCallFilter= of the unit"
)
SIGNALS: Final = "keeping signals to a child's own processes needs Landlock of Linux 6.12"
NAMESPACES: Final = (
    "user namespaces are refused: in the unit set RestrictNamespaces=user net and leave `unshare` "
    "in SystemCallFilter=; in the kernel set kernel.unprivileged_userns_clone to 1 where there is "
    "such a setting and user.max_user_namespaces above 0; on Ubuntu since 23.10 give Python an "
    "AppArmor profile with `userns,`, or set kernel.apparmor_restrict_unprivileged_userns to 0"
)
SUPERUSER: Final = (
    "Linux counts no processes of a superuser: run the service as a user of its own; until then "
    "TasksMax= of the unit is the only limit"
)
COUNTED: Final = "the processes of a user namespace are counted by themselves since Linux 5.14"
OTHERS: Final = "this part is made for Linux alone"
KERNEL: Final = Path("/proc/sys")
_SWITCHES: Final = (
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone to 1"),
    ("user/max_user_namespaces", "0", "user.max_user_namespaces above 0, to 1000 say"),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "kernel.apparmor_restrict_unprivileged_userns to 0, or allow Python `userns` in AppArmor",
    ),
)
"""Settings of the kernel by which it refuses user namespaces: the value that does, and what to
set."""
_KEEPS_SECRETS: Final = frozenset({"memory", "files"})


def isolation_refusals(program: Tresteg) -> Iterator[str]:
    """A sentence when a handler could read the keyring or the database."""
    lacking = _lacking(program)
    if _KEEPS_SECRETS & set(lacking):
        reads = " and ".join(
            {"memory": "the memory of the service", "files": "files like the keyring"}[part]
            for part in lacking
            if part in _KEEPS_SECRETS
        )
        why = "; ".join(_causes([part for part in lacking if part in _KEEPS_SECRETS]))
        yield f"a handler could read {reads}: {why}"


def isolation_lines(program: Tresteg) -> list[str]:
    """A line for each part, whether it works, and one for each reason why some do not."""
    works = _tried(program)
    return [
        *(
            f"A child process {does}: {'works' if works[part] else 'DOES NOT WORK'}."
            for part, does in PARTS.items()
        ),
        *_as_sentences(_lacking(program)),
    ]


def isolation_warnings(program: Tresteg) -> tuple[list[str], list[str]]:
    """The parts that do not work, and sentences about them with what to change."""
    lacking = _lacking(program)
    sentences = [f"This does not hold: a child process {PARTS[part]}." for part in lacking]
    return lacking, [*sentences, *_as_sentences(lacking)]


def _tried(program: Tresteg) -> Mapping[str, bool]:
    settings = program.settings
    database = program.database.url.database or ""
    on_disk = not program.database.postgres and Path(database).is_file()
    named = [settings.keys_file, database if on_disk else ""]
    return _try_once(tuple(str(Path(file).absolute()) for file in named if file))


_try_once = cache(try_isolation)
"""What works is the same as long as the program runs."""


def _lacking(program: Tresteg) -> list[str]:
    return [part for part, works in _tried(program).items() if not works]


def _as_sentences(lacking: list[str]) -> list[str]:
    return [f"{cause[0].upper()}{cause[1:]}." for cause in _causes(lacking)]


def _causes(lacking: list[str]) -> list[str]:
    """Why parts do not work, and what to change; each once."""
    superuser = hasattr(os, "geteuid") and os.geteuid() == 0
    processes = SUPERUSER if superuser else _namespaces() if "user" in lacking else COUNTED
    why = {
        **dict.fromkeys(("files", "writing", "programs"), LANDLOCK),
        **dict.fromkeys(("network", "user"), _namespaces()),
        "memory": f"{LANDLOCK}; or {_namespaces()}",
        "signals": LANDLOCK if "files" in lacking else SIGNALS,
        "processes": processes,
    }
    return list(dict.fromkeys(why.get(part, OTHERS) for part in lacking))


def _namespaces(kernel: Path = KERNEL) -> str:
    """What refuses user namespaces: the setting of the kernel, where one can be read that does."""
    for name, refuses, wants in _SWITCHES:
        try:
            found = (kernel / name).read_text("ascii").strip()
        except OSError:
            continue
        if found == refuses:
            return f"the kernel refuses user namespaces: set {wants}"
    return NAMESPACES
