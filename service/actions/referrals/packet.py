"""The packet of a referral: which answers go with it, and how they look under the receiver's eyes.

What the sender is shown beforehand, what the receiver is shown, and what the ledger binds all come
from here.

Source: screens.md S6, 7.9.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from service.access import CLASSES, Grant, Sight, Viewer
from service.actions.cases import consents, given_answers
from service.actions.cases.case_visibility import CaseVisibility, field_of
from service.actions.cases.given_answers import GivenAnswer
from service.security import ledger
from service.security.vault import PACKET, OwnerKey
from service.store.casefile import referrals
from service.store.transaction import Tx

NO_ANSWERS = frozenset({"file", "consent", "paragraph"})
"""Kinds of fields that never go along: papers stay with the case, and consents are told beside the
packet."""


def receiver_visibility(
    visibility: CaseVisibility,
    office: str,
    role: str,
    fields: Collection[str],
    *,
    rule: str = "packet",
) -> CaseVisibility:
    """The eyes of an office that gets these fields of a case in this role: the matrix at the stage
    where the case stands, and not one field more.
    """
    grant = Grant(rule, office, frozenset(CLASSES), None, frozenset(fields))
    sight = Sight(visibility.sight.case, visibility.sight.stage, {role: office}, (grant,))
    return replace(visibility, viewer=Viewer("", office, frozenset({role})), sight=sight)


def packet(
    told: Iterable[GivenAnswer], visibility: CaseVisibility, fields: Collection[str]
) -> list[GivenAnswer]:
    """Those of some answers that are in the packet and that these eyes may see."""
    return [one for one in told if one.key in fields and visibility.see(one)]


def may_go(told: Iterable[GivenAnswer], visibility: CaseVisibility) -> list[GivenAnswer]:
    """Those of some answers that can go into a packet at all: fields of the release that hold an
    answer, without decisions, consents and papers.
    """
    found = []
    for one in told:
        field = field_of(visibility.release, one.form, one.key)
        if (
            field is not None
            and field.kind not in NO_ANSWERS
            and not field.buttons
            and one.value not in (None, "", [], {})
        ):
            found.append(one)
    return found


def as_sent(tx: Tx, key: OwnerKey, row: referrals.Referral) -> list[GivenAnswer]:
    """The answers of a packet as they stood when it was sent, whoever may see them now.

    Raises:
        CannotOpen: a row is not what was sealed.
    """
    known: Sequence[GivenAnswer] = given_answers.load_answers(tx, key, row.case_id, upto=row.rev)
    return [one for one in given_answers.newest(known).values() if one.key in row.fields]


def seal_of(key: OwnerKey, told: Iterable[GivenAnswer]) -> str:
    """What row and ledger line say of a packet: a digest under the case's key, which nobody without
    it can guess at.
    """
    return key.digest(PACKET, ledger.canonical({one.key: one.value for one in told}))


def is_live(tx: Tx, row: referrals.Referral, now: datetime) -> bool:
    """Whether the receiver may look at the packet now: nobody ended it, and every consent that it
    rests on is live.
    """
    return row.state in referrals.LIVING and not missing_consents(
        tx, row.case_id, row.consents, now
    )


def missing_consents(
    tx: Tx, case_id: str, purposes: Collection[str], now: datetime
) -> tuple[str, ...]:
    """Purposes without a live consent."""
    live = consents.live(tx, case_id, now) if purposes else {}
    return tuple(purpose for purpose in purposes if purpose not in live)
