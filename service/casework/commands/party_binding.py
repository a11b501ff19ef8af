"""Offices that get a role in a case because of its answers, and the calendars that follow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from service.access import CLASSES
from service.casework.cases import given_answers
from service.casework.cases.given_answers import GivenAnswer
from service.casework.cases.loaded_case import LoadedCase
from service.forms import Form
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.release.programme import party_rules
from service.release.programme.process_configuration import ProcessConfiguration
from service.store.at_hand import Read, Reader
from service.store.casefile import facts
from service.store.installation import offices, people

Bound = dict[str, str]
"""Role to the office that gets it; `NOBODY` where whoever held it holds it no more."""
Calendars = dict[str, str]
"""Role to the calendar of the office that holds it."""


def may_rebind(configuration: ProcessConfiguration, form: Form | None) -> bool:
    """Whether answers to a form can give a role to another office."""
    keys = {field.key for field in form.fields} if form is not None else set()
    return any(row.when in keys for row in configuration.parties)


def first_parties(
    reader: Reader,
    services: Services,
    release: PreparedRelease,
    process: str,
    starter: str,
    answers: Mapping[str, Any],
) -> tuple[Bound, Calendars]:
    """Roles that have an office as a case begins, and the calendars in force then."""
    bound = _bind(reader, services, release, process, starter, {"start", *answers}, answers, tuple)
    return bound, _calendars(reader, services, bound)


def reads_of_binding(case_id: str = "") -> list[Read]:
    """What `rebind_parties` reads where answers may give a role to another office, and
    `first_parties` always.

    Args:
        case_id: "" for a case that begins.
    """
    reads: list[Read] = [(offices.DIRECTORY, {}), (people.ROLES_OF_OFFICES, {})]
    return reads + (facts.reads_of_answers(case_id, CLASSES) if case_id else [])


def rebind_parties(
    services: Services,
    loaded: LoadedCase,
    answers: Mapping[str, Any],
    earlier: Callable[[], Sequence[GivenAnswer]] | None = None,
) -> tuple[Bound, Calendars | None]:
    """Roles that get an office, or lose it, because of the answers of a task or a message, and the
    calendars in force then; None when they stay.

    Args:
        earlier: gives all answers of the case, where they are open already.
    """

    def load() -> Sequence[GivenAnswer]:
        return given_answers.load_answers(loaded.at_hand, loaded.keys, loaded.case.id)

    case = loaded.case
    bound = _bind(
        *(loaded.at_hand, services, loaded.release, case.process, case.started_by),
        set(answers),
        answers,
        earlier or load,
    )
    if not bound:
        return bound, None
    holders = party_rules.holders_after(loaded.parties, bound)
    return bound, _calendars(loaded.at_hand, services, holders)


def _bind(
    reader: Reader,
    services: Services,
    release: PreparedRelease,
    process: str,
    starter: str,
    just: Collection[str],
    answers: Mapping[str, Any],
    earlier: Callable[[], Sequence[GivenAnswer]],
) -> Bound:
    """Roles that get an office because of what was just answered."""
    rows = services.configuration(release).parties
    if not any(row.when in just for row in rows):
        return {}
    given = earlier()
    newest = {key: answer.value for key, answer in given_answers.newest(given).items()}
    named, before = services.programme.offices, given_answers.series(given)
    about = party_rules.PartyFacts(process, starter, named, just, {**newest, **answers}, before)
    return party_rules.bind_parties(rows, _open_offices(reader), about)


def _open_offices(reader: Reader) -> dict[str, party_rules.PartyOffice]:
    """Every office that is not closed, as the rules of parties read it."""
    roles = people.roles_of_offices(reader)
    return {
        office.id: party_rules.PartyOffice(
            office.id,
            office.kind,
            tuple(office.countries),
            tuple(office.municipalities),
            roles.get(office.id, frozenset()),
        )
        for office in offices.everyone(reader).values()
        if office.closed_at is None
    }


def _calendars(reader: Reader, services: Services, parties: Mapping[str, str]) -> Calendars:
    known = offices.everyone(reader)
    return {
        role: known[office].calendar or services.programme.calendar
        for role, office in sorted(parties.items())
        if office in known
    }
