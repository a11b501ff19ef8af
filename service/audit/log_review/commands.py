"""What an auditor does in a log review: she judges looks, and finishes the step that waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer, can_act
from service.audit.log_review import process
from service.audit.log_review.process import CLOSED, JUDGED, SIGNED
from service.audit.log_review.review import FOLLOW, JUDGE, OPEN, VERDICTS, LogReview
from service.casework.casefile.read_log import record_read
from service.errors import FieldFault, FourEyes, InvalidAnswers, NotFound, TaskClosed
from service.records.context import Services, actor
from service.records.ledger_entries import append_entry, seal_reason
from service.security import ledger
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.transaction import Tx

LONGEST = 500
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class JudgeLook:
    """Say of a listed look whether it is explained, to be followed up, or passed on as an incident.

    The newest judgement of a look counts; the earlier ones stay. One that decides it closes a
    question that waits for an answer.
    """

    month: str
    look: int
    verdict: str
    reason: str

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:
        """Judge it; that she looked at its case for the review is recorded.

        Raises:
            NotFound: she is no auditor, or there is no such review or look.
            TaskClosed: the review has ended.   FourEyes: it is her own look.
            InvalidAnswers: no such verdict here, no reason, or one that is too long.
        """
        review, end = locked_review(tx, by, self.month)
        look = next((one for one in review.looks if one.number == self.look), None)
        if look is None:
            raise NotFound
        if review.task is None:
            raise TaskClosed
        if look.person == by.person:
            raise FourEyes
        reason = " ".join(self.reason.split())
        if faults := _faults(self.verdict, reason, review.task.element):
            raise InvalidAnswers(faults)
        if look.case and cases.get(tx, look.case) is not None:
            purpose = "log_review"
            record_read(tx, by=by, now=now, case_id=look.case, purpose=purpose, classes=("C0",))
        stream = process.stream_of(self.month)
        asked = review.waiting_question(self.look)
        if asked is not None and self.verdict != OPEN:
            process.close(review, asked, now=now, seed=str(end + 1))
            append_entry(tx, stream, CLOSED, by=actor(by), now=now, body={"look": self.look})
        word = seal_reason(services.key(tx, f"person:{by.person}"), stream, by.person, reason)
        body: dict[str, ledger.Canonical] = {"look": self.look, "verdict": self.verdict}
        body["word"] = word
        append_entry(tx, stream, JUDGED, by=actor(by), now=now, body=body)


@dataclass(frozen=True, slots=True)
class SignReview:
    """Finish the step of a review that waits, in one's own name."""

    month: str
    element: str
    """The step that the page showed."""

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> None:  # noqa: ARG002 - the form of commands
        """Finish it, so that the process goes on.

        Raises:
            NotFound: she is no auditor, or there is no such review.
            TaskClosed: another step waits, or none.   FourEyes: the diagram wants another person.
            InvalidAnswers: looks are left that must be judged first.
        """
        review, end = locked_review(tx, by, self.month)
        if review.task is None or review.task.element != self.element:
            raise TaskClosed
        if review.must_be_another(by.person):
            raise FourEyes
        if left := review.must_be_judged(by.person):
            raise InvalidAnswers((FieldFault("looks", "left", {"n": len(left)}),))
        own = self.element == JUDGE and review.left > 0
        follow = review.to_follow_up > 0
        process.turn(review, own=own, follow_up=follow, now=now, seed=str(end + 1))
        body: dict[str, ledger.Canonical] = {"element": self.element, "own": own, "follow": follow}
        stream = process.stream_of(self.month)
        append_entry(tx, stream, SIGNED, by=actor(by), now=now, body=body)


def locked_review(tx: Tx, by: Viewer, month: str) -> tuple[LogReview, int]:
    """A review, and the number of its last entry; nobody else writes to it meanwhile."""
    if not can_act(by, "audit"):
        raise NotFound
    end, _ = ledger_entries.end(tx, process.stream_of(month))
    return process.load_review(tx, month), end


def _faults(verdict: str, reason: str, element: str) -> tuple[FieldFault, ...]:
    allowed = [one for one in VERDICTS if element != FOLLOW or one != OPEN]
    found = [] if verdict in allowed else [FieldFault("verdict", "required")]
    if not reason:
        found.append(FieldFault("reason", "required"))
    elif len(reason) > LONGEST:
        found.append(FieldFault("reason", "too_long"))
    return tuple(found)
