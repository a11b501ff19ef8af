"""What the tests of the interface for programs share: a case and its people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.world import World
from tests.web.api.v1.desk import Desk, make_desk
from tests.web.story import Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


@pytest.fixture
def desk(story: Story) -> Desk:
    return make_desk(story)
