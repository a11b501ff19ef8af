"""The wheel carries the whole program: code, handlers, diagrams, forms, words, pages and the
browser bundle.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.machine import lacking
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel made from this tree."""
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
    return set(zipfile.ZipFile(made).namelist())


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
