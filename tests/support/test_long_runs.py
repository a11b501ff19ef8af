"""A test with the mark `soak` is left to long runs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.scale import LONG
from tests.support.tree import ROOT
from tests.support.waiting import PROGRAM

ONE_MORE = "test_seed.py::test_the_demo_has_the_same_tasks_late_whenever_it_is_seeded[Midsummer"
ALWAYS = "test_seed.py::test_the_demo_has_the_same_tasks_late_whenever_it_is_seeded[New Year"


@pytest.mark.slow
@pytest.mark.parametrize("times", ["0", "1"])
def test_what_only_a_long_run_asks_is_left_out_of_a_usual_one(times: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "tests/demo/test_seed.py"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
        cwd=ROOT,
        env={**os.environ, LONG: times},
    )
    assert ALWAYS in done.stdout
    assert (ONE_MORE in done.stdout) == (times == "1")
