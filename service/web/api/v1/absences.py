"""Absences: who of the caller's office is away or will be, and who stands in for her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from service.people import accounts
from service.people.absences import load_absences
from service.web.api.v1.operations import Reply, operation
from service.web.request_context import current


@dataclass(frozen=True, slots=True)
class ListedAbsence:
    """From the first to the last day, by the calendar of their office, a person is away and the
    deputy stands in for her. `now` says whether that is so today.
    """

    person: str
    name: str
    deputy: str
    deputy_name: str
    first_day: date
    last_day: date
    now: bool


@dataclass(frozen=True, slots=True)
class AbsenceList:
    """The absences of the caller's office that are not over."""

    items: tuple[ListedAbsence, ...]


@operation("list_absences", "GET", "/absences", gives=AbsenceList)
def list_absences() -> Reply:
    """Who of the caller's office is away today or will be, and who stands in for her."""
    context = current()
    with context.transaction() as tx:
        away = load_absences(tx, context.viewer.office, context.now)
        rows = (*away.today.values(), *away.coming)
        people = {person for row in rows for person in (row.person_id, row.deputy_id)}
        names = accounts.names(tx, context.program.services, people)
    items = (
        ListedAbsence(
            row.person_id,
            names.get(row.person_id, ""),
            row.deputy_id,
            names.get(row.deputy_id, ""),
            row.first_day,
            row.last_day,
            now=row.person_id in away.today,
        )
        for row in rows
    )
    return Reply(AbsenceList(tuple(items)))
