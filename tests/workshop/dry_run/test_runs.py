"""A dry run goes through every case there is, for exactly the files that it began with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.access import Viewer
from service.errors import BadDiagram, NotAllowed, NotFound, Stale
from service.records.context import release_stream
from service.release.bundle import unpack
from service.store.installation import ledger_entries
from service.store.work import batches
from service.worker.batches import run_portion
from service.workshop import drafts, publish
from service.workshop.dry_run import dry_runs
from tests.support.directory import OFFICE
from tests.support.dry_runs import begin_dry_run, dry_run, finish_batches
from tests.workshop.dry_run.conftest import CHOICE, LONGER, SWAPPED, Trial
from tests.workshop.test_drafts import OWNER, REVIEWER

HELPER = Viewer("p_stina", OFFICE, frozenset())


def written(trial: Trial, *kinds: str) -> list[dict[str, object]]:
    """Bodies of the ledger entries of some kinds."""
    stream = release_stream(trial.desk.program.services)
    with trial.desk.database.transaction(write=False) as tx:
        lines = ledger_entries.of_stream(tx, stream)
    return [json.loads(line.body) for line in lines if line.kind in kinds]


def test_every_case_gets_a_verdict_and_the_ledger_the_numbers(trial: Trial) -> None:
    trial.case("a", "b"), trial.case("a", "c", answer="NO"), trial.case()
    draft = trial.draft(SWAPPED)
    dry_run(trial.desk.program, draft, OWNER)
    run = trial.run(draft)
    assert (run.state, run.done, run.total) == ("done", 3, 3)
    assert [case.verdict for case in trial.found(draft)] == ["decides", "decides", "same"]
    [begun, ended] = written(trial, "dry_run_begun", "dry_run_ended")
    assert (begun["cases"], begun["rev"], begun["draft"]) == (3, 2, draft)
    assert ended["numbers"] == {"decides": 2, "same": 1}
    assert (ended["state"], ended["release"]) == ("done", begun["release"])
    assert trial.desk.faults() == []


def test_nothing_of_a_case_is_changed(trial: Trial) -> None:
    case = trial.case("a")
    before = trial.desk.case(case), trial.desk.facts(case), trial.desk.tasks(case)
    dry_run(trial.desk.program, trial.draft(SWAPPED), OWNER)
    assert (trial.desk.case(case), trial.desk.facts(case), trial.desk.tasks(case)) == before


def test_a_run_of_the_same_files_is_not_begun_twice(trial: Trial) -> None:
    trial.case("a")
    draft = trial.draft(SWAPPED)
    first = begin_dry_run(trial.desk.program, draft, OWNER)
    assert begin_dry_run(trial.desk.program, draft, OWNER) == first
    finish_batches(trial.desk.program)
    assert begin_dry_run(trial.desk.program, draft, OWNER) != first


def test_a_run_ends_when_the_draft_is_saved(trial: Trial) -> None:
    trial.case("a")
    draft = trial.draft(SWAPPED)
    first = begin_dry_run(trial.desk.program, draft, OWNER)
    trial.draft(LONGER)
    assert finish_batches(trial.desk.program) == 0
    run = trial.run(draft)
    assert (run.id, run.state, run.detail["reason"]) == (first, "stopped", dry_runs.DRAFT_CHANGED)
    second = dry_run(trial.desk.program, draft, OWNER)
    assert (trial.run(draft).id, trial.run(draft).state) == (second, "done")
    with trial.desk.database.transaction(write=False) as tx:
        assert batches.get(tx, first) is None, "what is not true any more is deleted"


def test_a_draft_saved_with_the_same_files_goes_on(trial: Trial) -> None:
    trial.case("a")
    draft = trial.draft(SWAPPED)
    begin_dry_run(trial.desk.program, draft, OWNER)
    trial.draft(SWAPPED)
    finish_batches(trial.desk.program)
    assert trial.run(draft).state == "done"


def test_it_is_stopped_between_two_cases(trial: Trial) -> None:
    for _ in range(2):
        trial.case("a")
    draft, services = trial.draft(SWAPPED), trial.desk.program.services
    begin_dry_run(trial.desk.program, draft, OWNER)
    assert run_portion(trial.desk.worker(), busy=True) == 1
    now = trial.desk.clock.now()
    with trial.desk.database.transaction() as tx:
        dry_runs.stop_dry_run(tx, services, by=OWNER, now=now, draft_id=draft)
    assert finish_batches(trial.desk.program) == 0
    run = trial.run(draft)
    assert (run.state, run.done, run.detail["numbers"]) == ("stopped", 1, {"decides": 1})
    with trial.desk.database.transaction() as tx, pytest.raises(NotFound):
        dry_runs.stop_dry_run(tx, services, by=OWNER, now=now, draft_id=draft)


def test_who_may_not_edit_begins_none(trial: Trial) -> None:
    trial.case("a")
    draft = trial.draft(SWAPPED)
    for viewer in (REVIEWER, HELPER):
        with pytest.raises(NotAllowed):
            begin_dry_run(trial.desk.program, draft, viewer)


def test_without_a_case_there_is_none(trial: Trial) -> None:
    with pytest.raises(NotAllowed) as refused:
        begin_dry_run(trial.desk.program, trial.draft(SWAPPED), OWNER)
    assert refused.value.facts["why"] == "no_case"


def test_files_that_were_checked_must_be_those_of_the_draft(trial: Trial) -> None:
    trial.case("a")
    draft, services = trial.draft(SWAPPED), trial.desk.program.services
    about: dict[str, Any] = {"by": OWNER, "now": trial.desk.clock.now(), "draft_id": draft}
    other = publish.check_release(services, CHOICE)
    with trial.desk.database.transaction() as tx, pytest.raises(Stale):
        dry_runs.begin_dry_run(tx, services, checked=other, **about)
    with trial.desk.database.transaction(write=False) as tx:
        row = drafts.require_draft(tx, OWNER, draft)
    broken = publish.CheckedRelease(unpack(row.files).digest, (), None)
    with trial.desk.database.transaction() as tx, pytest.raises(BadDiagram):
        dry_runs.begin_dry_run(tx, services, checked=broken, **about)


def test_a_mark_stays_with_its_group_over_the_next_run(trial: Trial) -> None:
    trial.case("a", "b")
    draft = trial.draft(SWAPPED)
    dry_run(trial.desk.program, draft, OWNER)
    about: dict[str, Any] = {"by": OWNER, "now": trial.desk.clock.now(), "draft_id": draft}

    def mark(verdict: str, element: str, word: str) -> None:
        with trial.desk.database.transaction() as tx:
            services = trial.desk.program.services
            dry_runs.mark_intended(
                tx, services, verdict=verdict, element=element, word=word, **about
            )

    mark("decides", "g", " They asked for it ")
    dry_run(trial.desk.program, draft, OWNER)
    assert trial.run(draft).detail["intended"]["decides g"]["word"] == "They asked for it"
    with pytest.raises(NotFound):
        mark("asks", "a", "no such group")
    mark("decides", "g", "")
    assert trial.run(draft).detail["intended"] == {}


def test_a_draft_that_is_thrown_away_takes_its_runs_along(trial: Trial) -> None:
    trial.case("a")
    draft = trial.draft(SWAPPED)
    begin_dry_run(trial.desk.program, draft, OWNER)
    services, now = trial.desk.program.services, trial.desk.clock.now()
    with trial.desk.database.transaction() as tx:
        dry_runs.delete_runs(tx, services, draft_id=draft, now=now)
        assert batches.newest(tx, dry_runs.KIND, draft) is None
    assert [body["state"] for body in written(trial, "dry_run_ended")] == ["stopped"]
