"""A draft is published after a dry run of exactly its files, where there are cases."""

from __future__ import annotations

import pytest

from service.errors import NotAllowed
from service.release.bundle import unpack
from service.worker.batches import run_portion
from service.workshop import drafts
from service.workshop.dry_run import dry_runs
from service.workshop.publish import dry_run_is_missing, require_dry_run
from tests.support.dry_runs import begin_dry_run, dry_run
from tests.workshop.dry_run.conftest import LONGER, SWAPPED, Trial
from tests.workshop.test_drafts import OWNER


def missing(trial: Trial, draft: str) -> bool:
    services = trial.desk.program.services
    with trial.desk.database.transaction(write=False) as tx:
        row = drafts.require_draft(tx, OWNER, draft)
        return dry_run_is_missing(tx, services, digest=unpack(row.files).digest)


def test_without_a_case_nothing_is_required(trial: Trial) -> None:
    assert not missing(trial, trial.draft(SWAPPED))


def test_a_run_to_the_end_is_enough_until_a_file_changes(trial: Trial) -> None:
    trial.case("a")
    draft = trial.draft(SWAPPED)
    assert missing(trial, draft)
    dry_run(trial.desk.program, draft, OWNER)
    assert not missing(trial, draft)
    trial.draft(LONGER)
    assert missing(trial, draft)
    trial.draft(SWAPPED)
    assert not missing(trial, draft), "the same files again"


def test_half_a_run_is_not_enough(trial: Trial) -> None:
    trial.case("a"), trial.case("a")
    draft, services = trial.draft(SWAPPED), trial.desk.program.services
    begin_dry_run(trial.desk.program, draft, OWNER)
    run_portion(trial.desk.worker(), busy=True)
    assert missing(trial, draft)
    with trial.desk.database.transaction() as tx:
        now = trial.desk.clock.now()
        dry_runs.stop_dry_run(tx, services, by=OWNER, now=now, draft_id=draft)
    assert missing(trial, draft)
    with trial.desk.database.transaction(write=False) as tx, pytest.raises(NotAllowed) as refused:
        require_dry_run(tx, services, digest="00" * 32)
    assert refused.value.facts["why"] == "dry_run_needed"
