"""The commands of a dry run: begin, stop, mark as intended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.records.context import Services
from service.store.transaction import Tx
from service.workshop.dry_run import runs
from service.workshop.publish import CheckedRelease


@dataclass(frozen=True, slots=True)
class BeginDryRun:
    """Begin to play every case on a draft."""

    draft_id: str
    checked: CheckedRelease
    """Linted and built before the transaction that begins."""

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> str:
        """Begin, as `runs.begin_dry_run` does."""
        return runs.begin_dry_run(
            tx, services, by=by, now=now, draft_id=self.draft_id, checked=self.checked
        )


@dataclass(frozen=True, slots=True)
class StopDryRun:
    """Stop the run of a draft."""

    draft_id: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Stop it, as `runs.stop_dry_run` does."""
        runs.stop_dry_run(tx, services, by=by, now=now, draft_id=self.draft_id)


@dataclass(frozen=True, slots=True)
class MarkIntended:
    """Mark the cases with one verdict at one place as intended."""

    draft_id: str
    verdict: str
    element: str
    word: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:  # noqa: ARG002 - as every command
        """Mark them, as `runs.mark_intended` does."""
        runs.mark_intended(
            tx,
            by=by,
            now=now,
            draft_id=self.draft_id,
            verdict=self.verdict,
            element=self.element,
            word=self.word,
        )
