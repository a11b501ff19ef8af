"""The commands of a draft of a release: open, publish, discard."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.actions.context import Services
from service.actions.publishing import drafts, publish
from service.store.installation import releases
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """Begin a draft of the process, or go on with the one that is open."""

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> releases.Draft:
        """Open it, as `drafts.open_draft` does."""
        return drafts.open_draft(tx, services, by=by, now=now)


@dataclass(frozen=True, slots=True)
class PublishDraft:
    """Publish a draft as the next release."""

    draft_id: str
    rev: int
    checked: publish.CheckedRelease
    """Linted and built before the transaction that publishes it."""
    note: str
    seen: Collection[str]
    """Warnings that the person says she has seen."""

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Publish it, as `publish.publish_draft` does."""
        publish.publish_draft(
            tx,
            services,
            by=by,
            now=now,
            draft_id=self.draft_id,
            rev=self.rev,
            checked=self.checked,
            note=self.note,
            seen=self.seen,
        )


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    """Throw a draft away."""

    draft_id: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Throw it away, as `drafts.discard_draft` does."""
        drafts.discard_draft(tx, services, by=by, now=now, draft_id=self.draft_id)
