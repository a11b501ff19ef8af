"""Referrals by hand: the list, one, sending one, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

from service.casework.casefile import notes
from service.casework.commands.command import Command
from service.casework.pages import case_commands
from service.casework.referrals import referral_answers, referral_lists, referral_page
from service.casework.referrals.referral_lists import ReferralListRow
from service.casework.referrals.referral_options import ReferralChoice
from service.store.keyset import PageRequest
from service.store.transaction import Tx
from service.web.api.v1.operations import LIMIT, Done, Limit, Reply, cursor, operation, submit
from service.web.api.v1.shapes import LabelledText, Text, Whole, labelled
from service.web.request_context import current

SAME = ("id", "ref", "sender", "purpose", "rests", "sent", "due", "text", "reason", "gone")
"""Fields that a referral has as its page has them."""
TOO_LATE = (
    "reason_needed",
    "stale",
)
"""Codes of the faults that answering a referral can be answered with."""


@dataclass(frozen=True, slots=True)
class ReferralsAsked:
    """Which referrals are wanted; empty means all."""

    box: Literal["", "sent", "got"] = ""
    state: Literal["", "sent", "opened", "accepted", "refused", "lapsed", "revoked", "done"] = ""
    limit: Limit = LIMIT
    after: Text = ""


@dataclass(frozen=True, slots=True)
class ReferralList:
    """One page of referrals, the newest first.
    `next` is the cursor of the page that follows; null at the end.
    """

    items: tuple[ReferralListRow, ...]
    next: str | None


@operation("list_referrals", "GET", "/referrals", query=ReferralsAsked, gives=ReferralList)
def list_referrals(query: ReferralsAsked) -> Reply:
    """The referrals that the caller's office sent by hand, or got in one of her roles."""
    context = current()
    with context.transaction() as tx:
        asked: dict[str, Any] = {"box": query.box, "state": query.state, "limit": query.limit}
        page = referral_lists.list_referrals(
            tx, context.program.services, context.viewer, PageRequest(query.after), **asked
        )
    return Reply(ReferralList(page.rows, cursor(query.after, page)))


@dataclass(frozen=True, slots=True)
class Mark:
    """A state on the way of a referral, and when it came to it."""

    state: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral as its two offices see it.
    `packet` holds the answers that went along, as far as the caller may see them now, and `hidden`
    says how many she may not; `gone` says why none is shown. `case` is the id of the case, null for
    who may not open it. `acts` are what she may do now.
    """

    id: str
    ref: str
    case: str | None
    sent_by: str
    sent_to: str
    sender: str
    purpose: str
    rests: str
    sent: datetime | None
    due: datetime | None
    states: tuple[Mark, ...]
    text: str
    reason: str
    packet: tuple[LabelledText, ...]
    hidden: int
    gone: str
    talk: tuple[notes.NoteView, ...]
    acts: frozenset[str]
    refusals: tuple[LabelledText, ...]


@operation(
    "get_referral", "GET", "/referrals/<referral>", gives=Referral, faults=("reason_needed",)
)
def get_referral(referral: str) -> Reply:
    """One referral.
    The receiver's first look is its receipt; who looked stands in the read log before the answer is
    sent.
    """
    found = current().read_and_log(partial(_load, referral))
    same: dict[str, Any] = {name: getattr(found, name) for name in (*SAME, "talk", "acts")}
    own: dict[str, Any] = {
        "case": found.case_id if found.knows else None,
        "sent_by": found.office,
        "sent_to": found.to,
        "hidden": found.fewer,
        "packet": labelled(found.packet),
    }
    states = tuple(Mark(*one) for one in found.states)
    refusals = tuple(LabelledText(label, code) for code, label in found.refusals)
    return Reply(Referral(**same, **own, states=states, refusals=refusals))


def _load(referral: str, tx: Tx) -> referral_page.ReferralPage:
    """A referral, and the line that says who looks."""
    context = current()
    page = referral_page.load_referral_page(
        tx, context.program.services, context.viewer, context.now, referral
    )
    referral_page.record_look(tx, by=context.viewer, now=context.now, found=page)
    return page


@dataclass(frozen=True, slots=True)
class NewReferral:
    """A referral of a case to an office for a purpose.
    Without `fields` the answers go along that the purpose proposes; nothing goes that the caller
    does not see or the receiver may not. `days` are working days until it lapses; `rev` is the
    revision of the case that it was made from.
    """

    case: Text
    office: Text
    purpose: Text
    rev: Whole
    fields: tuple[Text, ...] | None = None
    days: Whole | None = None


@operation(
    "send_referral",
    "POST",
    "/referrals",
    asks=NewReferral,
    gives=Done,
    status=201,
    keyed=True,
    faults=(*TOO_LATE, "consent_missing", "answers_invalid"),
)
def send_referral(body: NewReferral) -> Reply:
    """Refer a case to another office."""
    fields = frozenset(body.fields) if body.fields is not None else None
    choice = ReferralChoice(body.office, body.purpose, fields, body.days)
    return submit(
        partial(case_commands.send_referral, case_id=body.case, choice=choice, rev=body.rev),
        lambda id_: f"/v1/referrals/{id_}",
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a referral is not taken: a code of its `refusals`, and for some of them words."""

    reason: Text
    text: Text = ""


@operation(
    "accept_referral",
    "POST",
    "/referrals/<referral>/acceptance",
    gives=Done,
    keyed=True,
    faults=(*TOO_LATE, "not_named", "consent_missing", "sharing_waits"),
)
def accept_referral(referral: str) -> Reply:
    """The receiver takes it."""
    return _submit(referral, partial(referral_answers.accept, referral_id=referral))


@operation(
    "refuse_referral",
    "POST",
    "/referrals/<referral>/refusal",
    asks=Refusal,
    gives=Done,
    keyed=True,
    faults=(*TOO_LATE, "answers_invalid"),
)
def refuse_referral(referral: str, body: Refusal) -> Reply:
    """The receiver does not take it; it comes back to its sender."""
    return _submit(
        referral,
        partial(referral_answers.refuse, referral_id=referral, reason=body.reason, text=body.text),
    )


@operation(
    "revoke_referral",
    "POST",
    "/referrals/<referral>/revocation",
    gives=Done,
    keyed=True,
    faults=TOO_LATE,
)
def revoke_referral(referral: str) -> Reply:
    """The sender takes it back; from this moment the receiver sees nothing of the packet."""
    return _submit(referral, partial(referral_answers.revoke, referral_id=referral))


def _submit(referral: str, command: Command[None]) -> Reply:
    return submit(command, lambda _: f"/v1/referrals/{referral}")
