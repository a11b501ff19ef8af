"""Referrals: a packet of a case, sent from one office to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from service.store.rows import columns, values
from service.store.tables import referral

if TYPE_CHECKING:
    from service.store.database import Tx


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral. `fields` are ids of form fields, `rev` the fact up to which the packet shows the case."""

    id: str
    case_id: str
    from_office: str
    to_office: str
    purpose: str
    rev: int
    fields: list[str]
    packet_sha256: str
    by: str
    state: str  # "sent", "opened", "accepted", "refused", "lapsed", "revoked", "done"
    reason: str = ""
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    answered_at: datetime | None = None
    due: datetime | None = None


COLUMNS = columns(referral, Referral)


def add(tx: Tx, row: Referral) -> None:
    tx.run(insert(referral), values(row))


def get(tx: Tx, id: str) -> Referral | None:
    return tx.one(Referral, select(*COLUMNS).where(referral.c.id == id))


def of_case(tx: Tx, case_id: str) -> list[Referral]:
    return tx.all(Referral, select(*COLUMNS).where(referral.c.case_id == case_id).order_by(referral.c.id))


def to_office(tx: Tx, office: str, *, limit: int = 50) -> list[Referral]:
    """Referrals that wait for an office's answer, by deadline."""
    waiting = select(*COLUMNS).where(referral.c.to_office == office, referral.c.state.in_(("sent", "opened")))
    return tx.all(Referral, waiting.order_by(referral.c.due, referral.c.id).limit(limit))


def settle(tx: Tx, id: str, *, was: str, state: str, **marks: object) -> None:
    """Take a referral from one state to the next.

    Args:
        marks: `reason`, `opened_at`, `answered_at`, as far as they change.
    Raises:
        CaseMoved: it is not in the state `was` any more.
    """
    tx.win(update(referral).where(referral.c.id == id, referral.c.state == was).values(state=state, **marks))
