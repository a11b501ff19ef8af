"""The commands of a referral that was sent: what its receiver and its sender answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.referrals import answers
from service.casework.referrals.referral_access import require_referral
from service.records.context import Services
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class AcceptReferral:
    """The receiver takes a referral."""

    referral_id: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Take it, as `answers.accept` does."""
        require_referral(tx, services, by=by, now=now, referral_id=self.referral_id)
        answers.accept(tx, services, by=by, now=now, referral_id=self.referral_id)


@dataclass(frozen=True, slots=True)
class RefuseReferral:
    """The receiver does not take a referral; it comes back to its sender."""

    referral_id: str
    reason: str
    text: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Refuse it, as `answers.refuse` does."""
        require_referral(tx, services, by=by, now=now, referral_id=self.referral_id)
        answers.refuse(
            tx,
            services,
            by=by,
            now=now,
            referral_id=self.referral_id,
            reason=self.reason,
            text=self.text,
        )


@dataclass(frozen=True, slots=True)
class AskAboutReferral:
    """The receiver asks the sender something."""

    referral_id: str
    text: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Ask, as `answers.ask` does."""
        require_referral(tx, services, by=by, now=now, referral_id=self.referral_id)
        answers.ask(tx, services, by=by, now=now, referral_id=self.referral_id, text=self.text)


@dataclass(frozen=True, slots=True)
class ReplyToReferral:
    """The sender answers what the receiver asked."""

    referral_id: str
    text: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Answer, as `answers.reply` does."""
        require_referral(tx, services, by=by, now=now, referral_id=self.referral_id)
        answers.reply(tx, services, by=by, now=now, referral_id=self.referral_id, text=self.text)


@dataclass(frozen=True, slots=True)
class FinishReferral:
    """The receiver has done what was asked of it."""

    referral_id: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Finish it, as `answers.done` does."""
        require_referral(tx, services, by=by, now=now, referral_id=self.referral_id)
        answers.done(tx, by=by, now=now, referral_id=self.referral_id)


@dataclass(frozen=True, slots=True)
class RevokeReferral:
    """The sender takes a referral back."""

    referral_id: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Take it back, as `answers.revoke` does."""
        require_referral(tx, services, by=by, now=now, referral_id=self.referral_id)
        answers.revoke(tx, services, by=by, now=now, referral_id=self.referral_id)


@dataclass(frozen=True, slots=True)
class AcknowledgeReferral:
    """The sender has seen what became of a referral."""

    referral_id: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Note it, as `answers.acknowledge` does."""
        require_referral(tx, services, by=by, now=now, referral_id=self.referral_id)
        answers.acknowledge(tx, by=by, now=now, referral_id=self.referral_id)


@dataclass(frozen=True, slots=True)
class LapseReferral:
    """Nobody answered a referral in time; the job of its deadline is due."""

    job_key: str

    def perform(self, tx: Tx, services: Services, *, now: datetime) -> None:
        """End it, as `answers.lapse` does."""
        answers.lapse(tx, services, self.job_key, now=now)
