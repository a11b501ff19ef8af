"""A draft is linted and built once, while it stays as it is."""

from __future__ import annotations

import pytest

from service.errors import BadDiagram
from service.workshop.trial.ready_drafts import READY, ReadyDrafts
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, shipped


def test_a_draft_is_made_ready_once(shipped_world: World) -> None:
    ready, services = ReadyDrafts(), shipped_world.program.services
    first = ready.prepare(services, shipped())
    assert ready.prepare(services, shipped()) is first
    assert READY is not ready
    with pytest.raises(BadDiagram):
        ready.prepare(services, small.one(d.node("userTask", "a"), "s>a a>e"))
