"""The wheel carries the whole program: code, handlers, diagrams, forms, words, pages and the
browser bundle; installed as the guide says, with the hashes of the lock file, it shows the demo.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from service.settings import PREFIX
from tests.support.machine import lacking
from tests.support.waiting import PROGRAM, until

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PROGRAM)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("tresteg-*.whl")
    return made


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> set[str]:
    """The names of the files in it."""
    return set(zipfile.ZipFile(wheel_file).namelist())


@pytest.fixture(scope="module")
def bin_folder(wheel_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs where the wheel is installed, by the commands of the guide."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    locked = subprocess.run(
        [*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock")],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
    )
    if "No matching distribution" in locked.stderr or "NewConnectionError" in locked.stderr:
        lacking("the package registry cannot be reached")
    assert locked.returncode == 0, locked.stderr
    run([*pip, "--no-deps", str(wheel_file)])
    return folder / "bin"


def run(command: Sequence[str]) -> None:
    """Run a program that must do well."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PROGRAM)
    assert done.returncode == 0, done.stderr


def ours(folder: str, pattern: str) -> set[str]:
    """Files of the tree, as they are called from its root."""
    return {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / folder).rglob(pattern)
        if file.is_file() and not {"node_modules", "__pycache__"} & set(file.parts)
    }


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("service", "*.py"),
        ("handlers", "*.py"),
        ("service/text", "*.toml"),
        ("service/web/templates", "*.html"),
        ("service/demo/past_releases", "*.*"),
        ("service/sandbox/fonts", "*.*"),
    ],
)
def test_the_wheel_holds_the_program(wheel: set[str], folder: str, pattern: str) -> None:
    assert ours(folder, pattern) - wheel == set()


@pytest.mark.parametrize("folder", ["workflows", "forms"])
def test_the_wheel_holds_what_it_runs(wheel: set[str], folder: str) -> None:
    assert {f"service/shipped/{file}" for file in ours(folder, "*.*")} - wheel == set()


def test_the_wheel_holds_the_browser_bundle_and_not_its_sources(wheel: set[str]) -> None:
    if not (ROOT / "service/web/static/dist/manifest.json").exists():
        lacking("the browser bundle is not built: python3 dev.py build")
    assert "service/web/static/dist/manifest.json" in wheel
    assert ours("service/web/static/dist", "*.*") - wheel == set(), "compressed ones too"
    assert [file for file in wheel if file.endswith(".js.br")] != []
    assert [file for file in wheel if file.startswith("service/web/frontend/")] == []


def test_the_wheel_holds_nothing_of_the_tests_or_of_a_demo(wheel: set[str]) -> None:
    assert {re.split(r"[/-]", file)[0] for file in wheel} == {"service", "handlers", "tresteg"}


@pytest.mark.every_python
def test_the_installed_wheel_shows_a_demo_whose_worker_works(
    bin_folder: Path, tmp_path: Path
) -> None:
    """`/readyz` is ready when a worker has given a sign of life, and none of its parts fails."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    log = tmp_path / "log"
    with (
        log.open("w") as said,
        subprocess.Popen(
            [str(bin_folder / "tresteg"), "demo", "--port", str(port)],
            cwd=tmp_path,
            env={**environment, "PYTHONWARNINGS": "error::DeprecationWarning:service"},
            stdout=said,
            stderr=subprocess.STDOUT,
        ) as demo,
    ):
        try:
            until(
                lambda: demo.poll() is not None or ready(port).get("ready"),
                "the demo's worker",
                longest=PROGRAM,
            )
            assert demo.poll() is None, log.read_text()
        finally:
            demo.terminate()
    assert "Traceback" not in log.read_text()
    assert demo.returncode == 0, log.read_text()


def ready(port: int) -> dict[str, Any]:
    """What `/readyz` says; nothing while the site does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            return dict(json.load(answer))
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return {}
