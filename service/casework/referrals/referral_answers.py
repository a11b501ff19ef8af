"""Answers to a referral that was made by hand, and their letters.

The receiver opens, accepts, refuses, asks and is done; the sender replies, revokes and acknowledges
what came back; the clock lets it lapse. None of this moves the case. Whoever is too late gets
`Stale`; sight of the packet ends in the same transaction as the referral.
"""

from __future__ import annotations

from datetime import datetime

from service.access import Viewer
from service.casework.casefile import notes
from service.casework.cases import protection
from service.casework.referrals import packet
from service.casework.referrals.lifecycle import settle
from service.casework.referrals.referral_access import load_referral, require_referral
from service.errors import (
    ConsentMissing,
    FieldFault,
    InvalidAnswers,
    NotDue,
    NotFound,
    SharingWaits,
    Stale,
)
from service.records.context import CLOCK, Services, actor
from service.records.ledger_append import append_entry
from service.release.programme.referral_rules import ReferralRules
from service.store.at_hand import Reader
from service.store.casefile import cases, referrals
from service.store.casefile.referrals import BACK, LIVING, WAITING, Referral
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import jobs, letters


def of_receiver(reader: Reader, viewer: Viewer, id_: str) -> Referral:
    """Load a referral by hand that the viewer may answer for her office.

    Raises:
        NotFound: there is none, or none for her.
    """
    row = referrals.get(reader, id_)
    if row is None or row.element or row.to_office != viewer.office:
        raise NotFound
    if row.to_role not in viewer.lane_roles:
        raise NotFound
    return row


def of_sender(reader: Reader, viewer: Viewer, id_: str) -> Referral:
    """Load a referral by hand that the viewer's office sent in a role that she holds.

    Raises:
        NotFound: there is none, or another office or role sent it.
    """
    row = referrals.get(reader, id_)
    if row is None or row.element or row.from_office != viewer.office:
        raise NotFound
    if row.from_role not in viewer.lane_roles:
        raise NotFound
    return row


def record_receipt(tx: Tx, *, by: Viewer, now: datetime, referral_id: str) -> None:
    """Record that the receiver read the packet; the first time is the receipt."""
    row = of_receiver(tx, by, referral_id)
    if row.state == "sent":
        referrals.require_newest(tx, row)
        settle(tx, row=row, state="opened", by=actor(by), now=now, opened_at=now)


def accept(tx: Tx, services: Services, by: Viewer, now: datetime, *, referral_id: str) -> None:
    """Accept a referral, as its receiver.

    Raises:
        NotFound: not for the viewer.   ReasonNeeded: she must say why she opens the case.
        Stale: it waits no more.
        ConsentMissing: a consent that it rests on was withdrawn.
        SharingWaits: nobody has opened it, and the person pauses.
        NotNamed: the identity is protected, and colleagues are named for the case.
    """
    opened = load_referral(tx, services, by, now, referral_id)
    row = _in_state(tx, of_receiver(tx, by, referral_id), WAITING)
    protection.require_named_now(tx, by=by, now=now, case_id=row.case_id)
    for purpose in packet.missing_consents(tx, row.case_id, row.consents, now):
        raise ConsentMissing(purpose=purpose)
    if opened.held:
        raise SharingWaits
    settle(
        tx,
        row=row,
        state="accepted",
        by=actor(by),
        now=now,
        answered_at=now,
        opened_at=row.opened_at or now,
        asked_at=None,
    )
    _send_news(tx, services, row, row.from_office, "accepted", now)


def refuse(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    referral_id: str,
    reason: str,
    text: str,
) -> None:
    """Refuse a referral, as its receiver; it comes back to the sender.

    Args:
        reason: a code of the programme's list.
        text: the receiver's own words, sealed; some reasons need them.
    Raises:
        NotFound: not for the viewer.   ReasonNeeded: she must say why she opens the case.
        Stale: it waits no more.
        InvalidAnswers: no reason, or words are missing.
    """
    require_referral(tx, services, by=by, now=now, referral_id=referral_id)
    row = _in_state(tx, of_receiver(tx, by, referral_id), WAITING)
    refusal = _rules(tx, services, row).refusal(reason)
    if refusal is None:
        raise InvalidAnswers((FieldFault("reason", "referral.reason_missing"),))
    if refusal.text and not text.strip():
        raise InvalidAnswers((FieldFault("text", "referral.words_missing"),))
    more = {"answer": reason}
    if text.strip():
        more["note"] = _note(tx, services, by, row, text, now)
    marks = {
        "reason": reason,
        "answered_at": now,
        "opened_at": row.opened_at or now,
        "asked_at": None,
    }
    settle(tx, row=row, state="refused", by=actor(by), now=now, more=more, **marks)
    _send_news(tx, services, row, row.from_office, "refused", now)


def ask(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, referral_id: str, text: str
) -> None:
    """Ask the sender something, as the receiver; the deadline does not change.

    Raises:
        NotFound: not for the viewer.   ReasonNeeded: she must say why she opens the case.
        Stale: it is over.   InvalidAnswers: nothing is asked.
    """
    require_referral(tx, services, by=by, now=now, referral_id=referral_id)
    row = _in_state(tx, of_receiver(tx, by, referral_id), LIVING)
    note = _note(tx, services, by, row, text, now)
    referrals.settle(tx, row, state=row.state, asked_at=now)
    body = {"referral": row.id, "to": row.from_office, "note": note}
    append_entry(tx, f"case/{row.case_id}", "refer_asked", by=actor(by), now=now, body=body)
    _send_news(tx, services, row, row.from_office, f"asked:{note}", now)


def done(tx: Tx, services: Services, by: Viewer, now: datetime, *, referral_id: str) -> None:
    """End an accepted referral, as its receiver, who needs the packet no more.

    Raises:
        NotFound: not for the viewer.   ReasonNeeded: she must say why she opens the case.
        Stale: it was not accepted, or is over.
    """
    require_referral(tx, services, by=by, now=now, referral_id=referral_id)
    row = _in_state(tx, of_receiver(tx, by, referral_id), ("accepted",))
    settle(tx, row=row, state="done", by=actor(by), now=now, asked_at=None)


def reply(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, referral_id: str, text: str
) -> None:
    """Answer a question or add something, as the sender.

    Raises:
        NotFound: not for the viewer.   ReasonNeeded: she must say why she opens the case.
        Stale: it is over.   InvalidAnswers: nothing is said.
    """
    require_referral(tx, services, by=by, now=now, referral_id=referral_id)
    row = _in_state(tx, of_sender(tx, by, referral_id), LIVING)
    note = _note(tx, services, by, row, text, now)
    referrals.settle(tx, row, state=row.state, asked_at=None)
    body = {"referral": row.id, "to": row.to_office, "note": note}
    append_entry(tx, f"case/{row.case_id}", "refer_told", by=actor(by), now=now, body=body)
    _send_news(tx, services, row, row.to_office, f"told:{note}", now)


def revoke(tx: Tx, services: Services, by: Viewer, now: datetime, *, referral_id: str) -> None:
    """Revoke a referral, as its sender, before or after it was accepted.

    From this moment on the receiver sees nothing of the packet.

    Raises:
        NotFound: not for the viewer.   ReasonNeeded: she must say why she opens the case.
        Stale: it is over already.
    """
    require_referral(tx, services, by=by, now=now, referral_id=referral_id)
    row = _in_state(tx, of_sender(tx, by, referral_id), LIVING)
    settle(tx, row=row, state="revoked", by=actor(by), now=now, asked_at=None)
    _send_news(tx, services, row, row.to_office, "revoked", now)


def acknowledge(tx: Tx, services: Services, by: Viewer, now: datetime, *, referral_id: str) -> None:
    """Acknowledge what came back, as the sender; it leaves the inbox.

    Raises:
        NotFound: not for the viewer.   ReasonNeeded: she must say why she opens the case.
        Stale: it did not come back, or somebody acknowledged it before.
    """
    require_referral(tx, services, by=by, now=now, referral_id=referral_id)
    row = _in_state(tx, of_sender(tx, by, referral_id), BACK)
    if row.acknowledged_at is not None:
        raise Stale
    referrals.settle(tx, row, state=row.state, acknowledged_at=now)
    body = {"referral": row.id, "to": row.to_office}
    append_entry(tx, f"case/{row.case_id}", "refer_noted", by=actor(by), now=now, body=body)


def lapse(tx: Tx, services: Services, now: datetime, *, job_key: str) -> None:
    """Let a referral lapse whose deadline came without an answer; it comes back to its sender.

    Raises:
        NotDue: its moment has not come.
    """
    job = jobs.get(tx, job_key)
    row = referrals.get(tx, job.work_id) if job is not None else None
    if row is None or row.state not in WAITING:
        jobs.disarm(tx, job_key)
        return
    if row.due is not None and now < row.due:
        raise NotDue
    referrals.require_newest(tx, row)
    settle(tx, row=row, state="lapsed", by=CLOCK, now=now, asked_at=None)
    _send_news(tx, services, row, row.from_office, "lapsed", now)


def write_letter(
    tx: Tx,
    row: Referral,
    office: str,
    template: str,
    what: str,
    now: datetime,
    *,
    needs_consent: str = "",
) -> None:
    """Queue one letter about a referral.

    Args:
        what: the event that it tells of, such as `sent`; the letter's key ends in it.
        needs_consent: the purpose whose consent must be live when the letter leaves.
    """
    known = offices.get(tx, office)
    letter = letters.Letter(
        key=f"{row.case_id}:{row.id}:{what}",
        case_id=row.case_id,
        office_id=office,
        role=row.to_role if office == row.to_office else row.from_role,
        template=template,
        language=known.language if known is not None else "sv",
        params={},
        needs_consent=needs_consent,
        made_at=now,
    )
    letters.add(tx, [letter])


def _in_state(tx: Tx, row: Referral, states: tuple[str, ...]) -> Referral:
    """A referral that is in one of some states, and was not put back to it."""
    if row.state not in states:
        raise Stale(state=row.state)
    referrals.require_newest(tx, row)
    return row


def _note(
    tx: Tx, services: Services, viewer: Viewer, row: Referral, text: str, now: datetime
) -> str:
    """Keep a note about a referral that both offices read; returns its id."""
    return notes.keep(
        tx,
        services,
        by=viewer,
        case_id=row.case_id,
        text=text,
        shared=(row.from_office, row.to_office),
        about=row.id,
        now=now,
    )


def _rules(tx: Tx, services: Services, row: Referral) -> ReferralRules:
    """The rules of referrals of the case's release."""
    case = cases.get(tx, row.case_id)
    if case is None:
        raise LookupError(row.case_id)
    return services.configuration_of(tx, case.release_id).referrals


def _send_news(
    tx: Tx, services: Services, row: Referral, office: str, what: str, now: datetime
) -> None:
    """Queue a letter that says there is news of a referral; its only value is the pseudonym."""
    write_letter(tx, row, office, _rules(tx, services, row).letter.news, what, now)
