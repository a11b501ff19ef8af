"""The page of one referral, as its two offices see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import CLASSES, Viewer
from service.casework.casefile import form_context, notes, read_log
from service.casework.casefile.answer_text import AnswerTexts, Pair
from service.casework.cases.case_visibility import CaseVisibility, classes
from service.casework.cases.given_answers import GivenAnswer
from service.casework.cases.locked_records import lock_sentences
from service.casework.referrals import lifecycle, referral_answers
from service.casework.referrals import packet as referral_packet
from service.casework.referrals.referral_access import OpenedReferral, load_referral
from service.casework.referrals.referral_texts import (
    legal_basis_text,
    purpose_text,
    refusal_text,
    state_text,
    waiting_text,
)
from service.errors import CannotOpen
from service.people import accounts
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.release.programme.referral_rules import localized_text
from service.store.at_hand import Reader
from service.store.casefile import facts
from service.store.casefile import notes as note_rows
from service.store.casefile.referrals import BACK, LIVING, WAITING, Referral
from service.store.installation import keys, offices, people
from service.store.transaction import Tx
from service.store.work import tasks
from service.text import say


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """The page of a referral: the names that its template uses, and the classes of its content."""

    id: str
    case_id: str
    ref: str
    knows: bool
    """Whether the viewer may open the case itself."""
    by_step: bool
    receives: bool
    """Whether the referral came to the viewer's office."""
    to: str
    office: str
    """The office that sent it."""
    sender: str
    purpose: str
    rests: str
    sent: datetime | None
    due: datetime | None
    states: tuple[tuple[str, datetime | None], ...]
    text: str
    reason: str
    packet: tuple[Pair, ...]
    fewer: int
    """How many answers of the packet this viewer may not see now."""
    gone: str
    """Why nothing of the packet is shown; empty while it is."""
    locked: tuple[str, ...]
    """What of the case the plan of retention has locked, in sentences."""
    lives: bool
    """Whether the receiver may look at the packet now."""
    talk: tuple[notes.NoteView, ...]
    acts: frozenset[str]
    """What the viewer may do now: accept, refuse, ask, done, reply, revoke, acknowledge."""
    asked: bool
    refusals: tuple[Pair, ...]
    task: str
    classes: frozenset[str]
    receipt: bool
    """Whether this read is the receiver's first, which is the receipt."""


@dataclass(frozen=True, slots=True)
class _LoadedReferral:
    """A referral with its case and packet, for one viewer."""

    opened: OpenedReferral
    viewer: Viewer
    now: datetime
    live: bool
    """Whether the receiver may see the packet now."""
    packet: Sequence[GivenAnswer] | None
    """The answers as they were sent; None when the viewer may not have them opened, or when they
    cannot be opened any more."""

    @property
    def row(self) -> Referral:
        """Its row."""
        return self.opened.row

    @property
    def visibility(self) -> CaseVisibility:
        """What the viewer may see of the case itself."""
        return self.opened.visibility

    @property
    def receives(self) -> bool:
        """Whether the referral came to the viewer's office by hand."""
        return self.row.to_office == self.viewer.office and not self.row.element

    @property
    def is_receipt(self) -> bool:
        """Whether this read is the receiver's first."""
        return self.receives and self.live and self.row.state == "sent"

    @property
    def shown(self) -> list[GivenAnswer]:
        """The answers of the packet that the viewer may see."""
        row, visibility = self.row, self.visibility
        if not visibility.is_named:
            return []
        if self.receives:
            visibility = referral_packet.receiver_visibility(
                visibility, row.to_office, row.to_role, row.fields, rule=row.id
            )
        return referral_packet.packet(self.packet or (), visibility, row.fields)

    @property
    def gone(self) -> str:
        """Say why nothing of the packet is shown; empty while it is."""
        if self.receives and self.opened.held:
            return say("referral.gone_held", self.viewer.lang)
        if self.receives and not self.live:
            over = "gone_consent" if self.row.state in LIVING else "gone_over"
            return say(f"referral.{over}", self.viewer.lang)
        return "" if self.packet is not None else say("referral.gone_erased", self.viewer.lang)


def load_referral_page(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, id_: str
) -> ReferralPage:
    """Build the page of a referral for one viewer.

    Raises:
        NotFound: there is none, or none for the viewer.
    """
    return _build_page(services, _load(tx, services, viewer, now, id_))


def _load(tx: Tx, services: Services, viewer: Viewer, now: datetime, id_: str) -> _LoadedReferral:
    opened = load_referral(tx, services, viewer, now, id_)
    row, at_hand, is_named = opened.row, opened.at_hand, opened.visibility.is_named
    live = referral_packet.is_live(at_hand, row, now) and not opened.held
    received = row.to_office == viewer.office and not row.element
    reads = [
        *form_context.reads_of_directories(),
        keys.read_of_case(row.case_id),
        *people.reads_of(at_hand, _authors(at_hand, row, viewer) if is_named else {row.by}),
    ]
    opens = live or not received
    if opens:
        reads += facts.reads_of_answers(row.case_id, CLASSES, upto=row.rev)
    at_hand.take(tx.read(*reads))
    people.of(at_hand, _authors(at_hand, row, viewer) if is_named else {row.by})
    packet = _open_packet(at_hand, services, row) if opens else None
    return _LoadedReferral(opened, viewer, now, live, packet)


def _authors(reader: Reader, row: Referral, viewer: Viewer) -> set[str]:
    """Who sent a referral, and who wrote the notes on it that the viewer may read."""
    office, roles = viewer.office, viewer.lane_roles
    said = note_rows.of_case(reader, row.case_id, office=office, roles=roles, about=row.id)
    return {row.by, *(note.by for note in said)}


def _build_page(services: Services, loaded: _LoadedReferral) -> ReferralPage:
    row, viewer, now, reader = loaded.row, loaded.viewer, loaded.now, loaded.opened.at_hand
    release, shown, places = loaded.visibility.release, loaded.shown, offices.names(reader)
    words = AnswerTexts(
        release, viewer, form_context.load_directories(reader, services, viewer.lang)
    )
    stated = replace(row, state="opened", opened_at=now) if loaded.is_receipt else row
    named = loaded.visibility.is_named
    sight, closed = loaded.visibility.sight, loaded.visibility.closed_offices(notes.CLASS)
    locked = lock_sentences(reader, loaded.opened.case, sight, viewer, places)
    said = (
        notes.read(reader, services, viewer, row.case_id, closed=closed, about=row.id)
        if named
        else []
    )
    talk = tuple(reversed(said))
    return ReferralPage(
        id=row.id,
        case_id=row.case_id,
        ref=loaded.opened.case.ref,
        knows=loaded.visibility.exists,
        by_step=bool(row.element),
        receives=row.to_office == viewer.office,
        to=places.get(row.to_office, ""),
        office=places.get(row.from_office, ""),
        sender=_sender(reader, services, row, places),
        purpose=purpose_text(services, release, row, viewer.lang),
        rests=legal_basis_text(services, release, row.ground, row.consents, viewer.lang),
        sent=row.sent_at,
        due=row.due if row.state in WAITING else None,
        states=tuple(lifecycle.referral_steps(stated)),
        text=waiting_text(row, viewer)
        if loaded.receives and row.state in WAITING
        else state_text(row, places, viewer),
        reason=refusal_text(release, services, row, viewer.lang),
        packet=tuple(words.pair(answer) for answer in words.in_order(shown)),
        fewer=len(row.fields) - len(shown),
        lives=loaded.live,
        gone=loaded.gone or ("" if shown else " ".join(locked)),
        locked=locked,
        talk=tuple(note for note in talk if loaded.live or not loaded.receives or note.own),
        acts=_acts(row, viewer, live=loaded.live),
        asked=row.asked_at is not None,
        refusals=_refusals(services, release, viewer.lang),
        task=_own_task(reader, row, viewer),
        classes=classes(shown) | {"C0"} | ({"C3"} if talk else set()),
        receipt=loaded.is_receipt,
    )


def record_look(tx: Tx, *, by: Viewer, now: datetime, found: ReferralPage) -> None:
    """Log who reads a referral, before its page is sent; the receiver's first read is the receipt.

    Args:
        found: the page that is about to be sent.
    """
    read_log.record_read(
        tx,
        by=by,
        case_id=found.case_id,
        purpose="referral",
        classes=found.classes,
        now=now,
        about={"referral": found.id},
    )
    if found.by_step:
        lifecycle.record_step_receipt(tx, tx, by=by, case_id=found.case_id, now=now)
    elif found.receipt:
        referral_answers.record_receipt(tx, by=by, referral_id=found.id, now=now)


def _open_packet(reader: Reader, services: Services, row: Referral) -> Sequence[GivenAnswer] | None:
    """Open the answers of the packet; None when they cannot be opened any more."""
    case_keys = services.case_keys(reader, row.case_id)
    try:
        return referral_packet.as_sent(reader, case_keys, row) if case_keys.own else None
    except CannotOpen:
        return None


def _sender(reader: Reader, services: Services, row: Referral, places: Mapping[str, str]) -> str:
    """Name the person and the office that sent it, as far as they have names."""
    person = accounts.names(reader, services, {row.by}).get(row.by, "")
    return ", ".join(name for name in (person, places.get(row.from_office, "")) if name)


def _refusals(services: Services, release: PreparedRelease, lang: str) -> tuple[Pair, ...]:
    """List the reasons to refuse, by id and label."""
    reasons = services.configuration(release).referrals.refusals
    return tuple((reason.id, localized_text(reason.words, lang)) for reason in reasons)


def _own_task(reader: Reader, row: Referral, viewer: Viewer) -> str:
    """Find the viewer's open task of the case that a step referred; empty when there is none."""
    waiting = tasks.of_case(reader, row.case_id) if row.element else []
    own = (task for task in waiting if task.office_id == viewer.office)
    return next((task.key for task in own if task.role in viewer.lane_roles), "")


def _acts(row: Referral, viewer: Viewer, *, live: bool) -> frozenset[str]:
    """List what the viewer may do with the referral now."""
    if row.element:
        return frozenset()
    if viewer.office == row.to_office:
        if row.state in WAITING:
            return frozenset({"accept", "ask", "refuse"} if live else {"refuse"})
        if row.state == "accepted":
            return frozenset({"done", "ask"} if live else {"done"})
        return frozenset()
    if row.state in LIVING:
        return frozenset({"revoke", "reply"})
    back = row.state in BACK and row.acknowledged_at is None
    return frozenset({"acknowledge"} if back else ())
