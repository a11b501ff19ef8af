"""The health of an installation: signs of life, what waits, room on the disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from service.errors import Busy
from service.operations import sequencer
from service.store.installation import checkpoints, heartbeats, installation_values
from service.store.installation.heartbeats import Heartbeat
from service.store.read_models import waiting_work
from service.store.transaction import Tx
from service.store.work import jobs

WORKER, WRITTEN, VERIFIED = "worker", "written", "verified"
"""Names of signs of life: a worker is at work, a row could be written, everything was verified."""
LAST_BACKUP = "last_backup"
"""Setting: the moment of the newest backup that was good."""
BEAT = timedelta(seconds=15)
"""How often a worker gives a sign of life."""
SILENCE = timedelta(seconds=60)
"""After so much silence no worker counts as alive; during a long call it gives signs, too."""
LEAST_ROOM = 32 * 1024 * 1024
"""Bytes that must be free in the folder of the database."""


@dataclass(frozen=True, slots=True)
class Late:
    """Some work of one kind: how much waits, how much of it is due, since when the oldest is."""

    waiting: int = 0
    due: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts of open work in an installation."""

    calls: Late
    timers: Late
    letters: dict[str, int]
    """State to number, of the letters that have not left."""
    letter_seconds: float
    incidents: dict[str, int]
    cases: dict[tuple[str, str], int]
    """Process and stage to its open cases."""
    tasks: dict[str, tuple[int, int]]
    """Stage to its open tasks, and how many of them are overdue."""
    log: int
    """Entries of the ledger that no checkpoint holds yet; no more than `sequencer.ENOUGH`."""


def beat(tx: Tx, name: str, *, now: datetime, number: int = 0) -> None:
    """Give a sign of life, by the wall clock."""
    heartbeats.put(tx, Heartbeat(name, now, number))


def last_beats(tx: Tx) -> dict[str, Heartbeat]:
    """Name to the last sign of life."""
    return heartbeats.every(tx)


def is_alive(beat: Heartbeat | None, now: datetime) -> bool:
    """Whether a sign of life is young enough."""
    return beat is not None and now - beat.at <= SILENCE


def load_waiting(tx: Tx, *, now: datetime) -> Waiting:
    """Count what waits.

    Args:
        now: the clock that cases go by.
    """
    kinds = waiting_work.jobs_by_kind(tx)
    due = waiting_work.due_jobs(tx, now)

    def late(*names: str) -> Late:
        oldest = min((at for n in names if (at := kinds.get(n, (0, None))[1])), default=None)
        return Late(
            sum(kinds.get(n, (0, None))[0] for n in names),
            sum(due.get(n, 0) for n in names),
            _age(oldest, now),
        )

    letters = waiting_work.letters_by_state(tx)
    made = [at for state in ("waiting", "leased") if (at := letters.get(state, (0, None))[1])]
    return Waiting(
        late(jobs.CALL),
        late(*(kind for kind in jobs.ALL if kind != jobs.CALL)),
        {state: n for state, (n, _) in letters.items()},
        _age(min(made, default=None), now),
        waiting_work.open_incidents(tx),
        waiting_work.open_cases(tx),
        waiting_work.open_tasks(tx, now),
        checkpoints.count_waiting(tx, limit=sequencer.ENOUGH),
    )


def last_backup(tx: Tx) -> datetime | None:
    """When the newest backup was made that was good; None before the first."""
    at = installation_values.get(tx, LAST_BACKUP)
    return datetime.fromisoformat(at) if at else None


def free_bytes(database_file: str) -> int | None:
    """Bytes that are free in the folder of a database file; None when there is none.

    Raises:
        Busy: the folder cannot be looked at.
    """
    if not database_file:
        return None
    try:
        return shutil.disk_usage(Path(database_file).resolve().parent).free
    except OSError as e:
        raise Busy("the folder of the database cannot be looked at", driver="OSError") from e


def _age(at: datetime | None, now: datetime) -> float:
    return max((now - at).total_seconds(), 0.0) if at is not None else 0.0
