"""Absence of a person, and the colleague who stands in for her.

A deputy finds the tasks that the absent person has claimed among her own and may claim each without
giving a reason; she acts in her own name, and sees no more of any case than before. An absence ends
by itself after its last day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.people import accounts
from service.records.context import Services, actor
from service.records.ledger_append import append_entry
from service.store.at_hand import Read, Reader
from service.store.installation import absences, offices, people
from service.store.installation.absences import Absence
from service.store.transaction import Tx
from service.text import say

LONGEST: Final = timedelta(days=366)
"""An absence lasts at most a year: a longer one is a role that somebody else should have."""


@dataclass(frozen=True, slots=True)
class OfficeAbsences:
    """Absences of an office: today's by person, and those that are coming."""

    today: Mapping[str, Absence] = field(default_factory=dict)
    coming: tuple[Absence, ...] = ()

    def stood_in_for(self, person: str) -> frozenset[str]:
        """The persons that somebody stands in for today."""
        return frozenset(id_ for id_, one in self.today.items() if one.deputy_id == person)

    def until(self, person: str | None) -> date | None:
        """The last day of the absence that a person is in; None when she is there."""
        found = self.today.get(person or "")
        return found.last_day if found is not None else None


NOBODY_AWAY: Final = OfficeAbsences()


def load_absences(reader: Reader, office_id: str, now: datetime) -> OfficeAbsences:
    """Load who of an office is away, and will be, by its own days."""
    rows = absences.of_office(reader, office_id)
    if not rows:
        return NOBODY_AWAY
    day = office_day(reader, office_id, now)
    today = {row.person_id: row for row in rows if row.holds(day)}
    return OfficeAbsences(today, tuple(row for row in rows if row.first_day > day))


def reads_of_absences(office_id: str) -> list[Read]:
    """What `load_absences` reads."""
    return [absences.read_of_office(office_id), (offices.GET, {"id": office_id})]


def office_day(reader: Reader, office_id: str, now: datetime) -> date:
    """The day that it is at an office."""
    office = offices.get(reader, office_id)
    return now.astimezone(ZoneInfo(office.zone if office is not None else "UTC")).date()


def set_absence(
    tx: Tx,
    _services: Services,
    by: Viewer,
    now: datetime,
    *,
    person: str,
    deputy: str,
    first_day: date | None,
    last_day: date | None,
) -> None:
    """Say when a person is away and who stands in for her: herself, or a colleague who shares a
    role with her. It takes the place of what was kept of her before.

    Raises:
        NotFound: she is not of the office, or the two share no role.
        InvalidAnswers: a day is missing or in the wrong order, or the deputy is none.
    """
    colleagues = require_colleague(tx, by, person)
    stands_in = colleagues.get(deputy)
    today = office_day(tx, by.office, now)
    faults = [*_wrong_days(first_day, last_day, today)]
    shared = stands_in is not None and lane_roles(stands_in) & lane_roles(colleagues[person])
    if deputy == person or not shared:
        faults.append(FieldFault("deputy", "absence.no_deputy"))
    elif not faults and _is_away(tx, by.office, deputy, first_day, last_day):
        faults.append(FieldFault("deputy", "absence.deputy_away"))
    if faults or first_day is None or last_day is None:
        raise InvalidAnswers(tuple(faults))
    row = Absence(person, deputy, first_day, last_day, by=by.person, at=now)
    absences.save(tx, row, office=by.office)
    body = {
        "person": row.person_id,
        "deputy": row.deputy_id,
        "from": row.first_day.isoformat(),
        "until": row.last_day.isoformat(),
    }
    append_entry(tx, f"office/{by.office}", "absence_set", by=actor(by), now=now, body=body)


def _is_away(
    reader: Reader, office: str, person: str, first_day: date | None, last_day: date | None
) -> bool:
    """Whether a person of an office is away on one of the days."""
    return any(
        row.person_id == person
        and first_day is not None
        and last_day is not None
        and row.first_day <= last_day
        and first_day <= row.last_day
        for row in absences.of_office(reader, office)
    )


def end_absence(tx: Tx, _services: Services, by: Viewer, now: datetime, *, person: str) -> None:
    """End an absence before its last day, or take back one that has not begun; nothing happens when
    she is not away.

    Raises:
        NotFound: she is not of the office, or the two share no role.
    """
    require_colleague(tx, by, person)
    if absences.drop(tx, person, office=by.office):
        stream, body = f"office/{by.office}", {"person": person}
        append_entry(tx, stream, "absence_ended", by=actor(by), now=now, body=body)


def require_colleague(reader: Reader, by: Viewer, person: str) -> dict[str, people.PersonWithKey]:
    """The people of the viewer's office by id, when a person is she herself or shares a role of
    the process with her.

    Raises:
        NotFound: she is not.
    """
    known = {row.person.id: row for row in people.of_office(reader, by.office)}
    if person not in known or not (
        person == by.person or lane_roles(known[person]) & by.lane_roles
    ):
        raise NotFound
    return known


def lane_roles(row: people.PersonWithKey) -> frozenset[str]:
    """The roles of a person that lanes name."""
    return Viewer(row.person.id, row.person.office_id, row.roles).lane_roles


def _wrong_days(first: date | None, last: date | None, today: date) -> list[FieldFault]:
    faults = [
        FieldFault(name, "absence.no_day", {"date": today.isoformat()})
        for name, day in (("first_day", first), ("last_day", last))
        if day is None
    ]
    if first is not None and last is not None:
        if last < max(first, today):
            faults.append(FieldFault("last_day", "absence.wrong_order"))
        elif last - first > LONGEST:
            faults.append(FieldFault("last_day", "absence.too_long"))
    return faults


def deputies(rows: OfficeAbsences) -> dict[str, frozenset[str]]:
    """Person to the absent colleagues whom she stands in for today, of all who do."""
    found = {row.deputy_id for row in rows.today.values()}
    return {deputy: rows.stood_in_for(deputy) for deputy in found}


def offered_colleagues(
    reader: Reader, services: Services, viewer: Viewer, rows: OfficeAbsences, *, role: str = ""
) -> list[tuple[str, str]]:
    """(person id, name) of the people of the viewer's office whom work can be given to, by name;
    those who are away come last, and their names say until when.

    Args:
        role: only those who hold it; "" for all.
    """
    found = accounts.colleagues(reader, services, viewer.office, role)
    there = [(id_, name) for id_, name in found if rows.until(id_) is None]
    return [
        *there,
        *(
            (id_, say("absence.name_away", viewer.lang, name=name, date=until.isoformat()))
            for id_, name in found
            if (until := rows.until(id_)) is not None
        ),
    ]


def stood_in_for_names(
    reader: Reader, services: Services, viewer: Viewer, rows: OfficeAbsences
) -> list[str]:
    """Names of those whom the viewer stands in for today, each with the last day of her absence."""
    people = rows.stood_in_for(viewer.person)
    names = accounts.names(reader, services, people) if people else {}
    return [
        say("absence.name_away", viewer.lang, name=name, date=until.isoformat())
        for id_, name in sorted(names.items(), key=lambda pair: pair[1])
        if (until := rows.until(id_)) is not None
    ]


def absence_lines(
    reader: Reader, services: Services, viewer: Viewer, now: datetime
) -> dict[str, str]:
    """Person to a sentence that says until when she is away, or will be, and who stands in for
    her; of all of the viewer's office whose absence is not over.
    """
    today = office_day(reader, viewer.office, now)
    rows = [row for row in absences.of_office(reader, viewer.office) if row.last_day >= today]
    people = {person for row in rows for person in (row.person_id, row.deputy_id)}
    names = accounts.names(reader, services, people)
    return {
        row.person_id: say(
            "absence.is_away",
            viewer.lang,
            name=names.get(row.person_id, ""),
            deputy=names.get(row.deputy_id, ""),
            first=row.first_day.isoformat(),
            last=row.last_day.isoformat(),
        )
        for row in rows
    }
