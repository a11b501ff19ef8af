"""Read models of waiting work, in numbers and moments, for operators. No case, no person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from service.store.row_scope import as_system
from service.store.tables import cases, incident, job, letter, task

if TYPE_CHECKING:
    from service.store.at_hand import Reader


def jobs_by_kind(reader: Reader) -> dict[str, tuple[int, datetime | None]]:
    """Kind of job to how many wait that have not stopped, and the earliest moment that one was due
    at.
    """
    asked = (
        select(job.c.kind, func.count(), func.min(job.c.due))
        .where(job.c.state != "stopped", job.c.due.is_not(None))
        .group_by(job.c.kind)
    )
    return {kind: (n, due) for kind, n, due in reader.all(_three, as_system("operate", asked))}


def due_jobs(reader: Reader, now: datetime) -> dict[str, int]:
    """Kind of job to how many are due."""
    asked = (
        select(job.c.kind, func.count())
        .where(job.c.state != "stopped", job.c.due <= now)
        .group_by(job.c.kind)
    )
    return dict(reader.all(_two, as_system("operate", asked)))


def letters_by_state(reader: Reader) -> dict[str, tuple[int, datetime | None]]:
    """State of letters that have not left to their number, and when the oldest was made."""
    asked = (
        select(letter.c.state, func.count(), func.min(letter.c.made_at))
        .where(letter.c.state != "sent")
        .group_by(letter.c.state)
    )
    return {state: (n, made) for state, n, made in reader.all(_three, as_system("operate", asked))}


def open_incidents(reader: Reader) -> dict[str, int]:
    """Topic to the number of its open incidents; "" for what is no call."""
    asked = (
        select(incident.c.topic, func.count())
        .where(incident.c.closed_at.is_(None))
        .group_by(incident.c.topic)
    )
    return dict(reader.all(_two, as_system("operate", asked)))


def open_cases(reader: Reader) -> dict[tuple[str, str], int]:
    """Process and stage to the number of its open cases."""
    asked = (
        select(cases.c.process, cases.c.stage, func.count())
        .where(cases.c.status == "open")
        .group_by(cases.c.process, cases.c.stage)
    )
    found = reader.all(lambda *row: row, as_system("operate", asked))
    return {(process, stage): n for process, stage, n in found}


def open_tasks(reader: Reader, now: datetime) -> dict[str, tuple[int, int]]:
    """Stage to the number of its open tasks, and of those that are overdue."""
    late = func.sum(case((task.c.due <= now, 1), else_=0))
    asked = select(task.c.stage, func.count(), late).group_by(task.c.stage)
    found = reader.all(lambda *row: row, as_system("operate", asked))
    return {stage: (n, int(overdue)) for stage, n, overdue in found}


def _two(name: str, n: int) -> tuple[str, int]:
    return name, n


def _three(name: str, n: int, at: datetime | None) -> tuple[str, int, datetime | None]:
    return name, n, at
