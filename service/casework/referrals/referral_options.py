"""Choices for the sender of a referral: receivers, why not others, purposes, consents, packet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from service.access import NOTHING
from service.casework.casefile.case_view import CaseView
from service.release.programme.party_rules import left_offices
from service.store.installation import offices


@dataclass(frozen=True, slots=True)
class ReferralChoice:
    """The sender's choices so far; empty where nothing was chosen.

    `fields` is None until the proposed packet was shown.
    """

    office: str = ""
    purpose: str = ""
    fields: frozenset[str] | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiverOption:
    """An office of the directory: the roles in which it can get the case, or why it cannot."""

    id: str
    name: str
    roles: tuple[str, ...]
    why_not: str


@dataclass(frozen=True, slots=True)
class ConsentStep:
    """A step in which a consent is given, and its task if that waits for the viewer."""

    step: str
    role: str
    task: str


@dataclass(frozen=True, slots=True)
class PurposeOption:
    """A purpose that fits sender and receiver, and its legal basis."""

    id: str
    label: str
    ground: str
    consents: tuple[str, ...]
    missing: tuple[str, ...]
    waiting: str
    """Id of a referral to that office for the same purpose which still waits."""
    held: str = ""
    """Key of the text that says why it is not sent now; empty while nothing holds it."""


@dataclass(frozen=True, slots=True)
class PacketRow:
    """One answer that may be sent along."""

    key: str
    label: str
    text: str
    ticked: bool
    proposed: bool


@dataclass(frozen=True)
class Receivers:
    """The directory as the sender of a referral sees it."""

    at: CaseView
    directory: Mapping[str, offices.Office]
    staffed_roles: Mapping[str, frozenset[str]]
    """Office to the roles that its people hold."""
    wanted_roles: Collection[str]
    """Roles that some purpose of the sender's names as receiver."""

    def options(self) -> tuple[ReceiverOption, ...]:
        """List every other office, those that cannot get the case with the reason; none for which
        the case does not exist.
        """
        never = {self.at.viewer.office, *self.at.visibility.sight.barred.offices}
        return tuple(self._option(row) for row in self.directory.values() if row.id not in never)

    def _option(self, office: offices.Office) -> ReceiverOption:
        if office.closed_at is not None:
            closed = self.at.say("referral.not_closed", date=self.at.day(office.closed_at))
            return ReceiverOption(office.id, office.name, (), closed)
        staffed = sorted(self.staffed_roles.get(office.id, ()))
        roles = [role for role in staffed if role in self.wanted_roles]
        if not roles:
            return ReceiverOption(office.id, office.name, (), self.at.say("referral.not_role"))
        refusals = {role: self._refusal(office, role) for role in roles}
        able = tuple(role for role in roles if not refusals[role])
        return ReceiverOption(
            office.id, office.name, able, "" if able else next(iter(refusals.values()))
        )

    def _refusal(self, office: offices.Office, role: str) -> str:
        """Say why the office may not get the case in this role; empty when it may."""
        configuration, stage = self.at.configuration, self.at.visibility.sight.stage
        letters = configuration.matrix.letters.get(role, {}).get(stage, NOTHING)
        if set(letters) == {NOTHING}:
            return self.at.say("referral.not_stage")
        if office.id in left_offices(configuration.parties, role, self.at.before):
            return self.at.say("referral.left")
        for rule in configuration.parties:
            if rule.role == role and rule.to == "country":
                country = self.at.newest.get(rule.when)
                if country is None or country.value not in office.countries:
                    return self.at.say("referral.not_country")
        return ""
