"""A saved trial runs again, also on a draft that has changed, and says where it goes otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.errors import EngineStopped
from service.release.bundle import Bundle, in_release, plain_name, scenario_files
from service.workshop.trial.acts import ANSWER, COMPLETE, FAIL, WAIT, Act
from service.workshop.trial.draft_trial import DraftTrial
from service.workshop.trial.scenario_file import (
    Scenario,
    ScenarioStep,
    read_scenario,
    scenario_content,
)
from service.workshop.trial.scenario_results import FailureWords, ScenarioResult, result_from
from service.workshop.trial.scenarios import (
    file_name,
    name_fault,
    run_file,
    run_scenario,
    saved_trial,
    scenario_title,
)
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.workshop.trial.test_run import NOTE, NOW, id_of, started, trial


def to_the_end() -> DraftTrial:
    made = started(small.loop())
    made.play(Act(WAIT, "P1D"))
    made.play(Act(COMPLETE, id_of(made, "a"), {"answer": ["YES"], **NOTE}))
    made.play(Act(COMPLETE, id_of(made, "a"), {"answer": ["NO"]}))
    return made


def reason(result: ScenarioResult, bundle: Bundle, lang: str = "en") -> str:
    return FailureWords(trial(bundle).release, lang).reason(result)


def ran(scenario: Scenario, bundle: Bundle) -> tuple[bool, str]:
    result = run_scenario(scenario, lambda _: trial(bundle))
    return result.passed, reason(result, bundle)


def test_a_saved_trial_comes_back_and_passes() -> None:
    saved = saved_trial(to_the_end(), "Två varv", NOW)
    assert [(step.doing, step.target) for step in saved.steps] == [
        ("start", "s"),
        ("wait", "P1D"),
        ("task", "a"),
        ("task", "a"),
    ]
    assert (saved.end, saved.open, saved.by_hand) == ("e", (), True)
    again = read_scenario(scenario_content(saved), "two")
    assert again == saved
    result = run_scenario(saved, lambda _: trial(small.loop()))
    assert (result.passed, reason(result, small.loop())) == (True, "")
    assert {"x_m", "x_e"} <= result.done


def test_a_result_comes_out_of_the_child_as_it_went_in() -> None:
    saved = saved_trial(to_the_end(), "Två varv", NOW)
    for bundle in (small.loop(), small.one(small.person("b") + small.person("a"), "s>b b>a a>e")):
        result = run_scenario(saved, lambda _, of=bundle: trial(of), "f.scenario.json")  # type: ignore[misc] # mypy knows no defaults of lambdas
        assert result_from(result.as_json()) == result


def test_a_trial_that_waits_expects_its_open_tasks() -> None:
    saved = saved_trial(started(small.loop()), "Början", NOW)
    assert (saved.end, saved.open) == ("", ("a",))
    two = small.one(small.person("b") + small.person("a", "ask"), "s>b b>a a>e")
    assert ran(saved, two) == (False, "Open were to be: A. Open are: B.")


def test_another_way_or_end_fails_in_words() -> None:
    saved = saved_trial(to_the_end(), "Två varv", NOW)
    once = small.one(small.person("a", "ask"), "s>a a>e")
    assert ran(saved, once)[1] == "Step 4, “A”: the step is not open there. Open are: e."
    elsewhere = small.begin() + small.person("a", "ask") + d.end("f")
    other = small.bundle(d.diagram(elsewhere, "s>a a>f"))
    made = started(once)
    made.play(Act(COMPLETE, id_of(made, "a"), {"answer": ["NO"]}))
    short = saved_trial(made, "Kort", NOW)
    assert ran(short, other)[1].startswith("The end was to be “e” and is “")
    longer = small.one(small.person("a", "ask") + small.person("b"), "s>a a>b b>e")
    assert ran(short, longer)[1] == "The end was to be “e”, but open are: B."


def test_a_question_that_became_required_fails_by_its_name() -> None:
    saved = saved_trial(started(small.loop()), "Början", NOW)
    new = small.field("more", "textfield", "C2", validate={"required": True})
    content = small.form("plain", *small.TEXTS, new)
    harder = small.loop().with_file("forms/plain.form", content)
    passed, why = ran(saved, harder)
    assert not passed
    assert why.startswith("Step 1")
    assert "More: " in why


def test_automatic_steps_are_answered_as_they_were() -> None:
    bundle = small.one(d.job("j", "letters.count"), "s>j j>e")
    made = started(bundle)
    made.play(Act(ANSWER, id_of(made, "j"), {"sent": ["2"]}))
    saved = saved_trial(made, "Brev", NOW)
    assert ran(saved, bundle) == (True, "")
    waits = saved_trial(started(bundle), "Väntar", NOW)
    assert waits.waits == ("j",)
    assert ran(waits, bundle) == (True, "")
    assert ran(waits, small.one("", "s>e"))[1] == "Waiting were to be: j. Waiting are: –."


def test_automatic_steps_answer_with_their_first_sample() -> None:
    bundle = small.one(d.job("j", "letters.count"), "s>j j>e")
    steps = (ScenarioStep(start="s", answers=dict(NOTE)),)
    story = Scenario("Brev", "", "P1D", steps, end="e")
    assert ran(story, bundle) == (True, "")
    by_hand = replace(story, by_hand=True)
    assert ran(by_hand, bundle) == (False, "The end was to be “e”, but open are: –.")
    own = replace(story, steps=(*steps, ScenarioStep(answer="j", sample="none")))
    assert ran(own, bundle) == (True, "")
    unknown = replace(story, steps=(*steps, ScenarioStep(answer="j", sample="gone")))
    assert not ran(unknown, bundle)[0]


def test_a_step_that_fails_on_purpose_takes_the_way_of_its_error() -> None:
    caught = d.border("b", "j", d.event("error", "LOST")) + d.end("f")
    bundle = small.one(d.job("j") + caught, "s>j j>e b>f")
    made = started(bundle)
    made.play(Act(FAIL, id_of(made, "j"), code="LOST"))
    saved = saved_trial(made, "Fel", NOW)
    assert (saved.steps[-1].fail, saved.steps[-1].code, saved.end) == ("j", "LOST", "f")
    assert ran(saved, bundle) == (True, "")


def test_a_loop_that_never_waits_ends_in_a_sentence() -> None:
    steps = (ScenarioStep(start="s", answers={"answer": "YES"}),)
    asks = d.start(inner=d.ext(f'<zeebe:formDefinition formId="ask"/>{d.props(roles=ROLE)}'))
    way = 's>m m>j j>x x>m*  x>e[answer = "NO"]'
    body = asks + d.xor("m") + d.job("j") + d.xor("x") + d.end()
    endless = small.bundle(d.diagram(body, way))
    passed, why = ran(Scenario("Slinga", "", "P1D", steps, end="e"), endless)
    assert not passed
    assert why.startswith("Step 1, “s”: the diagram goes round without waiting")
    assert why.endswith("Look for a loop at: J.")


def test_a_scenario_that_takes_too_long_ends_in_a_sentence() -> None:
    saved = saved_trial(to_the_end(), "Två varv", NOW)

    def slow() -> None:
        raise EngineStopped("time")

    def begin(_: object) -> DraftTrial:
        made = trial(small.loop())
        made.watch = slow
        return made

    result = run_scenario(saved, begin)
    assert "took too much time or memory" in reason(result, small.loop())


def test_steps_that_only_a_case_can_do_are_refused_by_name() -> None:
    story = Scenario("Rättat", "", "P1D", (ScenarioStep(correct="a"),))
    assert ran(story, small.loop())[1].startswith("Step 1 (correct) can only be done in a case")


def test_a_step_of_another_release_is_passed_over() -> None:
    steps = (
        ScenarioStep(start="s", answers=dict(NOTE)),
        ScenarioStep(task="gone", where="gone"),
        ScenarioStep(task="a", unless="a"),
    )
    assert ran(Scenario("Äldre", "", "P1D", steps, open=("a",)), small.loop())[0]


def test_scenarios_are_files_of_a_draft() -> None:
    name = file_name("Barn utan kontor, åäö!")
    assert name == "scenarios/barn-utan-kontor-aao.scenario.json"
    assert plain_name(name) == "barn-utan-kontor-aao"
    assert in_release(name)
    assert not in_release("workflows/scenarios/walk.scenario.json")
    assert not in_release("scenarios/deeper/walk.scenario.json")
    assert not in_release("scenarios/walk.json")
    content = scenario_content(saved_trial(to_the_end(), "Två varv", NOW))
    bad = "scenarios/bad.scenario.json"
    bundle = small.loop().with_file(name, content).with_file(bad, b"{")
    assert [*scenario_files(bundle)] == [name, bad] or [*scenario_files(bundle)] == [bad, name]
    assert scenario_title(name, content) == "Två varv"
    assert scenario_title(bad, b"{") == "bad"
    result = run_file(bad, b"{", lambda _: trial(small.loop()))
    assert reason(result, small.loop()).startswith("The file cannot be read as a scenario")


@pytest.mark.parametrize("name", ["", "!!!", "x" * 61])
def test_a_name_needs_something_to_keep(name: str) -> None:
    assert name_fault(name) == "trial.bad_name"
    assert name_fault("19900101-1234") == "trial.personal_number"
    assert name_fault("Vanlig väg") == ""
    assert name_fault("Vanlig väg", [file_name("vanlig VÄG")]) == "trial.name_taken"
