"""The commands of a case's pages that run no turn: notes, reasons, corrections, unsent answers of a
start or a message, a search that is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.access import Viewer
from service.casework.approvals import protected_acts
from service.casework.casefile import documents, notes, read_log
from service.casework.casefile.case_view import load_case_view
from service.casework.cases import case_visibility, protection
from service.casework.commands import late_withdrawal
from service.casework.commands.late_withdrawal import Withdrawal
from service.casework.pages import message_form, records_tabs
from service.casework.pages.overview_tab import require_withdrawable
from service.casework.referrals import send
from service.casework.referrals.compose import reads_of_compose
from service.casework.referrals.referral_options import ReferralChoice
from service.casework.tasks.form_session import save_typed
from service.casework.tasks.unsent_answers import SavedAnswers
from service.errors import NotFound, Stale
from service.forms import Raw
from service.people import short_lived_texts
from service.records.context import Services
from service.security.records import WrappedKey
from service.store.casefile import parties
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class WriteNote:
    """Write a note in a case."""

    case_id: str
    text: str
    shared: Sequence[str]
    """Offices that read it too."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Write it.

        Raises:
            NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
            InvalidAnswers: the text is no note.
        """
        load_case_view(tx, services, by, self.case_id, now)
        notes.write(
            tx,
            services,
            by=by,
            now=now,
            case_id=self.case_id,
            text=self.text,
            shared=self.shared,
        )


@dataclass(frozen=True, slots=True)
class RecordLookupReason:
    """Record why somebody opens a case in which her office has nothing to do."""

    case_id: str
    purpose: str
    reason: str

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Record it.

        Raises:
            NotFound: there is no such case for her.
        """
        case, at_hand = case_visibility.ask_case(tx, services, self.case_id)
        case_visibility.load_unexplained_visibility(at_hand, services, by, case, now)
        read_log.record_lookup_reason(
            tx,
            services,
            by=by,
            now=now,
            case_id=self.case_id,
            purpose=self.purpose,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class ChangeMarking:
    """Change the protection marking of a case, with a reason."""

    case_id: str
    marking: str
    reason: str
    was: str
    """The marking that the page was made from."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Change it.

        Raises:
            NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
            InvalidAnswers: the reason is missing.   Stale: it was changed meanwhile.
            ApprovalNeeded: it would protect an identity less, and no second person approved it.
        """
        view = load_case_view(tx, services, by, self.case_id, now)
        case = view.case
        known = self.marking in protection.MARKINGS and self.was == case.marking
        lower = known and protection.is_lower(case.marking, self.marking)
        if lower and protection.may_mark(view.configuration, by, parties.of_case(tx, case.id)):
            act = {"kind": protected_acts.LOWER, "subject": self.marking}
            protected_acts.use_if_protected(tx, by=by, now=now, case=case, **act)
        protection.set_marking(
            tx,
            services,
            by=by,
            now=now,
            case_id=self.case_id,
            marking=self.marking,
            reason=self.reason,
            was=self.was,
            approved=lower,
        )


@dataclass(frozen=True, slots=True)
class WithdrawAfterEnd:
    """Take consents back in a case that has ended."""

    case_id: str
    said: Withdrawal

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Take them back.

        Raises:
            NotFound: there is no such case for her, or it is open.
            ReasonNeeded: she must say why she opens it.
            InvalidAnswers: a part is missing or wrong.   CaseMoved: somebody was faster.
        """
        view = load_case_view(tx, services, by, self.case_id, now)
        require_withdrawable(view)
        late_withdrawal.withdraw_after_end(
            tx, services, by=by, now=now, case=view.case, said=self.said
        )


@dataclass(frozen=True, slots=True)
class DropDocument:
    """Drop a document of a case, with a reason."""

    case_id: str
    document_id: str
    reason: str

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> None:
        """Drop it.

        Raises:
            NotFound: she does not see it.   ReasonNeeded: she must say why she opens the case.
            InvalidAnswers: the reason is missing.
        """
        view = load_case_view(tx, services, by, self.case_id, now)
        rows = records_tabs.all_documents(view).values["papers"]
        if self.document_id not in {row.id for row in rows}:
            raise NotFound
        documents.drop(tx, services, by=by, now=now, id_=self.document_id, reason=self.reason)


@dataclass(frozen=True, slots=True)
class KeepStartAnswers:
    """Keep what was typed for a case that has not begun."""

    element: str
    answers: Raw
    rev: int
    refuse_conflicts: bool = False
    """Whether nothing is kept when another tab has changed one of the fields."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> SavedAnswers:
        """Keep it.

        Raises:
            Stale: another tab has changed a field.
        """
        session = message_form.open_start_form(tx, services, by, now, self.element)
        saved = save_typed(tx, session, self.answers, self.rev)
        return _refused(saved) if self.refuse_conflicts else saved


@dataclass(frozen=True, slots=True)
class KeepMessageAnswers:
    """Keep what was typed for a message that is not sent."""

    case_id: str
    message: str
    answers: Raw
    rev: int
    refuse_conflicts: bool = False
    """Whether nothing is kept when another tab has changed one of the fields."""
    work: str = ""
    """Which place is meant, when several wait."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> SavedAnswers:
        """Keep it.

        Raises:
            NotFound: there is no such case for her.   Stale: another tab has changed a field.
        """
        what = self.message, self.work
        more = message_form.reads_of_message_form(by, self.case_id, *what)
        view = load_case_view(tx, services, by, self.case_id, now, more=more)
        session = message_form.open_message_form(view, *what)
        saved = save_typed(tx, session, self.answers, self.rev)
        return _refused(saved) if self.refuse_conflicts else saved


def _refused(saved: SavedAnswers) -> SavedAnswers:
    """Refuse a save that met another tab; gives the saved answers otherwise.

    Raises:
        Stale: another tab has changed a field.
    """
    if saved.clashes:
        raise Stale
    return saved


@dataclass(frozen=True, slots=True)
class SendReferral:
    """Refer a case to another office."""

    case_id: str
    choice: ReferralChoice
    rev: int | None
    """Revision of the case that the page was made from."""

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> str:
        """Send the referral, and give its id.

        Raises:
            NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
            Otherwise as `send.send_referral`.
        """
        more = reads_of_compose(self.case_id)
        view = load_case_view(tx, services, by, self.case_id, now, more=more)
        return send.send_referral(tx, view, self.choice, rev=self.rev).id


@dataclass(frozen=True, slots=True)
class KeepSearch:
    """Record a search, and keep its words sealed for as long as its page of hits lasts."""

    words: str
    kind: str
    """What it was found by."""
    hits: int
    secret: str
    """Token of the session under which the words are sealed."""
    key: WrappedKey | None
    """Key of who searches, under which the words are sealed for a review; None when it is gone."""
    kept_at: datetime
    """By the wall clock."""
    lasts: timedelta = short_lived_texts.SEARCH

    def __call__(self, tx: Tx, services: Services, by: Viewer, now: datetime) -> str:
        """Record it, and give the name under which its words are kept."""
        name = short_lived_texts.new_name()
        key = services.open(self.key) if self.key is not None else None
        read_log.record_search(
            tx, by=by, now=now, key=key, kind=self.kind, hits=self.hits, words=self.words
        )
        short_lived_texts.keep_text(
            tx,
            name=name,
            secret=self.secret,
            person=by.person,
            text=self.words,
            until=self.kept_at + self.lasts,
        )
        return name
