"""Roles and fields of a process that the code needs outside its diagram: which roles answer for a
case, which fields make a plan.

The process names them in `process.toml`; the code names no role, form, element or field of any
programme.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from dataclasses import field as attribute
from typing import Any, TypeVar

from service.errors import BadSettings

Kind = TypeVar("Kind")
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
SOURCES = ("funding", "ceiling", "party", "country")
"""Where the proposal for a field may come from, besides the keys of the offices that the programme
names; the last two name a role and a field behind a colon."""


@dataclass(frozen=True, slots=True)
class RoleDuties:
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


@dataclass(frozen=True, slots=True)
class FieldNames:
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


@dataclass(frozen=True, slots=True)
class ProtectionQuestion:
    """The question of a new case about a protected identity, and what a marking leaves out."""

    field: str = ""
    """Its field; "" when no form asks."""
    answers: Mapping[str, str] = attribute(default_factory=dict)
    """Answer to the marking that the case begins with; any other answer changes nothing."""
    not_asked: Mapping[str, frozenset[str]] = attribute(default_factory=dict)
    """Marking to the fields that nobody is asked in such a case."""


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


def read_named_fields(table: Mapping[str, Any], roles: Collection[str]) -> NamedFields:
    """Read the tables `duties`, `answers`, `proposals` and `protection` of `process.toml`.

    Args:
        roles: ids of `roles.toml`; a duty of any other is refused.
    Raises:
        BadSettings: a key that is missing, unknown, or names what there is not.
    """
    duties = _filled(RoleDuties, table, "duties", lambda value: tuple(str(role) for role in value))
    for duty in fields(duties):
        for role in getattr(duties, duty.name):
            if role not in roles:
                raise BadSettings(
                    f"{FILE}: [duties] {duty.name} names {role}, which roles.toml does not have"
                )
    answers = _filled(FieldNames, table, "answers", str)
    sources = (*(f"{name}{OFFICE}" for name in table.get("offices", ())), *SOURCES)
    proposals = {
        key: _source(key, str(text), sources) for key, text in table.get("proposals", {}).items()
    }
    appointments = tuple(str(key) for key in table.get("appointments", ()))
    follow_up = str(table.get("follow_up_step", ""))
    protection = _protection(table.get("protection", {}))
    return NamedFields(duties, answers, proposals, follow_up, appointments, protection)


def _protection(table: Mapping[str, Any]) -> ProtectionQuestion:
    answers = {str(code): str(marking) for code, marking in table.get("answers", {}).items()}
    not_asked = {
        str(marking): frozenset(map(str, keys))
        for marking, keys in table.get("not_asked", {}).items()
    }
    for marking in (*answers.values(), *not_asked):
        if marking not in MARKINGS:
            raise BadSettings(
                f"{FILE}: [protection] names the marking {marking}; there are {', '.join(MARKINGS)}"
            )
    return ProtectionQuestion(str(table.get("field", "")), answers, not_asked)


def _filled(
    kind: type[Kind], table: Mapping[str, Any], name: str, read: Callable[[Any], object]
) -> Kind:
    """One of the dataclasses above from the table of that name, which has exactly its keys."""
    rows = table.get(name, {})
    wanted = {one.name for one in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    if not isinstance(rows, Mapping) or set(rows) != wanted:
        wrong = ", ".join(sorted(set(rows) ^ wanted)) if isinstance(rows, Mapping) else name
        keys = ", ".join(sorted(wanted))
        raise BadSettings(f"{FILE}: [{name}] must have exactly the keys {keys}; look at {wrong}")
    return kind(**{key: read(value) for key, value in rows.items()})


def _source(key: str, text: str, sources: Collection[str]) -> tuple[str, str]:
    source, _, named = text.partition(":")
    if source not in sources or bool(named) != (source in ("party", "country")):
        every = f"{', '.join(sources)}, the last two with a name behind a colon"
        raise BadSettings(f"{FILE}: [proposals] {key} comes from {text}; it may come from {every}")
    return source, named
