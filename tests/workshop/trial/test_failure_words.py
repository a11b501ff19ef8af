"""Why a scenario did not pass is said with names, never with ids that somebody could know."""

from __future__ import annotations

import pytest

from service.workshop.trial.scenario_results import FailureWords, ScenarioFailure, ScenarioResult
from tests.support import small
from tests.workshop.trial.test_run import trial

KEYS = {
    "trial.goes_round": "Look for a loop at: A.",
    "trial.stands_still": "the case got no further at: A.",
    "trial.too_slow": "Look for a loop that never waits",
    "trial.other_late": "Overdue were to be: A. Overdue are: A.",
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("lang", ["sv", "en"])
def test_each_sentence_names_steps_as_they_are_drawn(key: str, lang: str) -> None:
    words = FailureWords(trial(small.loop()).release, lang)
    failure = ScenarioFailure(key, 0, "", ("a",), ("a",))
    said = words.reason(ScenarioResult("f", "F", failure))
    assert said
    if lang == "en":
        assert KEYS[key] in said


def test_what_the_draft_no_longer_draws_keeps_its_id() -> None:
    words = FailureWords(trial(small.loop()).release, "en")
    failure = ScenarioFailure("trial.not_open", 2, "gone", ("gone",), ())
    result = ScenarioResult("f", "F", failure)
    assert words.reason(result) == "Step 2, “gone”: the step is not open there. Open are: –."
    assert words.reason(ScenarioResult("f", "F", None)) == ""
    strange = ScenarioFailure("error.nothing.text", 1, "a", facts={"why": "refused"})
    assert words.reason(ScenarioResult("f", "F", strange)) == "Step 1, “A”: refused"
