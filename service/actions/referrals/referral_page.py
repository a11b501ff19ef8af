"""One referral as its two offices see it, and what of referrals waits in an inbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import Resource, Viewer, can_see
from service.actions.casefile import form_context, notes, read_log
from service.actions.casefile.answer_text import AnswerTexts, Pair
from service.actions.cases import grants
from service.actions.cases.case_visibility import CaseVisibility, classes
from service.actions.cases.given_answers import GivenAnswer
from service.actions.context import Services
from service.actions.people import accounts
from service.actions.programme.referral_rules import localized_text
from service.actions.referrals import answers, lifecycle
from service.actions.referrals import packet as referral_packet
from service.errors import CannotOpen, NotFound
from service.security.vault import OwnerKey
from service.store.casefile import cases, referrals
from service.store.casefile.referrals import BACK, LIVING, WAITING, Referral
from service.store.installation import offices
from service.store.keyset import ListPage, PageRequest
from service.store.transaction import Tx
from service.store.work import tasks
from service.text import say


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """Everything that the template names, and the classes of what is on it."""

    id: str
    case_id: str
    ref: str
    knows: bool
    """Whether the reader may open the case itself."""
    by_step: bool
    receives: bool
    """Whether the reader's office is the one that got it."""
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
    """How many answers of the packet this reader may not see now."""
    gone: str
    """Why nothing of the packet is shown; empty while it is."""
    lives: bool
    """Whether the receiver may look at the packet now."""
    talk: tuple[notes.NoteView, ...]
    acts: frozenset[str]
    """What the reader may do now: accept, refuse, ask, done, reply, revoke, acknowledge."""
    asked: bool
    refusals: tuple[Pair, ...]
    task: str
    classes: frozenset[str]
    receipt: bool
    """Whether this look is the receipt of it."""


@dataclass(frozen=True, slots=True)
class WaitingReferral:
    """A referral in the inbox."""

    id: str
    ref: str
    kind: str
    """new, refused, lapsed or asked."""
    text: str
    due: datetime | None


def load_referral_page(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, id_: str
) -> ReferralPage:
    """Draw one referral.

    Raises:
        NotFound: there is none, or none for the viewer.
    """
    row = referrals.get(tx, id_)
    case = cases.get(tx, row.case_id) if row is not None else None
    if row is None or case is None:
        raise NotFound
    release = services.release(tx, case.release_id)
    own = CaseVisibility(
        viewer,
        services.programme.matrix,
        grants.load_sight(tx, services, case, now),
        release,
        release.definitions[case.process],
    )
    _may_look(row, viewer, own)
    receives = row.to_office == viewer.office and not row.element
    lives = referral_packet.is_live(tx, row, now)
    told = _told(tx, services.key(tx, f"case:{case.id}"), row) if lives or not receives else None
    visibility = (
        referral_packet.receiver_visibility(
            own, row.to_office, row.to_role, row.fields, rule=row.id
        )
        if receives
        else own
    )
    shown = referral_packet.packet(told or (), visibility, row.fields)
    places = offices.names(tx)
    words = AnswerTexts(release, viewer, form_context.load_directories(tx, services, viewer.lang))
    waiting = tasks.of_case(tx, case.id) if row.element else []
    receipt = receives and lives and row.state == "sent"
    drawn = replace(row, state="opened", opened_at=now) if receipt else row
    talk = tuple(reversed(notes.read(tx, services, viewer, case.id, about=row.id)))
    return ReferralPage(
        id=row.id,
        case_id=case.id,
        ref=case.ref,
        knows=own.know,
        by_step=bool(row.element),
        receives=row.to_office == viewer.office,
        to=places.get(row.to_office, ""),
        office=places.get(row.from_office, ""),
        sender=", ".join(
            filter(
                None,
                (
                    accounts.names(tx, services, {row.by}).get(row.by, ""),
                    places.get(row.from_office, ""),
                ),
            )
        ),
        purpose=purpose_text(services, row, viewer.lang),
        rests=legal_basis_text(row.ground, row.consents, viewer.lang),
        sent=row.sent_at,
        due=row.due if row.state in WAITING else None,
        states=tuple(lifecycle.referral_steps(drawn)),
        text=_yours(row, viewer)
        if receives and row.state in WAITING
        else state_text(row, places, viewer),
        reason=lifecycle.refusal_text(release, services, row, viewer.lang),
        packet=tuple(words.pair(one) for one in words.in_order(shown)),
        fewer=len(row.fields) - len(shown),
        lives=lives,
        gone=_gone(row, viewer, lives=lives, told=told, receives=receives),
        talk=tuple(note for note in talk if lives or not receives or note.own),
        acts=_acts(row, viewer, lives=lives),
        asked=row.asked_at is not None,
        refusals=tuple(
            (r.id, localized_text(r.words, viewer.lang))
            for r in services.programme.referrals.refusals
        ),
        task=next(
            (
                t.key
                for t in waiting
                if t.office_id == viewer.office and t.role in viewer.lane_roles
            ),
            "",
        ),
        classes=classes(shown) | {"C0"} | ({"C3"} if talk else set()),
        receipt=receipt,
    )


def record_look(tx: Tx, *, by: Viewer, now: datetime, found: ReferralPage) -> None:
    """Write who looks, before the page is sent; and the receipt, when it is the receiver's first
    look.
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
        lifecycle.record_step_receipt(tx, by=by, case_id=found.case_id, now=now)
    elif found.receipt:
        answers.record_receipt(tx, by=by, referral_id=found.id, now=now)


def _may_look(row: Referral, viewer: Viewer, own: CaseVisibility) -> None:
    """Its two offices, and nobody else.

    What a step sent is seen by those who see the case; what came by hand by those who hold the role
    it came to.
    """
    if viewer.office not in (row.from_office, row.to_office) or (row.element and not own.know):
        raise NotFound
    if not row.element and viewer.office == row.to_office and row.to_role not in viewer.lane_roles:
        raise NotFound


def _told(tx: Tx, key: OwnerKey | None, row: Referral) -> Sequence[GivenAnswer] | None:
    """The answers of the packet; None when they cannot be opened any more."""
    try:
        return referral_packet.as_sent(tx, key, row) if key is not None else None
    except CannotOpen:
        return None


def _gone(
    row: Referral,
    viewer: Viewer,
    *,
    lives: bool,
    told: Sequence[GivenAnswer] | None,
    receives: bool,
) -> str:
    if receives and not lives:
        return say(
            "referral.gone_consent" if row.state in LIVING else "referral.gone_over", viewer.lang
        )
    return "" if told is not None else say("referral.gone_erased", viewer.lang)


def _acts(row: Referral, viewer: Viewer, *, lives: bool) -> frozenset[str]:
    if row.element:
        return frozenset()
    found: set[str] = set()
    if viewer.office == row.to_office:
        if row.state in WAITING:
            found |= {"accept", "ask"} if lives else set()
            found.add("refuse")
        elif row.state == "accepted":
            found |= {"done", "ask"} if lives else {"done"}
    elif row.state in LIVING:
        found |= {"revoke", "reply"}
    elif row.state in BACK and row.acknowledged_at is None:
        found.add("acknowledge")
    return frozenset(found)


def purpose_text(services: Services, row: Referral, lang: str) -> str:
    """What a referral is for: as the installation says, or of a step the purpose of its consent."""
    found = services.programme.referrals.purpose(row.purpose) if not row.element else None
    return (
        localized_text(found.words, lang)
        if found is not None
        else say(f"purpose.{row.purpose}", lang)
        if row.element
        else row.purpose
    )


def legal_basis_text(ground: str, consents: Iterable[str], lang: str) -> str:
    """On what it rests: consents, and the ground."""
    named = [
        say("referral.consent_to", lang, purpose=say(f"purpose.{purpose}", lang))
        for purpose in consents
    ]
    return "; ".join([*named, *([say(f"ground.{ground}", lang)] if ground else [])])


def _yours(row: Referral, viewer: Viewer) -> str:
    return say(
        "referral.stands_yours",
        viewer.lang,
        date=viewer.day(row.due) if row.due is not None else "–",
    )


def state_text(row: Referral, places: Mapping[str, str], viewer: Viewer) -> str:
    """Where it stands, in one sentence."""
    state = "withdrawn" if row.state == "revoked" and row.answered_at is not None else row.state
    return say(
        f"referral.stands_{state}",
        viewer.lang,
        office=places.get(row.to_office, ""),
        date=viewer.day(row.due) if row.due is not None else "–",
    )


def waiting_referrals(tx: Tx, services: Services, viewer: Viewer) -> tuple[WaitingReferral, ...]:
    """Referrals that wait for the viewer: new ones for her role, and those of her office that came
    back or about which something is asked.
    """
    new, back = (
        referrals.to_office(tx, viewer.office, roles=viewer.lane_roles),
        referrals.back_to(tx, viewer.office),
    )
    if not new and not back:
        return ()
    known = {
        case.id: case for case in cases.of_ids(tx, sorted({row.case_id for row in (*new, *back)}))
    }
    places = offices.names(tx)
    found = []
    for row in new:
        text = say(
            "referral.box_new",
            viewer.lang,
            office=places.get(row.from_office, ""),
            purpose=purpose_text(services, row, viewer.lang),
        )
        found.append(WaitingReferral(row.id, known[row.case_id].ref, "new", text, row.due))
    for row in back:
        kind = row.state if row.state in BACK else "asked"
        release = services.release(tx, known[row.case_id].release_id)
        reason = lifecycle.refusal_text(release, services, row, viewer.lang)
        text = say(
            f"referral.box_{kind}", viewer.lang, office=places.get(row.to_office, ""), reason=reason
        )
        found.append(
            WaitingReferral(
                row.id, known[row.case_id].ref, kind, text, row.due if kind == "asked" else None
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ReferralListRow:
    """A referral of a list: process facts alone."""

    id: str
    ref: str
    sent_by: str
    sent_to: str
    purpose: str
    state: str
    text: str
    sent: datetime | None
    due: datetime | None


def list_referrals(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    step: PageRequest,
    *,
    box: str = "",
    state: str = "",
    limit: int,
) -> ListPage[ReferralListRow]:
    """A page of the referrals by hand that the viewer's office sent, or got in one of her roles;
    the newest first.
    """
    found = referrals.of_office(
        tx, viewer.office, step, roles=viewer.lane_roles, box=box, state=state, limit=limit
    )
    refs = cases.refs(tx, sorted({row.case_id for row in found.rows})) if found.rows else {}
    places = offices.names(tx)
    rows = [
        ReferralListRow(
            id=row.id,
            ref=refs.get(row.case_id, ""),
            sent_by=places.get(row.from_office, ""),
            sent_to=places.get(row.to_office, ""),
            purpose=purpose_text(services, row, viewer.lang),
            state=row.state,
            text=state_text(row, places, viewer),
            sent=row.sent_at,
            due=row.due if row.state in WAITING else None,
        )
        for row in found.rows
    ]
    return ListPage(tuple(rows), found.previous, found.next)


def in_case(tx: Tx, viewer: Viewer, case_id: str) -> str:
    """The referral of a case that waits for the viewer; empty when none does."""
    waits = (
        *referrals.to_office(tx, viewer.office, roles=viewer.lane_roles),
        *referrals.back_to(tx, viewer.office),
    )
    return next((row.id for row in waits if row.case_id == case_id), "")


def instead_of_case(tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime) -> str:
    """The newest referral of a case that came to the viewer's role, when that is all she knows of
    the case; else empty.
    """
    case = cases.get(tx, case_id)
    if (
        case is None
        or can_see(
            services.programme.matrix,
            viewer,
            grants.load_sight(tx, services, case, now),
            Resource(),
        ).ok
    ):
        return ""
    rows = referrals.of_case(tx, case_id)
    return next(
        (
            row.id
            for row in reversed(rows)
            if not row.element
            and row.to_office == viewer.office
            and row.to_role in viewer.lane_roles
        ),
        "",
    )
