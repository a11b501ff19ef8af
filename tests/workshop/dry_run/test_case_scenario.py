"""The road of a past case becomes a scenario: no sealed answer goes into it."""

from __future__ import annotations

import json

import pytest

from service.errors import NotAllowed, NotFound
from service.store.installation import ledger_entries
from service.workshop.dry_run.case_scenario import UNREADABLE, case_scenario, take_case_scenario
from service.workshop.trial.scenario_file import Scenario, scenario_content
from service.workshop.trial.scenarios import run_scenario
from tests.support.dry_runs import dry_run
from tests.workshop.dry_run.conftest import SWAPPED, Trial
from tests.workshop.test_drafts import OWNER, REVIEWER
from tests.workshop.trial.test_run import trial as trial_of


def taken(trial: Trial, draft: str, position: int) -> Scenario:
    with trial.desk.database.transaction() as tx:
        return take_case_scenario(
            tx,
            trial.desk.program.services,
            by=OWNER,
            now=trial.desk.program.clock.now(),
            draft_id=draft,
            position=position,
            name="Vägen",
        )


def test_the_road_of_a_case_runs_again_on_its_release(trial: Trial) -> None:
    trial.case("a", "b")
    draft = trial.draft(SWAPPED)
    dry_run(trial.desk.program, draft, OWNER)
    road = taken(trial, draft, 1)
    assert [step.doing for step in road.steps][:1] == ["start"]
    assert all(not step.answers for step in road.steps), "no sealed answer"
    assert all(step.values is not None for step in road.steps if step.task)
    assert road.end
    with trial.desk.database.transaction(write=False) as tx:
        live = trial.desk.program.services.current(tx).bundle
    assert run_scenario(road, lambda _: trial_of(live)).passed
    assert not run_scenario(road, lambda _: trial_of(SWAPPED)).passed


def test_that_an_owner_read_a_road_is_an_entry_of_the_case(trial: Trial) -> None:
    case = trial.case("a")
    draft = trial.draft(SWAPPED)
    dry_run(trial.desk.program, draft, OWNER)
    road = taken(trial, draft, 1)
    assert road.open
    assert case.encode() not in scenario_content(road), "nothing names the case"
    with trial.desk.database.transaction(write=False) as tx:
        lines = ledger_entries.of_stream(tx, f"reads/{case}", after=0)
    reads = [json.loads(line.body) for line in lines if line.kind == "read"]
    assert [body["purpose"] for body in reads] == ["trial"]


def test_who_does_not_own_the_process_takes_no_road(trial: Trial) -> None:
    trial.case("a")
    draft = trial.draft(SWAPPED)
    dry_run(trial.desk.program, draft, OWNER)
    services, now = trial.desk.program.services, trial.desk.program.clock.now()
    with trial.desk.database.transaction() as tx, pytest.raises(NotAllowed):
        take_case_scenario(
            tx, services, by=REVIEWER, now=now, draft_id=draft, position=1, name="Vägen"
        )
    with pytest.raises(NotFound):
        taken(trial, draft, 2)


def test_a_case_without_history_has_no_road() -> None:
    with pytest.raises(NotAllowed) as refused:
        case_scenario([], "Vägen")
    assert refused.value.facts["why"] == UNREADABLE
