"""The packet of a referral: the answers that are sent with it, and what its receiver may see.

The sender's preview, the receiver's page and the ledger's digest are all built here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from service.access import CLASSES, Grant, Sight, Viewer
from service.casework.cases import consents, given_answers
from service.casework.cases.case_visibility import CaseVisibility, field_of
from service.casework.cases.given_answers import GivenAnswer
from service.records.case_keys import CaseKeys
from service.security import ledger_lines
from service.security.purposes import PACKET
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import referrals

NO_ANSWERS = frozenset({"file", "consent", "paragraph"})
"""Kinds of fields that are never sent: documents stay with the case, and consents are named apart
from the packet."""


def receiver_visibility(
    visibility: CaseVisibility,
    office: str,
    role: str,
    fields: Collection[str],
    *,
    rule: str = "packet",
) -> CaseVisibility:
    """Build what an office may see that gets these fields of a case in this role.

    The matrix at the case's stage decides, and no other field is visible.
    """
    grant = Grant(rule, office, role, frozenset(CLASSES), None, frozenset(fields))
    here = visibility.sight
    sight = Sight(
        here.case,
        here.stage,
        {role: office},
        (grant,),
        barred=here.barred,
        locked=here.locked,
        holding=here.holding,
    )
    return replace(visibility, viewer=Viewer("", office, frozenset({role})), sight=sight)


def packet(
    answers: Iterable[GivenAnswer], visibility: CaseVisibility, fields: Collection[str]
) -> list[GivenAnswer]:
    """Select the answers that are in the packet and visible."""
    return [one for one in answers if one.key in fields and visibility.see(one)]


def may_go(answers: Iterable[GivenAnswer], visibility: CaseVisibility) -> list[GivenAnswer]:
    """Select the answers that can be in a packet at all.

    Fields of the release with an answer, without decisions, consents and documents.
    """
    sendable = []
    for answer in answers:
        field = field_of(visibility.release, answer.form, answer.key)
        if field is None or field.kind in NO_ANSWERS or field.buttons:
            continue
        if answer.value not in (None, "", [], {}):
            sendable.append(answer)
    return sendable


def as_sent(reader: Reader, keys: CaseKeys, row: referrals.Referral) -> list[GivenAnswer]:
    """Open the answers of a packet as they were when it was sent, whoever may see them now.

    Raises:
        CannotOpen: a row is not what was sealed.
    """
    known: Sequence[GivenAnswer] = given_answers.load_answers(
        reader, keys, row.case_id, upto=row.rev
    )
    return [one for one in given_answers.newest(known).values() if one.key in row.fields]


def seal_of(key: OwnerKey, answers: Iterable[GivenAnswer]) -> str:
    """Digest a packet under the case's key, for its row and its ledger entry.

    Nobody without the key can test a guess against it.
    """
    return key.digest(PACKET, ledger_lines.canonical({one.key: one.value for one in answers}))


def is_live(reader: Reader, row: referrals.Referral, now: datetime) -> bool:
    """Whether the receiver may see the packet now.

    Nobody ended the referral, and every consent that it rests on is live.
    """
    return row.state in referrals.LIVING and not missing_consents(
        reader, row.case_id, row.consents, now
    )


def missing_consents(
    reader: Reader, case_id: str, purposes: Collection[str], now: datetime
) -> tuple[str, ...]:
    """List the purposes without a live consent."""
    live = consents.live(reader, case_id, now) if purposes else {}
    return tuple(purpose for purpose in purposes if purpose not in live)
