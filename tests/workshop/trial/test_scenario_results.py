"""What came of a scenario goes through JSON and back."""

from __future__ import annotations

import json

from service.workshop.trial.scenario_results import ScenarioFailure, ScenarioResult, result_from


def test_a_result_is_the_same_after_json() -> None:
    faults = (("a.0", "form.choose", {"n": 1}),)
    failure = ScenarioFailure("trial.not_open", 2, "a", ("a",), ("b",), faults, {"why": "x"})
    for result in (
        ScenarioResult("f", "F", failure, frozenset({"a"})),
        ScenarioResult("f", "F", None),
    ):
        assert result_from(json.loads(json.dumps(result.as_json()))) == result
