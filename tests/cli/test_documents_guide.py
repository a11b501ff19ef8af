"""The command of docs/howto/documents.md gives somebody the pages that it tells of."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.people.second_factor import OPTIONAL
from service.settings import Settings
from tests.support.directory import BOARD, THREE_OFFICES, PersonPlan
from tests.support.filled_case import TWO
from tests.support.terminal import REAL, tresteg
from tests.support.tree import ROOT
from tests.support.world import World, open_world
from tests.test_docs import commands

GUIDE = ROOT / "docs/howto/documents.md"
WITH_OPERATOR = replace(
    THREE_OFFICES, people=(*THREE_OFFICES.people, PersonPlan("olle", BOARD, ("operator",)))
)


@pytest.fixture
def installation(installed: Path) -> Iterator[World]:
    database = f"sqlite:///{installed}/tresteg.db"
    settings = Settings(database_url=database, second_factor=OPTIONAL)
    desk = open_world(settings, REAL, TWO, directory=WITH_OPERATOR)
    yield desk
    desk.database.close()


def test_the_command_of_the_guide_gives_the_pages(installation: World) -> None:
    assert installation.browser("sara").get("/public-documents").status_code == 404
    (line,) = commands(GUIDE)
    done = tresteg(*shlex.split(line)[1:])
    assert done.exit_code == 0, done.stderr
    sara = installation.browser("sara")
    assert "/public-documents" in sara.get("/inbox").text
    assert sara.get("/public-documents").status_code == 200
