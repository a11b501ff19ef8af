"""Roles and fields of a process that the code needs outside its diagram: which roles answer for a
case, which fields make a plan.

The process names them in `process.toml`; the code names no role, form, element or field of any
programme.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from msgspec import Struct
from msgspec import field as named

from service.release.programme.typed_tables import WrongTable, require_one_of, typed

FILE = "process.toml"
MARKINGS = (
    "NONE",
    "PROGRAMME_PROTECTED",
    "SEKRETESSMARKERING",
    "SKYDDAD_FOLKBOKFORING",
    "FINGERADE_UPPGIFTER",
)
"""Protection markings of a case, from the weakest to the strongest."""
OFFICE = "_office"
"""Ends the keys with which an installation names an office for something."""
NAMING = ("party", "country")
"""Sources that name a role and a field behind a colon."""
SOURCES = ("funding", "ceiling", *NAMING)
"""Where the proposal for a field may come from, besides the keys of the offices that the programme
names."""


class RoleDuties(Struct, frozen=True, forbid_unknown_fields=True):
    """Roles that have a duty besides their tasks.

    Where several are named, the first that an office holds in the case counts.
    """

    owner: tuple[str, ...]
    """Whose office has the case."""
    late: tuple[str, ...]
    """Whose office gets the letter when a task stays late."""
    marking: tuple[str, ...]
    """Whose office may correct the protection marking."""
    raising: tuple[str, ...]
    """Whose office may raise it, and not lower it."""
    manager: tuple[str, ...]
    """Who has claimed a task of these is a manager of the case."""

    def holder(self, duty: Collection[str], parties: Mapping[str, str]) -> str:
        """The office that has a duty in a case, or empty."""
        return next((parties[role] for role in duty if role in parties), "")


class FieldNames(Struct, frozen=True, forbid_unknown_fields=True):
    """Fields of the forms that the code reads, by what they are for."""

    diary_number: str
    given_names: str
    family_name: str
    language: str
    """The languages that the person speaks: papers are made in the first that they can be made in.
    """
    purposes_withdrawn: str
    withdrawn_on: str
    plan_goals: str
    plan_activities: str
    plan_total: str
    plan_new_total: str
    plan_ceiling: str
    plan_reason: str
    plan_delivered: str
    money_funder: str
    plan_row: str
    plan_due: str
    plan_state: str
    plan_dropped: str
    plan_why: str
    plan_over: str
    plan_over_value: str


class CardWords(Struct, frozen=True, forbid_unknown_fields=True):
    """What two words on a card are given for, and what becomes of what is said with them."""

    given_with: str = ""
    """Field that who gives words must be able to see; "" when the process has no such words."""
    reads: str = ""
    """Field that says whether the person reads; "" when no form asks."""
    cannot_read: tuple[str, ...] = ()
    """Its answers with which the card is proposed with pictures."""
    child: str = ""
    """Routing value: whether the person is a child, who may choose words; "" when nobody may."""
    message: str = ""
    """Message to the case that they find."""
    said: str = ""
    """What is said: a routing field of the call, and a routing value of the message."""
    printed: str = ""
    """Routing value: whether they were said in the order on the card."""
    at: str = ""
    """Routing value: the moment of the call."""
    kept: tuple[str, ...] = ()
    """Fields of the call that the found case keeps as answers too."""
    apart: tuple[str, ...] = ()
    """What is said and is not brought into the found case: complaints."""
    found: str = ""
    """Routing value of the call's own case: whether a case was found."""
    wrong: str = ""
    """Routing value of it: how many calls of the office found none on that day."""


@dataclass(frozen=True, slots=True)
class ProtectionQuestion:
    """The question of a new case about a protected identity, and what a marking leaves out."""

    field: str = ""
    """Its field; "" when no form asks."""
    said: str = ""
    """Field of a call: what the person says of it herself; "" when no form asks."""
    answers: Mapping[str, str] = attribute(default_factory=dict)
    """Answer to the marking that the case begins with; any other answer changes nothing."""
    not_asked: Mapping[str, frozenset[str]] = attribute(default_factory=dict)
    """Marking to the fields that nobody is asked in such a case."""


class AboutRow(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom an answer to the first question of a complaint means."""

    roles: tuple[str, ...] = ()
    """Roles: everybody who holds one, unless the complaint names an office."""
    offices: tuple[str, ...] = ()
    """What the programme names offices for."""
    always: tuple[str, ...] = ()
    """Roles that are meant also when the complaint names an office."""


@dataclass(frozen=True, slots=True)
class ComplaintQuestions:
    """The questions of a complaint that say about whom it is, and who may handle one."""

    role: str = ""
    """Field of the first question; "" when no form asks it."""
    office: str = ""
    person: str = ""
    about: Mapping[str, AboutRow] = attribute(default_factory=dict)
    """Answer to the first question to whom it means; any other answer means nobody in particular.
    """
    handled_by: Mapping[str, str] = attribute(default_factory=dict)
    """What the programme names an office for to the role in which it handles complaints."""
    free: Mapping[str, str] = attribute(default_factory=dict)
    """What the programme names an office for to the routing name that says whether it may."""
    about_case: str = ""
    """Field of the decision with the case that the complaint is about."""
    leaves: str = ""
    """Field of the decision: whether somebody leaves that case."""
    leaves_person: str = ""
    leaves_office: str = ""
    left: str = ""
    """Routing name that says what became of it."""


class RequestNames(Struct, frozen=True, forbid_unknown_fields=True):
    """What decides who may be given a copy of what is kept of a child."""

    guardian: str = ""
    """Routing value: whether who decides for the child may be involved in what happened; "" when
    the process has none, and no guardian is given anything."""
    free: tuple[str, ...] = ()
    """Its values with which a guardian is given something. With any other, and while nobody has
    said, a guardian is given nothing."""


@dataclass(frozen=True, slots=True)
class NamedFields:
    """Duties, field names, proposals and the step of follow-ups of one programme."""

    duties: RoleDuties
    answers: FieldNames
    proposals: Mapping[str, tuple[str, str]]
    """Field to (source, what it names)."""
    follow_up: str
    """The element whose tasks are the follow-ups."""
    appointments: tuple[str, ...] = ()
    """Fields whose days or moments are appointments, in the order of their numbers in calendars."""
    protection: ProtectionQuestion = ProtectionQuestion()
    complaint: ComplaintQuestions = ComplaintQuestions()
    words: CardWords = attribute(default=CardWords())
    paused: str = ""
    """Routing name that is true while the person pauses; "" when nobody can."""
    requests: RequestNames = attribute(default=RequestNames())
    alarms: frozenset[str] = frozenset()
    """Processes that are an alarm: while one goes on in a call, nothing is erased of the case that
    the call is about."""


class _NamedFieldsFile(Struct):
    duties: RoleDuties
    answers: FieldNames
    offices: tuple[str, ...] = ()
    proposals: Mapping[str, str] = {}
    follow_up: str = named(name="follow_up_step", default="")
    appointments: tuple[str, ...] = ()
    protection: ProtectionQuestion = ProtectionQuestion()
    complaint: ComplaintQuestions = ComplaintQuestions()
    words: CardWords = CardWords()
    paused: str = ""
    requests: RequestNames = RequestNames()
    alarms: tuple[str, ...] = ()


def read_named_fields(table: Mapping[str, Any], roles: Collection[str]) -> NamedFields:
    """Read the tables of `process.toml` that name roles and fields.

    Args:
        roles: ids of `roles.toml`; a duty of any other is refused.
    Raises:
        WrongTable: a key that is missing, unknown, or names what there is not.
    """
    file = typed(table, _NamedFieldsFile)
    for duty in RoleDuties.__struct_fields__:
        for role in getattr(file.duties, duty):
            require_one_of(role, roles, "duties", duty)
    for marking in (*file.protection.answers.values(), *file.protection.not_asked):
        require_one_of(marking, MARKINGS, "protection")
    for answer, row in file.complaint.about.items():
        for role in (*row.roles, *row.always):
            require_one_of(role, roles, "complaint", "about", answer)
        for name in row.offices:
            require_one_of(name, file.offices, "complaint", "about", answer)
    for name, role in file.complaint.handled_by.items():
        require_one_of(name, file.offices, "complaint", "handled_by")
        require_one_of(role, roles, "complaint", "handled_by", name)
    sources = (*(f"{name}{OFFICE}" for name in file.offices), *SOURCES)
    return NamedFields(
        file.duties,
        file.answers,
        {key: _source(key, text, sources) for key, text in file.proposals.items()},
        file.follow_up,
        file.appointments,
        file.protection,
        file.complaint,
        file.words,
        file.paused,
        file.requests,
        frozenset(file.alarms),
    )


def _source(key: str, text: str, sources: Collection[str]) -> tuple[str, str]:
    source, _, about = text.partition(":")
    if source not in sources or bool(about) != (source in NAMING):
        every = ", ".join(f"{one}:…" if one in NAMING else one for one in sources)
        raise WrongTable("choice", "proposals", key, name=text, choices=every)
    return source, about
