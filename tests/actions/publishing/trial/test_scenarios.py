"""A saved trial runs again, also on a draft that has changed, and says where it goes otherwise."""

from __future__ import annotations

import pytest

from service.actions.publishing.trial.acts import ANSWER, COMPLETE, WAIT, Act
from service.actions.publishing.trial.run import DraftTrial
from service.actions.publishing.trial.scenarios import (
    file_name,
    name_fault,
    read_scenario,
    read_scenarios,
    run_scenario,
    run_scenarios,
    saved_trial,
)
from service.actions.releases.bundle import Bundle, in_release
from tests.actions.publishing.trial.test_run import NOTE, NOW, id_of, started, trial
from tests.support import diagrams as d
from tests.support import small


def to_the_end() -> DraftTrial:
    made = started(small.loop())
    made.play(Act(WAIT, "P1D"))
    made.play(Act(COMPLETE, id_of(made, "a"), {"answer": ["YES"], **NOTE}))
    made.play(Act(COMPLETE, id_of(made, "a"), {"answer": ["NO"]}))
    return made


def test_a_saved_trial_comes_back_and_passes() -> None:
    saved = saved_trial(to_the_end(), "Två varv", NOW)
    assert [act.target for act in saved.acts] == ["s", "P1D", "a", "a"]
    assert (saved.end, saved.open) == ("e", ())
    again = read_scenario(saved.content())
    assert again == saved
    result = run_scenario(saved, lambda _: trial(small.loop()), "en")
    assert (result.passed, result.reason) == (True, "")
    assert {"x_m", "x_e"} <= result.done


def test_a_trial_that_waits_expects_its_open_tasks() -> None:
    saved = saved_trial(started(small.loop()), "Början", NOW)
    assert (saved.end, saved.open) == ("", ("a",))
    two = small.one(small.person("b") + small.person("a", "ask"), "s>b b>a a>e")
    result = run_scenario(saved, lambda _: trial(two), "en")
    assert result.reason == "Open were to be: A. Open are: B."


def test_another_way_or_end_fails_in_words() -> None:
    saved = saved_trial(to_the_end(), "Två varv", NOW)
    once = small.one(small.person("a", "ask"), "s>a a>e")
    result = run_scenario(saved, lambda _: trial(once), "en")
    assert not result.passed
    assert result.reason == "Step 4, “A”: the step is not open there."
    elsewhere = small.begin() + small.person("a", "ask") + d.end("f")
    other = small.bundle(d.diagram(elsewhere, "s>a a>f"))
    made = started(once)
    made.play(Act(COMPLETE, id_of(made, "a"), {"answer": ["NO"]}))
    short = saved_trial(made, "Kort", NOW)
    result = run_scenario(short, lambda _: trial(other), "en")
    assert result.reason.startswith("The end was to be “e” and is “")


def test_a_question_that_became_required_fails_by_its_name() -> None:
    saved = saved_trial(started(small.loop()), "Början", NOW)
    new = small.field("more", "textfield", "C2", validate={"required": True})
    content = small.form("plain", *small.TEXTS, new)
    harder = small.loop().with_file("forms/plain.form", content)
    result = run_scenario(saved, lambda _: trial(harder), "en")
    assert result.reason.startswith("Step 1")
    assert "More: " in result.reason


def test_automatic_steps_are_answered_as_they_were() -> None:
    bundle = small.one(d.job("j", "letters.count"), "s>j j>e")
    made = started(bundle)
    made.play(Act(ANSWER, id_of(made, "j"), {"sent": ["2"]}))
    saved = saved_trial(made, "Brev", NOW)
    assert run_scenario(saved, lambda _: trial(bundle), "sv").passed


def test_scenarios_are_files_of_a_draft() -> None:
    name = file_name("Barn utan kontor, åäö!")
    assert name == "scenarios/barn-utan-kontor-aao.scenario.json"
    assert in_release(name)
    assert not in_release("workflows/scenarios/walk.scenario.json")
    assert not in_release("scenarios/deeper/walk.scenario.json")
    assert not in_release("scenarios/walk.json")
    saved = saved_trial(to_the_end(), "Två varv", NOW)
    bundle = Bundle({name: saved.content(), "scenarios/bad.scenario.json": b"{"})
    found = read_scenarios(bundle)
    assert found == {"scenarios/bad.scenario.json": None, name: saved}
    results = run_scenarios(found, lambda _: trial(small.loop()), "en")
    assert [one.passed for one in results] == [False, True]
    assert results[0].reason == "The file cannot be read as a scenario."


@pytest.mark.parametrize("name", ["", "!!!", "x" * 61])
def test_a_name_needs_something_to_keep(name: str) -> None:
    assert name_fault(name) == "trial.bad_name"
    assert name_fault("19900101-1234") == "trial.personal_number"
    assert name_fault("Vanlig väg") == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"name": "a", "begins": "x", "stimuli": [], "expect": {}}',
        b"[" * 99_999,
    ],
)
def test_what_is_no_scenario_is_none(content: bytes) -> None:
    assert read_scenario(content) is None
