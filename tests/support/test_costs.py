"""What tests cost is measured in CPU, marks the slow ones, and orders the files."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.costs import SURPRISE, TABLE
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).parents[2]
SLOW = 0.03
"""CPU seconds from which a test of the small tree is slow: less than what is slow here."""
DEAR = SLOW * SURPRISE + 0.1
TESTS = f"""
import subprocess, sys, time
import pytest

BURN = "import time; end = time.process_time() + {DEAR}\\nwhile time.process_time() < end: pass"

@pytest.fixture
def dear(): exec(BURN)

def test_is_quick(): pass

def test_waits(): time.sleep({DEAR})

def test_shares(dear): pass

def test_computes(): exec(BURN)

def test_starts_a_process(): subprocess.run([sys.executable, "-c", BURN], check=True)

@pytest.mark.slow
def test_says_so(): exec(BURN)

@pytest.mark.parametrize("n", [0, 1])
def test_is_known(n): pass
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two test files, the plugin, and a table that knows one test, and one that is gone."""
    support = tmp_path / "tests" / "support"
    support.mkdir(parents=True)
    plugin, usual = (
        (ROOT / "tests" / "support" / "costs.py").read_text("utf-8"),
        "SLOW: Final = 0.05",
    )
    assert usual in plugin
    (support / "costs.py").write_text(plugin.replace(usual, f"SLOW: Final = {SLOW}"), "utf-8")
    (support / TABLE.name).write_text("test_is_gone = 9\ntest_is_known = 3.0\n", "utf-8")
    (tmp_path / "tests" / "test_a.py").write_text("def test_is_cheap(): pass\n", "utf-8")
    (tmp_path / "tests" / "test_b.py").write_text(TESTS, "utf-8")
    ini = (
        "[pytest]\npythonpath = .\naddopts = -p tests.support.costs --import-mode=importlib\n"
        "markers =\n  slow\n"
    )
    (tmp_path / "pytest.ini").write_text(ini, "ascii")
    return tmp_path


def run(tree: Path, *arguments: str) -> str:
    """What pytest prints."""
    command = [sys.executable, "-m", "pytest", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PROGRAM, cwd=tree
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_dear_files_come_first_and_their_dear_tests_are_slow(tree: Path) -> None:
    told = re.findall(r"test_[ab].py::\S+", run(tree, "--collect-only", "-q"))
    assert told[0] == "test_b.py::test_is_quick"
    assert told[-1] == "test_a.py::test_is_cheap"
    slow = re.findall(r"::(\S+)", run(tree, "--collect-only", "-q", "-m", "slow"))
    assert slow == ["test_says_so", "test_is_known[0]", "test_is_known[1]"]


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_dear_unknown_test_is_named_and_written_down(tree: Path, workers: str) -> None:
    told = run(tree, "-q", "-n", workers, "--write-costs")
    named = re.findall(r"^ +[\d.]+ s  (\w+)$", told, re.MULTILINE)
    assert sorted(named) == ["test_computes", "test_starts_a_process"]
    assert re.findall(r"(\w+): its fixtures$", told, re.MULTILINE) == ["test_shares"]
    written = (tree / "tests" / "support" / TABLE.name).read_text("utf-8")
    names = re.findall(r"^(\w+) = 0\.\d+$", written, re.MULTILINE)
    assert names == ["test_computes", "test_says_so", "test_starts_a_process"]
    assert written.count(" = ") == len(names)
