"""Work that was postponed from outside is due again, and an incident says so."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

import structlog

from service.audit.checks.postponed_work import postponed_work
from service.casework.incidents import open_of_installation
from service.store.transaction import Tx
from service.store.work import batches, jobs, letters

log = structlog.get_logger("worker")
KIND: Final = "postponed"
"""Kind of the incident; its element is the table."""
AGAIN: Final = {"job": jobs.make_due, "letter": letters.make_due, "batch": batches.make_free}
"""How a row of a table is due again."""


def make_due(tx: Tx, *, now: datetime) -> int:
    """Make due again what waits longer than anything does here; gives how much it was.

    An incident of the installation is opened for each table. What is not due yet cannot fire by it:
    a deadline gets its own moment, which the engine checks besides.
    """
    found = [*postponed_work(tx, now)]
    for row in found:
        AGAIN[row.table](tx, row.key)
        log.error("work_was_postponed", where=row.table, case=row.case)
    for table, number in sorted(Counter(row.table for row in found).items()):
        error = f"{number} rows of {table} were put off from outside; they are due again"
        open_of_installation(tx, KIND, element=table, error=error, now=now)
    tx.changes.has_work |= bool(found)
    return len(found)
