"""Packing a referral by hand: to whom, why, what goes along, on which ground.

Each question is asked of what was chosen before, so that a page, a page that was sent back and the
sending itself (`dispatching`) can never disagree.

The office that owns the case may send what it sees; another party may send what it wrote itself.
Nobody sends more than she sees, and nothing goes that the matrix keeps from the receiver at this
stage.
Source: screens.md S6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from service.access import EVERY_CASE, NOTHING, Viewer
from service.actions.casefile.case_view import CaseView
from service.actions.cases import given_answers
from service.actions.cases.case_visibility import CaseVisibility
from service.actions.cases.given_answers import GivenAnswer
from service.actions.cases.turn import LoadedCase
from service.actions.context import Services
from service.actions.programme.referral_rules import ReferralPurpose, localized_text
from service.actions.referrals import packet as referral_packet
from service.engine import Calendar
from service.errors import FieldFault, NotFound
from service.forms import Form
from service.store.casefile import referrals
from service.store.installation import offices, people
from service.store.transaction import Tx

STEPS = ("to", "why", "what", "send")
"""Pages of the way, in this order."""


@dataclass(frozen=True, slots=True)
class ReferralChoice:
    """What the sender has chosen so far; empty where nothing is.

    `fields` is None until she has seen what is proposed.
    """

    office: str = ""
    purpose: str = ""
    fields: frozenset[str] | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiverOption:
    """An office of the directory: its roles that fit, or why it cannot get the case."""

    id: str
    name: str
    roles: tuple[str, ...]
    why_not: str


@dataclass(frozen=True, slots=True)
class ConsentStep:
    """Where a consent is given: the step, and the task if it waits for the reader."""

    step: str
    role: str
    task: str


@dataclass(frozen=True, slots=True)
class PurposeOption:
    """A purpose that fits sender and receiver, and what it rests on."""

    id: str
    label: str
    ground: str
    consents: tuple[str, ...]
    missing: tuple[str, ...]
    waiting: str
    """Id of a referral to that office for the same purpose which still waits."""


@dataclass(frozen=True, slots=True)
class PacketRow:
    """One answer that may go along."""

    key: str
    label: str
    text: str
    ticked: bool
    proposed: bool


def roles_of(viewer: Viewer, loaded: LoadedCase | None) -> tuple[str, ...]:
    """Roles by which the viewer's office may refer a case now; empty when it may not."""
    if loaded is None or loaded.case.status != "open" or viewer.roles & EVERY_CASE:
        return ()
    return tuple(
        sorted(role for role in viewer.lane_roles if loaded.parties.get(role) == viewer.office)
    )


def may_refer(services: Services, viewer: Viewer, loaded: LoadedCase | None) -> bool:
    """Whether there is any purpose for which the viewer may refer a case."""
    return bool(services.programme.referrals.of_sender(roles_of(viewer, loaded)))


def owns_case(at: CaseView) -> bool:
    """Whether the case is the reader's office's own: it may send what it sees, any other party what
    it wrote itself.
    """
    duties = at.services.programme.named_fields.duties
    return duties.holder(duties.owner, at.parties) == at.viewer.office


@dataclass
class ReferralComposition:
    """The way of one referral from the first question to the last, for what was chosen so far."""

    at: CaseView
    choice: ReferralChoice
    directory: Mapping[str, offices.Office]
    held_roles: Mapping[str, frozenset[str]]
    """Office to the roles that its people hold."""
    lacking: frozenset[str]
    """Purposes of consent that some purpose of a referral needs and that are not live."""
    sent: tuple[referrals.Referral, ...]
    newest: Mapping[str, int]
    """Field to the fact of its last answer, whoever may see it: an older one never goes in its
    place."""

    # ---- to whom

    @cached_property
    def targets(self) -> tuple[ReceiverOption, ...]:
        """Every other office, those that cannot get the case with the reason."""
        others = [o for o in self.directory.values() if o.id != self.at.viewer.office]
        return tuple(self._target(office) for office in others)

    def _target(self, office: offices.Office) -> ReceiverOption:
        if office.closed_at is not None:
            return ReceiverOption(
                office.id,
                office.name,
                (),
                self.at.say("referral.not_closed", date=self.at.day(office.closed_at)),
            )
        fitting = {role for purpose in self.purposes for role in purpose.receivers}
        roles = [role for role in sorted(self.held_roles.get(office.id, ())) if role in fitting]
        if not roles:
            return ReceiverOption(office.id, office.name, (), self.at.say("referral.not_role"))
        refused = {role: self._refused(office, role) for role in roles}
        able = tuple(role for role in roles if not refused[role])
        return ReceiverOption(
            office.id, office.name, able, "" if able else next(iter(refused.values()))
        )

    def _refused(self, office: offices.Office, role: str) -> str:
        """Why the office may not get the case in this role; empty when it may."""
        letters = self.at.services.programme.matrix.letters.get(role, {}).get(
            self.at.visibility.sight.stage, NOTHING
        )
        if set(letters) == {NOTHING}:
            return self.at.say("referral.not_stage")
        for row in self.at.services.programme.parties:
            if row.role == role and row.to == "country":
                told = self.at.newest.get(row.when)
                if told is None or told.value not in office.countries:
                    return self.at.say("referral.not_country")
        return ""

    @cached_property
    def target(self) -> ReceiverOption | None:
        """The chosen office, if it may get the case."""
        return next((t for t in self.targets if t.id == self.choice.office and t.roles), None)

    # ---- why

    @property
    def purposes(self) -> tuple[ReferralPurpose, ...]:
        """Purposes for which the reader may refer."""
        return self.at.services.programme.referrals.of_sender(
            roles_of(self.at.viewer, self.at.loaded)
        )

    @cached_property
    def offers(self) -> tuple[PurposeOption, ...]:
        """Those that fit the chosen office."""
        return tuple(
            self._offer(p)
            for p in self.purposes
            if self.target is not None and set(p.receivers) & set(self.target.roles)
        )

    def _offer(self, purpose: ReferralPurpose) -> PurposeOption:
        waits = next(
            (
                r.id
                for r in self.sent
                if (r.to_office, r.purpose) == (self.choice.office, purpose.id)
                and r.state in referrals.WAITING
            ),
            "",
        )
        missing = tuple(p for p in purpose.consents if p in self.lacking)
        return PurposeOption(
            purpose.id,
            localized_text(purpose.words, self.at.lang),
            purpose.ground,
            purpose.consents,
            missing,
            waits,
        )

    @cached_property
    def offer(self) -> PurposeOption | None:
        """The chosen purpose, if it fits."""
        return next((o for o in self.offers if o.id == self.choice.purpose), None)

    @property
    def purpose(self) -> ReferralPurpose:
        """The chosen purpose.

        Raises:
            NotFound: none that fits was chosen.
        """
        found = (
            self.at.services.programme.referrals.purpose(self.offer.id)
            if self.offer is not None
            else None
        )
        if found is None:
            raise NotFound
        return found

    @property
    def role(self) -> str:
        """The role in which the chosen office gets the case for the chosen purpose."""
        roles = self.target.roles if self.target is not None else ()
        return next(role for role in self.purpose.receivers if role in roles)

    def places(self, consent: str) -> Iterable[ConsentStep]:
        """Steps in which a consent is given."""
        release = self.at.visibility.release
        asking = {id_ for id_, form in release.forms.items() if _asks(form, consent)}
        for element in self.at.visibility.definition.elements.values():
            if element.form in asking and element.kind == "userTask":
                task = next(
                    (t.key for t in self.at.waiting if t.element == element.id and self.at.mine(t)),
                    "",
                )
                role = next(iter(element.roles), "")
                yield ConsentStep(
                    self.at.name(element.id), release.role_name(role, self.at.lang), task
                )

    # ---- what

    @cached_property
    def offered(self) -> tuple[GivenAnswer, ...]:
        """Answers that may go along at all: those that the sender sees and the receiver may see, in
        the order in which they are asked for.
        """
        told = referral_packet.may_go(
            (one for one in self.at.shown.values() if one.rev == self.newest.get(one.key)),
            self.at.visibility,
        )
        own = (
            told
            if owns_case(self.at)
            else [one for one in told if one.office == self.at.viewer.office]
        )
        visibility = self.visibility(one.key for one in own)
        return tuple(
            self.at.words.in_order(
                referral_packet.packet(own, visibility, {one.key for one in own})
            )
        )

    def visibility(self, fields: Iterable[str]) -> CaseVisibility:
        """The receiver's eyes on these fields."""
        return referral_packet.receiver_visibility(
            self.at.visibility, self.choice.office, self.role, frozenset(fields)
        )

    @cached_property
    def ticked(self) -> frozenset[str]:
        """What goes along: what the sender ticked, or what the purpose proposes; nothing that was
        not offered.
        """
        wanted = (
            self.choice.fields if self.choice.fields is not None else frozenset(self.purpose.fields)
        )
        return wanted & {one.key for one in self.offered}

    @property
    def rows(self) -> tuple[PacketRow, ...]:
        """The packet to choose from."""
        proposed = set(self.purpose.fields)
        return tuple(
            PacketRow(
                one.key, *self.at.words.pair(one), one.key in self.ticked, one.key in proposed
            )
            for one in self.offered
        )

    @property
    def packet(self) -> list[GivenAnswer]:
        """What the receiver will see, drawn with the receiver's eyes."""
        return referral_packet.packet(self.offered, self.visibility(self.ticked), self.ticked)

    # ---- send

    @property
    def days(self) -> int:
        """Working days until it lapses."""
        return (
            self.choice.days
            if self.choice.days in self.at.services.programme.referrals.days
            and self.choice.days is not None
            else self.purpose.days
        )

    @property
    def due_choices(self) -> tuple[tuple[int, datetime], ...]:
        """Working days to choose from, with the moment that each leads to."""
        return tuple(
            (days, self.due(days))
            for days in sorted({*self.at.services.programme.referrals.days, self.purpose.days})
        )

    def due(self, days: int) -> datetime:
        """The moment so many working days of the receiver away."""
        return self._calendar.later(self.at.now, timedelta(days=days), working=True)

    @property
    def _calendar(self) -> Calendar:
        calendars = self.at.visibility.definition.calendars
        return (
            calendars.get(self.directory[self.choice.office].calendar)
            or calendars[self.at.services.programme.calendar]
        )

    def fault(self, step: str) -> FieldFault | None:
        """What is wrong with what was chosen at a step."""
        if step == "to" and self.target is None:
            chosen = next((t for t in self.targets if t.id == self.choice.office), None)
            return FieldFault(
                "office",
                "referral.no_office" if chosen is None else "referral.not_this_office",
                {"why": chosen.why_not if chosen else ""},
            )
        if step == "why" and self.offer is None:
            return FieldFault("purpose", "referral.no_purpose")
        if step == "why" and self.offer is not None and self.offer.waiting:
            return FieldFault("purpose", "referral.waits_already")
        if step == "what" and not self.ticked:
            return FieldFault("field", "referral.no_field")
        return None


def compose(tx: Tx, at: CaseView, choice: ReferralChoice) -> ReferralComposition:
    """Begin, or go on with, a referral.

    Raises:
        NotFound: the reader may not refer this case.
    """
    if at.key is None or not may_refer(at.services, at.viewer, at.loaded):
        raise NotFound
    needed = {
        consent
        for purpose in at.services.programme.referrals.purposes
        for consent in purpose.consents
    }
    return ReferralComposition(
        at=at,
        choice=choice,
        directory=offices.everyone(tx),
        held_roles=people.roles_of_offices(tx),
        lacking=frozenset(referral_packet.missing_consents(tx, at.case.id, sorted(needed), at.now)),
        sent=tuple(referrals.of_case(tx, at.case.id)),
        newest={
            key: one.rev
            for key, one in given_answers.newest(
                given_answers.load_answers(tx, at.key, at.case.id)
            ).items()
        },
    )


def _asks(form: Form, consent: str) -> bool:
    return any(
        field.kind == "consent" and field.properties.get("consent") == consent
        for field in form.fields
    )
