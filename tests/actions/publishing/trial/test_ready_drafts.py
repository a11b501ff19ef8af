"""A draft is linted and built once, and its scenarios run once, while it stays as it is."""

from __future__ import annotations

import pytest

from service.actions.publishing.trial.ready_drafts import READY, ReadyDrafts, run_all
from service.actions.publishing.trial.scenarios import file_name, saved_trial
from service.errors import BadDiagram
from tests.actions.publishing.trial.test_run import NOW, started, trial
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


def test_scenarios_run_once_while_the_draft_stays() -> None:
    saved = saved_trial(started(small.loop()), "Once", NOW)
    bundle = small.loop().with_file(file_name(saved.name), saved.content())
    begun = []

    def begin(at: object) -> object:
        begun.append(at)
        return trial(small.loop())

    first = run_all(bundle, begin, "en")  # type: ignore[arg-type] # a trial, whatever the moment
    assert [one.passed for one in first] == [True]
    assert run_all(bundle, begin, "en") is first  # type: ignore[arg-type] # as above
    assert len(begun) == 1
