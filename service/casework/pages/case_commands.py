"""The commands of a case's pages that run no turn: notes, reasons, corrections, unsent answers of a
start or a message, a search that is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def write_note(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    text: str,
    shared: Sequence[str],
) -> None:
    """Write a note in a case.

    Args:
        shared: offices that read it too.
    Raises:
        NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
        InvalidAnswers: the text is no note.
    """
    load_case_view(tx, services, by, case_id, now)
    notes.write(
        tx,
        services,
        by=by,
        now=now,
        case_id=case_id,
        text=text,
        shared=shared,
    )


def record_lookup_reason(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    purpose: str,
    reason: str,
) -> None:
    """Record why somebody opens a case in which her office has nothing to do.

    Raises:
        NotFound: there is no such case for her.
    """
    case, at_hand = case_visibility.ask_case(tx, services, case_id)
    case_visibility.load_unexplained_visibility(at_hand, services, by, case, now)
    read_log.record_lookup_reason(
        tx,
        services,
        by=by,
        now=now,
        case_id=case_id,
        purpose=purpose,
        reason=reason,
    )


def change_marking(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    marking: str,
    reason: str,
    was: str,
) -> None:
    """Change the protection marking of a case, with a reason.

    Args:
        was: the marking that the page was made from.
    Raises:
        NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
        InvalidAnswers: the reason is missing.   Stale: it was changed meanwhile.
        ApprovalNeeded: it would protect an identity less, and no second person approved it.
    """
    view = load_case_view(tx, services, by, case_id, now)
    case = view.case
    known = marking in protection.MARKINGS and was == case.marking
    lower = known and protection.is_lower(case.marking, marking)
    if lower and protection.may_mark(view.configuration, by, parties.of_case(tx, case.id)):
        act = {"kind": protected_acts.LOWER, "subject": marking}
        protected_acts.use_if_protected(tx, by=by, now=now, case=case, **act)
    protection.set_marking(
        tx,
        services,
        by=by,
        now=now,
        case_id=case_id,
        marking=marking,
        reason=reason,
        was=was,
        approved=lower,
    )


def withdraw_after_end(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case_id: str, said: Withdrawal
) -> None:
    """Take consents back in a case that has ended.

    Raises:
        NotFound: there is no such case for her, or it is open.
        ReasonNeeded: she must say why she opens it.
        InvalidAnswers: a part is missing or wrong.   CaseMoved: somebody was faster.
    """
    view = load_case_view(tx, services, by, case_id, now)
    require_withdrawable(view)
    late_withdrawal.withdraw_after_end(tx, services, by=by, now=now, case=view.case, said=said)


def drop_document(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    document_id: str,
    reason: str,
) -> None:
    """Drop a document of a case, with a reason.

    Raises:
        NotFound: she does not see it.   ReasonNeeded: she must say why she opens the case.
        InvalidAnswers: the reason is missing.
    """
    view = load_case_view(tx, services, by, case_id, now)
    rows = records_tabs.all_documents(view).values["papers"]
    if document_id not in {row.id for row in rows}:
        raise NotFound
    documents.drop(tx, services, by=by, now=now, id_=document_id, reason=reason)


def keep_start_answers(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    element: str,
    answers: Raw,
    rev: int,
    refuse_conflicts: bool = False,
) -> SavedAnswers:
    """Keep what was typed for a case that has not begun.

    Args:
        refuse_conflicts: whether nothing is kept when another tab has changed one of the fields.
    Raises:
        Stale: another tab has changed a field.
    """
    session = message_form.open_start_form(tx, services, by, now, element)
    saved = save_typed(tx, session, answers, rev)
    return _refused(saved) if refuse_conflicts else saved


def keep_message_answers(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    message: str,
    answers: Raw,
    rev: int,
    refuse_conflicts: bool = False,
    work: str = "",
) -> SavedAnswers:
    """Keep what was typed for a message that is not sent.

    Args:
        refuse_conflicts: whether nothing is kept when another tab has changed one of the fields.
        work: which place is meant, when several wait.
    Raises:
        NotFound: there is no such case for her.   Stale: another tab has changed a field.
    """
    what = message, work
    more = message_form.reads_of_message_form(by, case_id, *what)
    view = load_case_view(tx, services, by, case_id, now, more=more)
    session = message_form.open_message_form(view, *what)
    saved = save_typed(tx, session, answers, rev)
    return _refused(saved) if refuse_conflicts else saved


def _refused(saved: SavedAnswers) -> SavedAnswers:
    """Refuse a save that met another tab; gives the saved answers otherwise.

    Raises:
        Stale: another tab has changed a field.
    """
    if saved.clashes:
        raise Stale
    return saved


def send_referral(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    choice: ReferralChoice,
    rev: int | None,
) -> str:
    """Refer a case to another office.

    Gives the id of the referral.

    Args:
        rev: revision of the case that the page was made from.
    Raises:
        NotFound: there is no such case for her.   ReasonNeeded: she must say why she opens it.
        Otherwise as `send.send_referral`.
    """
    more = reads_of_compose(case_id)
    view = load_case_view(tx, services, by, case_id, now, more=more)
    return send.send_referral(tx, view, choice, rev=rev).id


def keep_search(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    words: str,
    kind: str,
    hits: int,
    secret: str,
    key: WrappedKey | None,
    kept_at: datetime,
    lasts: timedelta = short_lived_texts.SEARCH,
) -> str:
    """Record a search, and keep its words sealed for as long as its page of hits lasts.

    Gives the name under which they are kept.

    Args:
        kind: what it was found by.
        secret: token of the session under which the words are sealed.
        key: key of who searches, under which the words are sealed for a review; None when it is
            gone.
        kept_at: by the wall clock.
    """
    name = short_lived_texts.new_name()
    own = services.open(key) if key is not None else None
    read_log.record_search(tx, by=by, now=now, key=own, kind=kind, hits=hits, words=words)
    short_lived_texts.keep_text(
        tx,
        name=name,
        secret=secret,
        person=by.person,
        text=words,
        until=kept_at + lasts,
    )
    return name
