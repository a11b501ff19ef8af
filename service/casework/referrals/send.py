"""Sending a referral that was composed by hand.

Its row, its ledger entries, its deadline and its letter are written together or not at all.
"""

from __future__ import annotations

from service.casework.casefile.case_view import CaseView
from service.casework.cases.loaded_case import require_revision
from service.casework.referrals import lifecycle, referral_answers
from service.casework.referrals import packet as referral_packet
from service.casework.referrals.compose import STEPS, ReferralComposition, compose
from service.casework.referrals.referral_options import ReferralChoice
from service.errors import ConsentMissing, InvalidAnswers, NotFound, Stale
from service.records.context import actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.casefile import referrals
from service.store.transaction import Tx
from service.store.work import jobs


def send_referral(
    tx: Tx, at: CaseView, choice: ReferralChoice, *, rev: int | None
) -> referrals.Referral:
    """Send a referral: the receiver may see the packet until it is done, revoked or lapsed.

    Args:
        at: loaded with `compose.reads_of_compose`.
        rev: the number of the case that the last page was built from; what it showed is sent.
    Raises:
        NotFound: the viewer may not refer this case.   Stale: somebody moved the case since.
        ConsentMissing: the legal basis of the purpose is not live.
        InvalidAnswers: a question is open, or a pause holds the purpose; the field says which.
    """
    composed = compose(at, choice)
    if rev is None:
        raise Stale
    require_revision(tx, at.case, rev)
    _require_complete(composed)
    row = _row(composed)
    by, now, stream = actor(at.viewer), at.now, f"case/{row.case_id}"
    lifecycle.add_sent(tx, row, by=by, now=now)
    grant: dict[str, ledger_lines.Canonical] = {
        "referral": row.id,
        "to": row.to_office,
        "ground": row.ground,
        "consents": (*row.consents,),
    }
    append_entry(tx, stream, "grant", by=by, now=now, body=grant)
    jobs.arm(tx, jobs.Job(row.job, row.case_id, row.id, jobs.REFERRAL, "", "", 0, row.due))
    template = at.configuration.referrals.letter.sent
    consent = next(iter(row.consents), "")
    referral_answers.write_letter(
        tx, row, row.to_office, template, "sent", now, needs_consent=consent
    )
    return row


def _require_complete(composed: ReferralComposition) -> None:
    for step in STEPS:
        fault = composed.fault(step)
        if fault is not None:
            raise InvalidAnswers((fault,))
        if step == "why" and composed.offer is not None and composed.offer.missing:
            raise ConsentMissing(purpose=composed.offer.missing[0])


def _row(composed: ReferralComposition) -> referrals.Referral:
    at, packet, purpose = composed.at, composed.packet, composed.purpose
    if at.key is None:
        raise NotFound
    return referrals.Referral(
        id=ulid(at.now),
        case_id=at.case.id,
        from_office=at.viewer.office,
        to_office=composed.choice.office,
        purpose=purpose.id,
        rev=at.case.rev,
        fields=sorted(answer.key for answer in packet),
        packet_sha256=referral_packet.seal_of(at.key, packet),
        by=at.viewer.person,
        state="sent",
        sent_at=at.now,
        due=composed.due(composed.days),
        to_role=composed.role,
        from_role=composed.from_role,
        ground=composed.ground_of(purpose),
        consents=list(purpose.consents),
    )
