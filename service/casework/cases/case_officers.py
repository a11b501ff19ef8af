"""The officer of a case: the person of an office whom its colleagues ask about the case.

The first who claims or sends a task of a case for her office handles it there, until somebody gives
the case to a colleague. It opens nothing: who sees what is decided by grants and roles alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from service.access import Viewer
from service.casework.cases import bars, case_visibility, protection
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.people import accounts
from service.people.absences import OfficeAbsences, lane_roles, offered_colleagues
from service.records.context import Services, actor
from service.records.ledger_append import append_entry
from service.store.at_hand import Reader
from service.store.casefile import case_officers, cases, parties
from service.store.casefile.case_officers import CaseOfficer
from service.store.changes import Writer
from service.store.installation import people
from service.store.lists import case_counts
from service.store.transaction import Tx


def begin_as_officer(
    writer: Writer, *, by: Viewer, now: datetime, case_id: str, person: str = ""
) -> None:
    """Make a person the officer of an open case that her office has none for.

    The entry that the caller writes in the stream of the case binds it.

    Args:
        person: `by` herself, or the colleague who was handed a task.
    """
    row = CaseOfficer(case_id, by.office, person or by.person, by.person, now)
    case_officers.begin(writer, row)
    case_counts.count_officer(writer, row.office_id, "", row.person_id)


def begin_if_none(tx: Tx, *, by: Viewer, now: datetime, case_id: str, person: str = "") -> None:
    """The same, unless her office has one."""
    if by.office not in case_officers.of_case(tx, case_id):
        begin_as_officer(tx, by=by, now=now, case_id=case_id, person=person)


def give_case(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case_id: str, to_person: str
) -> None:
    """Make a colleague the officer of a case, with an entry in the ledger.

    Raises:
        NotFound: `by` has no part in the case.   ReasonNeeded: she must say why she opens it.
        InvalidAnswers: the other is no colleague with a part in it, or not named for it.
    """
    case = cases.get(tx, case_id)
    holders = parties.of_case(tx, case_id)
    if case is None or not part_in(holders, by.office) & by.lane_roles:
        raise NotFound
    case_visibility.load_case_visibility(tx, services, by, case, now)
    barred = bars.load_bars(tx, case_id)
    if to_person not in candidate_ids(tx, by.office, holders) or to_person in barred.persons:
        raise InvalidAnswers((FieldFault("to", "form.not_an_option"),))
    named = protection.load_named(tx, case)
    if named is not None and to_person not in named:
        raise InvalidAnswers((FieldFault("to", "officer.not_named"),))
    was = case_officers.of_case(tx, case.id).get(by.office, "")
    if was == to_person:
        return
    case_officers.change(tx, CaseOfficer(case.id, by.office, to_person, by.person, now))
    if case.status == "open":
        case_counts.count_officer(tx, by.office, was, to_person)
    body = {"to": to_person, **({"from": was} if was else {})}
    append_entry(tx, f"case/{case.id}", "officer", by=actor(by), now=now, body=body)


def part_in(holders: Mapping[str, str], office: str) -> frozenset[str]:
    """The roles that an office has in a case.

    Args:
        holders: role to office.
    """
    return frozenset(role for role, holder in holders.items() if holder == office)


def candidate_ids(reader: Reader, office: str, holders: Mapping[str, str]) -> set[str]:
    """The people of an office who hold a role that it has in a case."""
    roles = part_in(holders, office)
    return {row.person.id for row in people.of_office(reader, office) if lane_roles(row) & roles}


def candidates(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    holders: Mapping[str, str],
    away: OfficeAbsences,
) -> list[tuple[str, str]]:
    """(person id, name) of those whom the viewer may give a case; none when she has no part."""
    if not part_in(holders, viewer.office) & viewer.lane_roles:
        return []
    ids = candidate_ids(reader, viewer.office, holders)
    offered = offered_colleagues(reader, services, viewer, away)
    return [pair for pair in offered if pair[0] in ids]


def officer_names(
    reader: Reader, services: Services, officers: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Person to name, of all who handle some cases.

    Args:
        officers: case to office to person.
    """
    return accounts.names(reader, services, officers_of(officers.values()))


def officers_of(officers: Iterable[Mapping[str, str]]) -> set[str]:
    """The persons who handle some cases.

    Args:
        officers: office to person, of each case.
    """
    return {person for of_case in officers for person in of_case.values()}
