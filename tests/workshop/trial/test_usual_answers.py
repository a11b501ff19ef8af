"""Usual answers of forms are written into a scenario."""

from __future__ import annotations

from service.workshop.trial.scenario_file import Scenario, ScenarioStep
from tests.support import small
from tests.support.usual_answers import with_usual_answers
from tests.workshop.trial.test_run import trial


def test_a_scenario_names_every_answer_of_its_forms() -> None:
    steps = (
        ScenarioStep(start="s"),
        ScenarioStep(task="a", answers={"answer": "NO", "note": None}),
    )
    story = Scenario("s", "", "P1D", (*steps, ScenarioStep(wait="P1D")))
    usual = {"plain": {"note": "Påhittat"}, "ask": {"answer": "YES", "note": "Mer"}}
    whole = with_usual_answers(story, usual, trial(small.loop()).release)
    assert [dict(step.answers) for step in whole.steps] == [
        {"note": "Påhittat"},
        {"answer": "NO"},
        {},
    ]
