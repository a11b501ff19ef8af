"""A real keyring is no handler's: where one could read it, nothing starts; what else does not work
is said with what to change.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from service.operations import isolation_checks
from service.operations.isolation_checks import (
    KERNEL,
    PARTS,
    isolation_lines,
    isolation_refusals,
    isolation_warnings,
)
from service.sandbox.isolation import landlock
from service.security.keyring import make_keyring, write_keyring
from tests.sandbox.isolation.test_trial import NO_LANDLOCK
from tests.support.machine import ROOT, lacking
from tests.support.waiting import PROGRAM
from tests.support.world import World

CLI = "from service.cli import main; main()"


def without(*parts: str) -> Mapping[str, bool]:
    return {part: part not in parts for part in PARTS}


@pytest.mark.parametrize(
    ("lacks", "refused"),
    [
        ((), []),
        (("network", "user", "processes", "signals", "programs", "writing"), []),
        (("files",), ["a handler could read files like the keyring: Landlock is missing"]),
        (("memory",), ["a handler could read the memory of the service: Landlock is missing"]),
    ],
)
def test_only_what_reads_the_keyring_refuses_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch, lacks: tuple[str, ...], refused: list[str]
) -> None:
    monkeypatch.setattr(isolation_checks, "_try_once", lambda _: without(*lacks))
    assert [one[: len(refused[0])] for one in isolation_refusals(world.program)] == refused
    lines = isolation_lines(world.program)
    assert [line for line in lines if line.endswith(": DOES NOT WORK.")] == [
        f"A child process {does}: DOES NOT WORK." for part, does in PARTS.items() if part in lacks
    ]
    named, sentences = isolation_warnings(world.program)
    assert set(named) == set(lacks)
    assert len(sentences) >= len(lacks)


def test_the_setting_that_refuses_namespaces_is_named(tmp_path: Path) -> None:
    assert "RestrictNamespaces=user net" in isolation_checks._namespaces(tmp_path)
    assert isolation_checks.KERNEL == KERNEL
    for name, value, says in (
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "allow Python `userns` in AppArmor"),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces above 0"),
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone to 1"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{value}\n", "ascii")
        assert says in isolation_checks._namespaces(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("demo", [False, True])
def test_a_kernel_without_landlock_starts_a_demo_alone(
    tmp_path: Path,
    demo: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    if not landlock.version():
        lacking("this kernel has no Landlock to use up")
    (tmp_path / "lib").mkdir(mode=0o700)
    write_keyring(make_keyring(demo=demo), tmp_path / "keyring.json")
    done = subprocess.run(
        [sys.executable, "-c", NO_LANDLOCK, "-c", CLI, "doctor"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
        cwd=ROOT,
        env={
            **os.environ,
            "TRESTEG_DATABASE_URL": f"sqlite:///{tmp_path}/lib/tresteg.db",
            "TRESTEG_KEYS_FILE": str(tmp_path / "keyring.json"),
            "TRESTEG_MAIL_URL": "smtp://127.0.0.1:1025?tls=off",
        },
    )
    refused = "tresteg cannot start: a handler could read files like the keyring: Landlock is"
    if demo:
        assert done.returncode == 0, done.stderr
        assert "starts no program: DOES NOT WORK." in done.stdout
        assert "Landlock is missing: it needs Linux 5.13" in done.stdout
    else:
        assert done.returncode == 78
        assert refused in done.stderr
