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
BUSY = "busy"
"""Complaint: the database did not answer in time."""


@dataclass
class Sequencer:
    """The sequencer of one process."""

    database: Database
    services: Services
    clock: Clock
    folder: CheckpointFolder | None = None
    complaint: str = ""
    """What stood in its way when it last worked, in a word; empty when nothing did."""
    where: str = ""
    """The streams in which an entry is missing, or the fault of the folder."""
    last: float | None = None
    """When it last worked."""

    def is_due(self, waiting: int) -> bool:
        """Whether to sequence now. The first time, and while something stands in its way, so that
        the folder gets what it has missed.

        Args:
            waiting: how many entries wait; counted up to `sequencing.ENOUGH`.
        """
        if self.last is None or waiting >= sequencing.ENOUGH:
            return True
        some = bool(waiting) or bool(self.complaint)
        return some and not self.last <= self.clock.steady() < self.last + EVERY

    def run(self) -> int:
        """Give places to everything that waits; gives the number of entries.

        What stands in its way is in `complaint` then, and stays until somebody looks.
        """
        self.last, self.complaint, self.where = self.clock.steady(), "", ""
        done = taken = self._safely_batch()
        while taken >= sequencing.BATCH:
            taken = self._safely_batch()
            done += taken
        return done

    def _safely_batch(self) -> int:
        """Do one transaction."""
        try:
            return self._batch()
        except CaseMoved:
            pass  # another process is at it
        except Busy:
            self.complaint = BUSY  # so may be the other
        except CheckpointAhead:
            self.complaint = "checkpoint_ahead"
        except (OSError, NoCheckpoint) as e:
            self.complaint, self.where = "checkpoint_not_kept", type(e).__name__
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
            self.complaint, self.where = "entry_missing", ", ".join(done.skipped)
        return done.entries


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
    done = sequencer.run() if some else 0
    if sequencer.complaint not in ("", BUSY):
        log.error("not_sequenced", error=sequencer.complaint, where=sequencer.where)
    return done
