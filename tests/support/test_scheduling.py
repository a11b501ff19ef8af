"""A test that hangs ends its worker once, is named, and leaves the others to be run; a run in which
nothing ends any more ends itself.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tree import ROOT
from tests.support.waiting import PROGRAM

HANGS = """
import time
def test_before(): pass
def test_hangs(): time.sleep(600)
def test_after(): pass
def test_last(): pass
"""
OTHER = "import pytest\n@pytest.mark.parametrize('n', range(5))\ndef test_other(n): pass\n"
STANDS_STILL = """
import time
from tests.support.scheduling import StandstillWatch

def pytest_configure(config):
    if config.option.numprocesses:
        config.pluginmanager.register(StandstillWatch(3))

def pytest_collection_finish(session):
    if hasattr(session.config, "workerinput"):
        time.sleep(600)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files with tests, the plugin, and little patience."""
    support = tmp_path / "tests" / "support"
    support.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "support" / "scheduling.py", support)
    (tmp_path / "tests" / "test_other.py").write_text(OTHER, "utf-8")
    ini = (
        "[pytest]\npythonpath = .\nfaulthandler_timeout = 4\nfaulthandler_exit_on_timeout = true\n"
        "addopts = -p tests.support.scheduling --import-mode=importlib\n"
    )
    (tmp_path / "pytest.ini").write_text(ini, "ascii")
    return tmp_path


def run(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run its tests in two workers."""
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-v"]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PROGRAM, cwd=tree
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["test_first", "test_zlast"])
def test_a_test_that_hangs_ends_one_worker_and_no_other(tree: Path, name: str) -> None:
    """Wherever it stands; the rest of its file is run by the worker that comes after."""
    (tree / "tests" / f"{name}.py").write_text(HANGS, "utf-8")
    done = run(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.count("replacing crashed worker") == 1
    assert f"crashed while running 'tests/{name}.py::test_hangs'" in done.stdout
    assert "1 failed, 8 passed" in done.stdout
    assert "in test_hangs" in done.stderr, "it says where it hung"


@pytest.mark.slow
def test_a_run_that_stands_still_ends_and_says_so(tree: Path) -> None:
    (tree / "conftest.py").write_text(STANDS_STILL, "utf-8")
    done = run(tree)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "No test has ended for 3 seconds. Begun and not ended: none" in done.stderr
