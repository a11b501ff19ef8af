"""A small installation for tests of actions: one office, two people, and a case of two tasks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from service.release.bundle import Bundle
from service.security.keyring import Keyring
from tests.support import diagrams, small
from tests.support.world import World, open_world

START = "Start_PersonIdentified"
"""The start that opens a case to the office that begins it, by the shipped `grants.toml`."""


@cache
def two_tasks() -> Bundle:
    """A release whose case has two tasks, one after the other."""
    begin = small.begin(id_=START)
    body = small.person("a", "ask") + small.person("b") + diagrams.end()
    return small.bundle(diagrams.diagram(begin + body, f"{START}>a a>b b>e"))


@pytest.fixture
def desk(empty_sqlite: Path, tmp_path: Path, keyring: Keyring) -> Iterator[World]:
    """The installation, on a database of its own."""
    file = shutil.copyfile(empty_sqlite, tmp_path / "tresteg.db")
    made = open_world(f"sqlite:///{file}", keyring, two_tasks())
    yield made
    made.database.close()


@pytest.fixture
def case_id(desk: World) -> str:
    """A case that Sara has begun; its task `a` waits for her office."""
    return desk.start({"note": ["first words"]}, element=START).case_id
