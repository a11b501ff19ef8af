"""Work that waits longer than anything waits here: deadlines, letters, batches.

The moment at which a worker may take a row (`not_before`) changes with each try, so the ledger does
not bind it. But nothing waits longer than its longest pause: a row that does was changed by whoever
can write into the database. Source: decisions/0093.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.casework.history.violations import Violation
from service.store.transaction import Tx
from service.store.work import batches, jobs, letters

LONGEST_TRY: Final = timedelta(days=1)
"""Longer than any lease, and than the pause after any failed try."""
LONGEST_GATHERED: Final = timedelta(days=21)
"""Longer than letters are gathered: until the next working morning of an office."""
MOST: Final = 500
"""Rows of a table that are found at once."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """A row that waits too long."""

    table: str
    key: str
    case: str
    """Empty for a batch."""


def postponed_work(tx: Tx, now: datetime) -> Iterator[Postponed]:
    """What waits longer than anything does here; of a deadline, longer than until it is due."""
    for job in jobs.postponed(tx, now + LONGEST_TRY, limit=MOST):
        yield Postponed("job", job.key, job.case_id)
    for letter in letters.postponed(tx, now + LONGEST_GATHERED, limit=MOST):
        yield Postponed("letter", letter.key, letter.case_id)
    for id_ in batches.postponed(tx, now + LONGEST_TRY):
        yield Postponed("batch", id_, "")


def check_postponed(tx: Tx, now: datetime) -> Iterator[Violation]:
    """I4: whatever waits is taken in time."""
    for row in postponed_work(tx, now):
        place = f"not_before of {row.table} {row.key}"
        yield Violation("I4", row.case or "installation", place, "when it is due", "a later moment")
