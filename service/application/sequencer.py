"""The sequencer: gives new ledger entries their places, and keeps each checkpoint outside.

A checkpoint goes to the folder after the commit, so the folder never counts what the database does
not have. What a crash leaves out there is made good the next time.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from service import fault_points
from service.actions.context import Services
from service.actions.operations import sequencing
from service.actions.operations.sequencing import CheckpointAhead
from service.application.container import Tresteg
from service.clock import Clock, wall_clock
from service.errors import Busy, CaseMoved
from service.security.checkpoint import NoCheckpoint
from service.security.checkpoint_folder import CheckpointFolder
from service.store.database import Database
from service.store.installation import checkpoints

log = structlog.get_logger("sequencer")
EVERY = 1.0
"""Seconds between two checkpoints, unless enough entries wait."""


@dataclass
class Sequencer:
    """The sequencer of one process."""

    database: Database
    services: Services
    clock: Clock
    folder: CheckpointFolder | None = None
    complaint: str = ""
    """The last one, so that it is logged once."""
    last: float | None = None
    """When it last worked."""

    def is_due(self, waiting: int) -> bool:
        """Whether to sequence now. The first time, so that the folder gets what it has missed.

        Args:
            waiting: how many entries wait; counted up to `sequencing.ENOUGH`.
        """
        if self.last is None or waiting >= sequencing.ENOUGH:
            return True
        return bool(waiting) and not self.last <= self.clock.steady() < self.last + EVERY

    def run(self) -> int:
        """Give places to everything that waits; gives the number of entries."""
        self.last = self.clock.steady()
        done = taken = self._safely_batch()
        while taken >= sequencing.BATCH:
            taken = self._safely_batch()
            done += taken
        return done

    def _safely_batch(self) -> int:
        """Do one transaction; what stands in its way is logged, and stays until somebody looks."""
        try:
            return self._batch()
        except (Busy, CaseMoved):
            return 0  # another process is at it
        except CheckpointAhead:
            self._complain("checkpoint_ahead")
        except (OSError, NoCheckpoint) as e:
            self._complain("checkpoint_not_kept", error=type(e).__name__)
        return 0

    def _batch(self) -> int:
        outside = None
        if self.folder is not None:
            outside = self.folder.newest() or sequencing.NOTHING
        with self.database.transaction() as tx:
            done = sequencing.sequence(tx, self.services, outside=outside)
            fault_points.hit("s1")
        fault_points.hit("s2")
        if self.folder is not None and done.note:
            day = wall_clock(self.clock).now().date()
            self.folder.keep(done.note, done.heads, day=day)
            fault_points.hit("s3")
        if done.skipped:
            self._complain("entry_missing", where=", ".join(done.skipped))
        return done.entries

    def _complain(self, event: str, *, error: str = "", where: str = "") -> None:
        complaint = " ".join(filter(None, (event, error, where)))
        if self.complaint != complaint:
            self.complaint = complaint
            log.error(event, error=error, where=where)


def sequence_all(program: Tresteg) -> int:
    """Give places to everything that waits, at the end of a command; gives the number of entries.

    What cannot be done now the worker does.
    """
    sequencer = Sequencer(
        program.database, program.services, program.clock, program.checkpoint_folder
    )
    try:
        with program.database.transaction(write=False) as tx:
            some = checkpoints.count_waiting(tx, limit=1)
    except Busy:
        return 0
    return sequencer.run() if some else 0
