"""The commands of releases and their drafts: open, bring files, review, publish, discard, go
back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.errors import Finding
from service.records.context import Services
from service.store.installation import releases
from service.store.transaction import Tx
from service.workshop import drafts, publish, reviews
from service.workshop.data_flow.wider import CheckedFlows
from service.workshop.dry_run import dry_runs
from service.workshop.release_dossier import Evidence


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """Begin a draft of the process, or go on with the one that is open."""

    base: str = ""
    """The release to begin from; the one in force when none is named."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> releases.Draft:
        """Open it, as `drafts.open_draft` does."""
        return drafts.open_draft(tx, services, by=by, now=now, base=self.base)


@dataclass(frozen=True, slots=True)
class ReopenDraft:
    """Take up again a draft that was thrown away."""

    draft_id: str

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> releases.Draft:
        """Take it up, as `drafts.reopen_draft` does."""
        return drafts.reopen_draft(tx, services, by=by, now=now, draft_id=self.draft_id)


@dataclass(frozen=True, slots=True)
class SaveFiles:
    """Bring files into a draft, or take one out."""

    draft_id: str
    rev: int
    changed: Mapping[str, bytes | None]
    found: Sequence[Finding]
    """Findings of the draft with these files, made before the transaction that saves them."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> int:
        """Save them, as `drafts.save_files` does."""
        return drafts.save_files(
            tx,
            services,
            by=by,
            now=now,
            draft_id=self.draft_id,
            changed=self.changed,
            found=self.found,
            rev=self.rev,
        )


@dataclass(frozen=True, slots=True)
class AskCurrent:
    """Ask a second person to approve that an earlier release is current again."""

    release_id: str
    note: str

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> str:
        """Ask, as `reviews.ask_current` does."""
        return reviews.ask_current(
            tx, services, by=by, now=now, release_id=self.release_id, note=self.note
        )


@dataclass(frozen=True, slots=True)
class MakeCurrent:
    """Make an earlier release the one in force again."""

    release_id: str

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Make it current, as `publish.make_current` does."""
        publish.make_current(tx, services, by=by, now=now, release_id=self.release_id)


@dataclass(frozen=True, slots=True)
class DecideReview:
    """Approve or refuse a draft, or going back to an earlier release."""

    request_id: str
    approve: bool
    about: str
    """The draft or release on whose page she answers."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Decide, as `reviews.decide` does."""
        asked = {"request_id": self.request_id, "about": self.about}
        reviews.decide(tx, services, by=by, now=now, approve=self.approve, **asked)


@dataclass(frozen=True, slots=True)
class AskPublication:
    """Ask a reviewer to approve a draft."""

    draft_id: str
    rev: int
    checked: publish.CheckedRelease
    """Linted and built before the transaction that asks."""
    flows: CheckedFlows
    note: str
    seen: Collection[str]
    """Warnings that the person says she has seen."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> str:
        """Ask, as `reviews.ask_publication` does."""
        return reviews.ask_publication(
            tx,
            services,
            by=by,
            now=now,
            draft_id=self.draft_id,
            rev=self.rev,
            checked=self.checked,
            flows=self.flows,
            note=self.note,
            seen=self.seen,
        )


@dataclass(frozen=True, slots=True)
class PublishDraft:
    """Publish a draft as the next release."""

    draft_id: str
    rev: int
    checked: publish.CheckedRelease
    """Linted and built before the transaction that publishes it."""
    flows: CheckedFlows
    evidence: Evidence
    """What is kept of it with the release."""
    note: str
    seen: Collection[str]
    """Warnings that the person says she has seen."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Publish it, as `publish.publish_draft` does."""
        publish.publish_draft(
            tx,
            services,
            by=by,
            now=now,
            draft_id=self.draft_id,
            rev=self.rev,
            checked=self.checked,
            flows=self.flows,
            evidence=self.evidence,
            note=self.note,
            seen=self.seen,
        )


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    """Throw a draft away."""

    draft_id: str

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Throw it away, as `drafts.discard_draft` does, with what a dry run of it found."""
        drafts.discard_draft(tx, services, by=by, now=now, draft_id=self.draft_id)
        dry_runs.delete_runs(tx, services, draft_id=self.draft_id, now=now)
