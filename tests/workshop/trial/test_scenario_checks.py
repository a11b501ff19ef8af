"""Scenarios of a draft run once for the same content; one that fails stops publishing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.errors import NotAllowed
from service.release.bundle import Bundle
from service.workshop.trial import scenario_checks
from service.workshop.trial.scenario_checks import RESULTS, check_scenarios, require_passed, summary
from service.workshop.trial.scenario_file import scenario_content
from service.workshop.trial.scenario_results import ScenarioFailure, ScenarioResult
from service.workshop.trial.scenarios import file_name, saved_trial
from tests.support import small
from tests.support.world import World
from tests.workshop.trial.test_run import NOW, started, trial

FILE = file_name("Once")


def with_scenario() -> Bundle:
    saved = saved_trial(started(small.loop()), "Once", NOW)
    return small.loop().with_file(FILE, scenario_content(saved))


def test_the_same_content_is_run_once(world: World) -> None:
    release = trial(with_scenario()).release
    RESULTS.forget()
    ran: list[str] = []

    def play(bundle: Bundle, _: object) -> tuple[ScenarioResult, ...]:
        ran.append(bundle.digest)
        return (ScenarioResult(FILE, "Once", None),)

    services = replace(world.program.services, play=play)
    for _ in range(2):
        with world.program.database.transaction(write=False) as tx:
            run = check_scenarios(tx, services, release)
        assert [one.passed for one in run()] == [True]
    assert len(ran) == 1
    RESULTS.forget()
    run()
    assert len(ran) == 2
    RESULTS.forget()
    bare = trial(small.loop()).release
    with world.program.database.transaction(write=False) as tx:
        assert check_scenarios(tx, services, bare)() == ()
    assert len(ran) == 2


def test_what_fails_stands_first_with_its_reason() -> None:
    release = trial(with_scenario()).release
    failed = ScenarioResult("b", "B", ScenarioFailure("trial.not_open", 2, "a", ("a",), ("e",)))
    told = summary(release, (ScenarioResult("a", "A", None), failed), "en")
    assert [(line.name, line.passed) for line in told.lines] == [("B", False), ("A", True)]
    assert told.lines[0].reason == "Step 2, “A”: the step is not open there. Open are: e."
    assert (told.passed, told.total) == (1, 2)


def test_every_scenario_must_have_run_and_passed() -> None:
    require_passed(small.loop(), ())
    require_passed(with_scenario(), (ScenarioResult(FILE, "Once", None),))
    for results in ((), (ScenarioResult(FILE, "Once", ScenarioFailure("trial.too_slow")),)):
        with pytest.raises(NotAllowed) as refused:
            require_passed(with_scenario(), results)
        assert refused.value.facts["why"] == scenario_checks.FAILING
