"""The command that throws a draft away: it knows the draft and its dry runs."""

from __future__ import annotations

from datetime import datetime

from service.access import Viewer
from service.records.context import Services
from service.store.transaction import Tx
from service.workshop import drafts
from service.workshop.dry_run import dry_runs


def discard_draft(tx: Tx, services: Services, by: Viewer, now: datetime, *, draft_id: str) -> None:
    """Throw a draft away, with what a dry run of it found."""
    drafts.discard_draft(tx, services, by=by, now=now, draft_id=draft_id)
    dry_runs.delete_runs(tx, services, draft_id=draft_id, now=now)
