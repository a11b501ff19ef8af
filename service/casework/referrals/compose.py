"""Composing a referral by hand: receiver, purpose, packet, deadline.

Each question depends on what was chosen before, and pages, repeated pages and `send` all build the
same `ReferralComposition`, so they cannot disagree.

The office that owns the case may send what it sees; another party may send what it wrote itself.
Nobody sends more than she sees, and nothing is sent that the matrix keeps from the receiver at
this stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from service.access import CLASSES, EVERY_CASE, Viewer
from service.casework.casefile.case_view import CaseView
from service.casework.cases import given_answers
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.given_answers import GivenAnswer
from service.casework.cases.loaded_case import LoadedCase
from service.casework.referrals import held
from service.casework.referrals import packet as referral_packet
from service.casework.referrals.referral_options import (
    ConsentStep,
    PacketRow,
    PurposeOption,
    ReceiverOption,
    Receivers,
    ReferralChoice,
)
from service.engine import Calendar
from service.errors import FieldFault, NotFound
from service.forms import Form
from service.records.context import Services
from service.release.programme.referral_rules import ReferralPurpose, ReferralRules, localized_text
from service.store.at_hand import Read
from service.store.casefile import facts, referrals
from service.store.installation import offices, people

STEPS = ("to", "why", "what", "send")
"""The pages of the composition, in this order."""


def roles_of(viewer: Viewer, loaded: LoadedCase | None) -> tuple[str, ...]:
    """List the roles by which the viewer's office may refer a case now; empty when it may not."""
    if loaded is None or loaded.case.status != "open" or viewer.roles & EVERY_CASE:
        return ()
    parties = loaded.parties
    return tuple(sorted(role for role in viewer.lane_roles if parties.get(role) == viewer.office))


def may_refer(services: Services, viewer: Viewer, loaded: LoadedCase | None) -> bool:
    """Whether there is any purpose for which the viewer may refer a case."""
    if loaded is None:
        return False
    rules = services.configuration(loaded.release).referrals
    return bool(rules.of_sender(roles_of(viewer, loaded)))


def open_step(at: CaseView) -> tuple[str, str] | None:
    """(task, its name) of a step of the diagram that refers the case and waits for the viewer."""
    steps = at.configuration.grants.referrals
    found = (task for task in at.waiting if task.element in steps and at.mine(task))
    return next(((task.key, at.name(task.element)) for task in found), None)


def owns_case(at: CaseView) -> bool:
    """Whether the viewer holds the role that owns the case, in the office that has it there.

    The owner may send what she sees, any other party what its office wrote itself.
    """
    duties = at.configuration.named_fields.duties
    owner = next((role for role in duties.owner if role in at.parties), "")
    return owner in at.viewer.lane_roles and at.parties[owner] == at.viewer.office


@dataclass
class ReferralComposition:
    """A referral that is being composed, with the options for what was chosen so far."""

    at: CaseView
    choice: ReferralChoice
    directory: Mapping[str, offices.Office]
    staffed_roles: Mapping[str, frozenset[str]]
    """Office to the roles that its people hold."""
    lacking: frozenset[str]
    """Purposes of consent that some purpose of a referral needs and that are not live."""
    sent: tuple[referrals.Referral, ...]
    paused: bool
    """Whether the person pauses."""
    newest: Mapping[str, int]
    """Field to the fact of its last answer, whoever may see it: an older answer is never sent in
    its place."""

    @property
    def rules(self) -> ReferralRules:
        """The programme's rules of referrals."""
        return self.at.configuration.referrals

    # ---- receiver

    @cached_property
    def targets(self) -> tuple[ReceiverOption, ...]:
        """Every other office, those that cannot get the case with the reason."""
        wanted = {role for purpose in self.purposes for role in purpose.receivers}
        return Receivers(self.at, self.directory, self.staffed_roles, wanted).options()

    @cached_property
    def target(self) -> ReceiverOption | None:
        """The chosen office, if it may get the case."""
        return next((t for t in self.targets if t.id == self.choice.office and t.roles), None)

    # ---- purpose

    @property
    def purposes(self) -> tuple[ReferralPurpose, ...]:
        """Purposes for which the viewer may refer."""
        return self.rules.of_sender(roles_of(self.at.viewer, self.at.loaded))

    @cached_property
    def offers(self) -> tuple[PurposeOption, ...]:
        """The purposes that fit the chosen office."""
        roles = set(self.target.roles) if self.target is not None else set()
        return tuple(self._offer(p) for p in self.purposes if roles & set(p.receivers))

    def _offer(self, purpose: ReferralPurpose) -> PurposeOption:
        wanted = (self.choice.office, purpose.id)
        same = (row for row in self.sent if (row.to_office, row.purpose) == wanted)
        return PurposeOption(
            purpose.id,
            localized_text(purpose.words, self.at.lang),
            self.ground_of(purpose),
            purpose.consents,
            missing=tuple(p for p in purpose.consents if p in self.lacking),
            waiting=next((row.id for row in same if row.state in referrals.WAITING), ""),
            held=self._held if purpose.consents else "",
        )

    def ground_of(self, purpose: ReferralPurpose) -> str:
        """The ground of a purpose for the office of the viewer."""
        kind = self.directory[self.at.viewer.office].kind
        return self.at.configuration.grounds.of_office(purpose.grounds, kind)

    @property
    def _held(self) -> str:
        """Why nothing is sent now that rests on a consent.

        Whoever has the case may know of the pause. Another party reads only that something waits.
        """
        if not self.paused:
            return ""
        return "referral.held_by_pause" if owns_case(self.at) else "referral.held"

    @cached_property
    def offer(self) -> PurposeOption | None:
        """The chosen purpose, if it fits."""
        return next((o for o in self.offers if o.id == self.choice.purpose), None)

    @property
    def from_role(self) -> str:
        """The role in which the viewer sends it, as the rule of the purpose names it first."""
        mine = roles_of(self.at.viewer, self.at.loaded)
        return next(role for role in self.purpose.senders if role in mine)

    @property
    def purpose(self) -> ReferralPurpose:
        """The rule of the chosen purpose.

        Raises:
            NotFound: none that fits was chosen.
        """
        chosen = self.rules.purpose(self.offer.id) if self.offer is not None else None
        if chosen is None:
            raise NotFound
        return chosen

    @property
    def role(self) -> str:
        """The role in which the chosen office gets the case for the chosen purpose."""
        roles = self.target.roles if self.target is not None else ()
        return next(role for role in self.purpose.receivers if role in roles)

    def places(self, consent: str) -> Iterable[ConsentStep]:
        """Yield the steps in which a consent is given."""
        release = self.at.visibility.release
        asking = {id_ for id_, form in release.forms.items() if _asks(form, consent)}
        for element in self.at.visibility.definition.elements.values():
            if element.form not in asking or element.kind != "userTask":
                continue
            waiting = (task for task in self.at.waiting if task.element == element.id)
            task = next((task.key for task in waiting if self.at.mine(task)), "")
            role = release.role_name(next(iter(element.roles), ""), self.at.lang)
            yield ConsentStep(self.at.name(element.id), role, task)

    # ---- packet

    @cached_property
    def offered(self) -> tuple[GivenAnswer, ...]:
        """Answers that may be sent at all, in the order in which forms ask for them.

        Only those that the sender sees and the receiver may see.
        """
        shown = self.at.shown.values()
        current = (answer for answer in shown if answer.rev == self.newest.get(answer.key))
        sendable = referral_packet.may_go(current, self.at.visibility)
        if not owns_case(self.at):
            sendable = [one for one in sendable if one.office == self.at.viewer.office]
        keys = {answer.key for answer in sendable}
        visible = referral_packet.packet(sendable, self.visibility(keys), keys)
        return tuple(self.at.words.in_order(visible))

    def visibility(self, fields: Iterable[str]) -> CaseVisibility:
        """Build what the receiver may see of these fields."""
        return referral_packet.receiver_visibility(
            self.at.visibility, self.choice.office, self.role, frozenset(fields)
        )

    @cached_property
    def ticked(self) -> frozenset[str]:
        """Fields to send: those that the sender ticked, or that the purpose proposes.

        Never one that was not offered.
        """
        chosen = self.choice.fields
        wanted = chosen if chosen is not None else frozenset(self.purpose.fields)
        return wanted & {answer.key for answer in self.offered}

    @property
    def rows(self) -> tuple[PacketRow, ...]:
        """The rows to tick."""
        proposed, words = set(self.purpose.fields), self.at.words
        return tuple(
            PacketRow(
                answer.key, *words.pair(answer), answer.key in self.ticked, answer.key in proposed
            )
            for answer in self.offered
        )

    @property
    def packet(self) -> list[GivenAnswer]:
        """The answers that the receiver will see."""
        return referral_packet.packet(self.offered, self.visibility(self.ticked), self.ticked)

    # ---- deadline

    @property
    def days(self) -> int:
        """Working days until it lapses."""
        chosen = self.choice.days
        return chosen if chosen is not None and chosen in self.rules.days else self.purpose.days

    @property
    def due_choices(self) -> tuple[tuple[int, datetime], ...]:
        """Working days to choose from, with the moment that each leads to."""
        days = sorted({*self.rules.days, self.purpose.days})
        return tuple((number, self.due(number)) for number in days)

    def due(self, days: int) -> datetime:
        """Find the moment so many working days of the receiver from now."""
        return self._calendar.later(self.at.now, timedelta(days=days), working=True)

    @property
    def _calendar(self) -> Calendar:
        calendars = self.at.visibility.definition.calendars
        own = calendars.get(self.directory[self.choice.office].calendar)
        return own or calendars[self.at.services.programme.calendar]

    def fault(self, step: str) -> FieldFault | None:
        """Find what is wrong with the choice of a step; None when it can go on."""
        if step == "to" and self.target is None:
            chosen = next((t for t in self.targets if t.id == self.choice.office), None)
            key = "referral.no_office" if chosen is None else "referral.not_this_office"
            return FieldFault("office", key, {"why": chosen.why_not if chosen else ""})
        if step == "why" and self.offer is None:
            return FieldFault("purpose", "referral.no_purpose")
        if step == "why" and self.offer is not None and self.offer.held:
            return FieldFault("purpose", self.offer.held)
        if step == "why" and self.offer is not None and self.offer.waiting:
            return FieldFault("purpose", "referral.waits_already")
        if step == "what" and not self.ticked:
            return FieldFault("field", "referral.no_field")
        return None


def reads_of_compose(case_id: str) -> list[Read]:
    """What `compose` reads besides the view of the case."""
    return facts.reads_of_answers(case_id, CLASSES)


def compose(at: CaseView, choice: ReferralChoice) -> ReferralComposition:
    """Begin a referral, or continue it with what was chosen.

    Args:
        at: loaded with `reads_of_compose`.
    Raises:
        NotFound: the viewer may not refer this case.
    """
    if at.key is None or at.loaded is None or not may_refer(at.services, at.viewer, at.loaded):
        raise NotFound
    purposes = at.configuration.referrals.purposes
    needed = sorted({consent for purpose in purposes for consent in purpose.consents})
    missing = referral_packet.missing_consents(at.at_hand, at.case.id, needed, at.now)
    newest = given_answers.newest(given_answers.load_answers(at.at_hand, at.keys, at.case.id))
    return ReferralComposition(
        at=at,
        choice=choice,
        directory=offices.everyone(at.at_hand),
        staffed_roles=people.roles_of_offices(at.at_hand),
        lacking=frozenset(missing),
        sent=tuple(referrals.of_case(at.at_hand, at.case.id)),
        paused=held.is_paused(at.services, at.loaded),
        newest={key: answer.rev for key, answer in newest.items()},
    )


def _asks(form: Form, consent: str) -> bool:
    consents = (field for field in form.fields if field.kind == "consent")
    return any(field.properties.get("consent") == consent for field in consents)
