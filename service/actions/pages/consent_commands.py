"""Consents of an ended case: what can be taken back, the command that does it, and how those that
were are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from service.access import Viewer
from service.actions.casefile.case_view import CaseView, load_case_view
from service.actions.cases import late_withdrawal
from service.actions.cases.late_withdrawal import Withdrawal
from service.actions.context import Services
from service.errors import NotFound
from service.store.casefile import consents
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class WithdrawAfterEnd:
    """Take consents back in a case that has ended."""

    case_id: str
    said: Withdrawal

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Take them back.

        Raises:
            NotFound: there is no such case for her, or it is open.
            ReasonNeeded: she must say why she opens it.
            InvalidAnswers: a part is missing or wrong.   CaseMoved: somebody was faster.
        """
        view = load_case_view(tx, services, by, self.case_id, now)
        require_withdrawable(tx, view)
        late_withdrawal.withdraw_after_end(
            tx, services, by=by, now=now, case=view.case, said=self.said
        )


def require_withdrawable(tx: Tx, at: CaseView) -> tuple[consents.Consent, ...]:
    """The consents that somebody of an office of the case can take back beside it.

    Raises:
        NotFound: the case is open, none is live, or the viewer only looks after all cases.
    """
    live = late_withdrawal.withdrawable(tx, at.case, at.now)
    if not live or not at.visibility.by_office:
        raise NotFound
    return live


def may_withdraw(tx: Tx, at: CaseView) -> bool:
    """Whether the viewer can take a consent back beside the case."""
    if at.case.status != "ended" or not at.visibility.by_office:
        return False
    return bool(late_withdrawal.withdrawable(tx, at.case, at.now))


@dataclass(frozen=True, slots=True)
class WithdrawalLine:
    """How a consent was taken back after the end, in words."""

    purpose: str
    on: date
    text: str
    """Who said so and how; what the person was told only for those who may see it."""


def withdrawal_lines(tx: Tx, at: CaseView) -> tuple[WithdrawalLine, ...]:
    """Every consent that was taken back beside the case."""
    kept = late_withdrawal.kept_withdrawals(at.key, consents.of_case(tx, at.case.id))
    return tuple(_line(at, one) for one in kept)


def _line(at: CaseView, kept: late_withdrawal.KeptWithdrawal) -> WithdrawalLine:
    words = [at.say(f"withdrawal.who_{kept.who}"), at.say(f"withdrawal.how_{kept.how}")]
    own = kept.office == at.viewer.office
    if kept.effect and (own or at.visibility.sees_class("C1", kept.office)):
        words.append(kept.effect)
    words.append(at.places.get(kept.office, ""))
    return WithdrawalLine(
        at.say(f"purpose.{kept.purpose}"), kept.on, " · ".join(filter(None, words))
    )
