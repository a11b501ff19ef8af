"""Three small cases, two of which took the same way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.binding import Answer
from service.casework.tasks import claims
from service.security.keyring import Keyring
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world, settle

STORY = small.one(small.person("a", "ask") + d.job("j") + small.person("b"), "s>a a>j j>b b>e")


@pytest.fixture(scope="session")
def three_cases(
    empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> Iterator[World]:
    path = tmp_path_factory.mktemp("exports") / "exports.db"
    shutil.copyfile(empty_sqlite, path)
    world = open_world(
        f"sqlite:///{path}", keyring, STORY, functions={"letters.send": lambda _: Answer()}
    )
    worker = world.worker()
    began = [world.start(small.ANSWERS).case_id for _ in range(3)]
    for case in began[:2]:
        world.do(case, "a", small.ANSWERS)
        settle(worker)
        world.do(case, "b")
    with world.database.transaction() as tx:
        viewer, now = world.viewer(), world.clock.now()
        key = world.key(began[2], "a")
        claims.claim(tx, world.program.services, by=viewer, now=now, task_key=key)
    yield world
    world.database.close()
