"""The commands do what the actions of their names do."""

from __future__ import annotations

from service.actions.publishing import drafts
from service.actions.publishing.dry_run.commands import BeginDryRun, MarkIntended, StopDryRun
from service.actions.publishing.publish import check_release
from service.actions.releases.bundle import unpack
from tests.actions.publishing.dry_run.conftest import SWAPPED, Trial
from tests.actions.publishing.test_drafts import OWNER
from tests.support.dry_runs import finish_batches


def test_begin_stop_and_mark(trial: Trial) -> None:
    trial.case("a")
    draft, services = trial.draft(SWAPPED), trial.desk.program.services
    with trial.desk.database.transaction(write=False) as tx:
        checked = check_release(services, unpack(drafts.require_draft(tx, OWNER, draft).files))

    def perform(command: BeginDryRun | StopDryRun | MarkIntended) -> None:
        with trial.desk.database.transaction() as tx:
            command.perform(tx, services, by=OWNER, now=trial.desk.clock.now())

    perform(BeginDryRun(draft, checked))
    perform(StopDryRun(draft))
    assert trial.run(draft).state == "stopped"
    perform(BeginDryRun(draft, checked))
    finish_batches(trial.desk.program)
    perform(MarkIntended(draft, "decides", "g", "so it was asked"))
    assert trial.run(draft).detail["intended"]["decides g"]["word"] == "so it was asked"
