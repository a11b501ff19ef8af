"""Scenarios together take some ways of a draft; the others are listed by process."""

from __future__ import annotations

from service.workshop.trial.coverage import coverage, end_name
from service.workshop.trial.scenario_results import ScenarioResult
from tests.support import small
from tests.workshop.trial.test_run import trial


def test_ways_that_no_scenario_takes_are_listed_by_process() -> None:
    release = trial(small.loop()).release
    some = ScenarioResult("1", "One", None, frozenset({"s_m", "m_a"}))
    more = ScenarioResult("2", "Two", None, frozenset({"a_x", "x_e"}))
    found = coverage(release, (some, more), "en")
    assert (found.taken, found.ways) == (4, 5)
    (left,) = found.left_out
    assert len(left.ways) == 1
    assert "x_m" in found.unvisited
    assert found.visited == 0
    assert 0 < found.percent < 100
    whole = ScenarioResult("3", "All", None, found.unvisited)
    assert coverage(release, (some, more, whole), "en").percent == 100
    assert coverage(release, (), "en").taken == 0


def test_a_step_without_a_name_is_called_by_its_kind() -> None:
    (definition,) = trial(small.loop()).release.definitions.values()
    assert end_name(definition.elements["m"], "en") == "decision"
    assert end_name(definition.elements["a"], "en") == "A"
