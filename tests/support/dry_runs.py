"""A dry run of a draft, done at once in the process of the test."""

from __future__ import annotations

from service.access import Viewer
from service.application.container import Tresteg
from service.release.bundle import unpack
from service.worker.batches import run_portion
from service.worker.loop import Worker
from service.workshop import drafts
from service.workshop.dry_run import dry_runs
from service.workshop.publish import check_release


def begin_dry_run(program: Tresteg, draft_id: str, by: Viewer) -> str:
    """Begin it; gives the id of the run."""
    services, now = program.services, program.clock.now()
    with program.database.transaction(write=False) as tx:
        row = drafts.require_draft(tx, by, draft_id)
    checked = check_release(services, unpack(row.files))
    with program.database.transaction() as tx:
        return dry_runs.begin_dry_run(
            tx, services, by=by, now=now, draft_id=draft_id, checked=checked
        )


def finish_batches(program: Tresteg) -> int:
    """Do all that a worker has to do in batches; gives the number of cases and ends."""
    worker = Worker(program.database, program.services, program.clock, program.mail)
    done = 0
    while found := run_portion(worker):
        done += found
    return done


def dry_run(program: Tresteg, draft_id: str, by: Viewer) -> str:
    """Begin it, and go through every case."""
    run = begin_dry_run(program, draft_id, by)
    finish_batches(program)
    return run
