"""TRESTEG_DEBUG lets debuggers into a demo, and stops the start of everything else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from service.cli import beginning
from service.cli.installation_commands import DEBUGGING
from service.sandbox.isolation import kernel
from tests.support.machine import ROOT
from tests.support.terminal import one_sentence, tresteg
from tests.support.waiting import PROGRAM

SEEN = """
import ctypes
from service.sandbox.isolation.kernel import hide_memory, show_memory
hide_memory()
show_memory()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.fixture
def let_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a command with TRESTEG_DEBUG does to its process, in its order."""
    done: list[str] = []
    monkeypatch.setenv("TRESTEG_DEBUG", "yes")
    monkeypatch.setattr(kernel, "prctl", lambda _, value: done.append("shown" if value else "hid"))
    monkeypatch.setattr(beginning, "let_debuggers_in", lambda: done.append("let in"))
    return done


@pytest.mark.slow
@pytest.mark.usefixtures("small_demo")
def test_a_demo_lets_debuggers_in_and_says_so(let_in: list[str]) -> None:
    demo = tresteg("demo", "--seed-only")
    assert demo.exit_code == 0, demo.output
    assert let_in == ["hid", "let in", "shown"]
    assert '"event": "debugging"' in demo.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("small_demo")
def test_the_doctor_of_a_demo_names_the_switch(let_in: list[str]) -> None:
    assert tresteg("demo", "--seed-only").exit_code == 0
    let_in.clear()
    doctor = tresteg("doctor")
    assert DEBUGGING in doctor.stdout.splitlines()
    assert let_in == ["hid"], "it only looks"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("command", ["serve", "worker", "verify", "doctor"])
def test_a_real_keyring_refuses_the_switch(let_in: list[str], command: str) -> None:
    done = tresteg(command)
    assert done.exit_code == 78
    assert "TRESTEG_DEBUG=yes leaves the memory visible" in done.stderr
    if command != "doctor":
        one_sentence(done)
    assert let_in == ["hid"]


@pytest.mark.slow
@pytest.mark.usefixtures("small_demo")
def test_without_the_switch_nothing_is_let_in(
    let_in: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRESTEG_DEBUG")
    assert tresteg("demo", "--seed-only").exit_code == 0
    assert let_in == ["hid"]
    assert "TRESTEG_DEBUG=yes" not in tresteg("doctor").stdout


def test_a_memory_that_was_hidden_can_be_shown() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SEEN],
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
        cwd=ROOT,
    )
    assert done.stdout.strip() == "1"
