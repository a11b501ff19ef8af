"""Leases of calls and letters that are due at once: the transaction that makes them leases them for
the worker of its own process, so that no query has to find them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class WorkerLease:
    """A lease of one worker, and what a transaction has leased by it."""

    who: str
    until: datetime
    takes_calls: bool
    takes_letters: bool
    calls: list[Any] = field(default_factory=list)
    """Of kind `service.store.work.jobs.Job`."""
    letters: list[Any] = field(default_factory=list)
    """Of kind `service.store.work.letters.Letter`."""

    def columns(self) -> dict[str, Any]:
        """The columns of a row that is leased so."""
        return {
            "state": "leased",
            "not_before": self.until,
            "lease_until": self.until,
            "leased_by": self.who,
        }
