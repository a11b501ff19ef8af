"""Sending a referral that was packed by hand: its row, its lines, its deadline and its letter, or
none of them.
"""

from __future__ import annotations

from service.actions.casefile.case_view import CaseView
from service.actions.context import actor
from service.actions.ids import ulid
from service.actions.ledger_entries import append_entry
from service.actions.referrals import answers, lifecycle
from service.actions.referrals import packet as referral_packet
from service.actions.referrals.compose import STEPS, ReferralChoice, ReferralComposition, compose
from service.errors import ConsentMissing, InvalidAnswers, NotFound, Stale
from service.store.casefile import referrals
from service.store.transaction import Tx
from service.store.work import jobs


def send_referral(
    tx: Tx, at: CaseView, choice: ReferralChoice, *, rev: int | None
) -> referrals.Referral:
    """Send it: the receiver may look at the packet from now on, until it is answered, revoked or
    lapses.

    Args:
        rev: the number of the case that the last page was made from; what it showed is what goes.
    Raises:
        NotFound: the reader may not refer this case.   Stale: the case has moved since.
        ConsentMissing: what the purpose rests on is not live.
        InvalidAnswers: a question is open; its field tells which.
    """
    made = compose(tx, at, choice)
    if rev != at.case.rev:
        raise Stale
    for step in STEPS:
        fault = made.fault(step)
        if fault is not None:
            raise InvalidAnswers((fault,))
        if step == "why" and made.offer is not None and made.offer.missing:
            raise ConsentMissing(purpose=made.offer.missing[0])
    row = _row(made)
    by, now = actor(at.viewer), at.now
    lifecycle.add_sent(tx, row, by=by, now=now)
    append_entry(
        tx,
        f"case/{row.case_id}",
        "grant",
        by=by,
        now=now,
        body={
            "referral": row.id,
            "to": row.to_office,
            "ground": row.ground,
            "consents": (*row.consents,),
        },
    )
    jobs.arm(tx, jobs.Job(row.job, row.case_id, row.id, jobs.REFERRAL, "", "", 0, row.due))
    answers.write(
        tx,
        row,
        row.to_office,
        at.services.programme.referrals.letter_sent,
        "sent",
        now,
        needs_consent=next(iter(row.consents), ""),
    )
    return row


def _row(made: ReferralComposition) -> referrals.Referral:
    at, packet, purpose = made.at, made.packet, made.purpose
    if at.key is None:
        raise NotFound
    return referrals.Referral(
        id=ulid(at.now),
        case_id=at.case.id,
        from_office=at.viewer.office,
        to_office=made.choice.office,
        purpose=purpose.id,
        rev=at.case.rev,
        fields=sorted(one.key for one in packet),
        packet_sha256=referral_packet.seal_of(at.key, packet),
        by=at.viewer.person,
        state="sent",
        sent_at=at.now,
        due=made.due(made.days),
        to_role=made.role,
        ground=purpose.ground,
        consents=list(purpose.consents),
    )
