"""What falls due by itself: timers of the diagram, and deadlines of referrals.

Each function gives the command that the job runs in its unit of work.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from service.actions.commands import case_commands
from service.actions.referrals import answers
from service.store.transaction import Tx
from service.store.work.jobs import Job
from service.worker.state import WorkerState


def fire(worker: WorkerState, job: Job) -> Callable[..., object]:
    """The command that fires a timer of the diagram."""

    def command(tx: Tx, *, now: datetime) -> object:
        return case_commands.fire_timer(tx, worker.services, job_key=job.key, now=now)

    return command


def lapse_referral(worker: WorkerState, job: Job) -> Callable[..., None]:
    """The command that lets a referral lapse whose deadline passed without an answer."""

    def command(tx: Tx, *, now: datetime) -> None:
        answers.lapse(tx, worker.services, job.key, now=now)

    return command
