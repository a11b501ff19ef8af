"""The commands do what the actions of their names do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from service.release.bundle import unpack
from service.workshop import drafts
from service.workshop.dry_run.dry_runs import begin_dry_run, mark_intended, stop_dry_run
from service.workshop.publish import check_release
from tests.support.dry_runs import finish_batches
from tests.workshop.dry_run.conftest import SWAPPED, Trial
from tests.workshop.test_drafts import OWNER


def test_begin_stop_and_mark(trial: Trial) -> None:
    trial.case("a")
    draft, services = trial.draft(SWAPPED), trial.desk.program.services
    with trial.desk.database.transaction(write=False) as tx:
        checked = check_release(services, unpack(drafts.require_draft(tx, OWNER, draft).files))

    def perform(command: Callable[..., object]) -> None:
        with trial.desk.database.transaction() as tx:
            command(tx, services, OWNER, trial.desk.clock.now())

    perform(partial(begin_dry_run, draft_id=draft, checked=checked))
    perform(partial(stop_dry_run, draft_id=draft))
    assert trial.run(draft).state == "stopped"
    perform(partial(begin_dry_run, draft_id=draft, checked=checked))
    finish_batches(trial.desk.program)
    perform(
        partial(
            mark_intended, draft_id=draft, verdict="decides", element="g", word="so it was asked"
        )
    )
    assert trial.run(draft).detail["intended"]["decides g"]["word"] == "so it was asked"
