"""A test that is slow and does not say so is named at the end of a run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.costs import SLOW

TESTS = f"""
import subprocess, sys, time
import pytest

BURN = "import time; end = time.process_time() + {SLOW + 0.1}\\nwhile time.process_time() < end: pass"

@pytest.fixture
def dear(): exec(BURN)

def test_is_quick(): pass

def test_waits(): time.sleep({SLOW + 0.1})

def test_shares(dear): pass

def test_computes(): exec(BURN)

def test_starts_a_process(): subprocess.run([sys.executable, "-c", BURN], check=True)

@pytest.mark.slow
def test_says_so(): exec(BURN)
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "1"])
def test_only_what_costs_cpu_and_has_no_mark_is_named(tmp_path: Path, workers: str) -> None:
    file = tmp_path / "test_some.py"
    file.write_text(TESTS, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  slow\n", "ascii")
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "-p", "tests.costs", str(file)]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    named = re.findall(r"^ +[\d.]+ s  .*::(\w+)$", done.stdout, re.MULTILINE)
    assert done.returncode == 0, done.stdout
    assert sorted(named) == ["test_computes", "test_starts_a_process"]
