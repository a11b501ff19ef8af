"""Giving a case to a colleague with its open tasks, and what the inbox says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.cases.case_officers import give_case
from service.casework.tasks import claims
from service.casework.tasks.inbox_list import TOLD_FOR, desk_reader
from service.people import accounts
from service.people.absences import lane_roles
from service.records.context import Services
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import case_officers, cases
from service.store.installation import people
from service.store.read_models import inbox
from service.store.transaction import Tx
from service.store.work import tasks


def give_case_with_tasks(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    to_person: str,
    tasks_too: bool,
) -> int:
    """Make a colleague the officer of a case, and hand over the tasks that she can do.

    Gives the number of tasks that went along. Tasks that a third has claimed stay with her.

    Raises:
        Whatever `give_case` and `claims.hand_over` raise.
    """
    give_case(tx, services, by, now, case_id=case_id, to_person=to_person)
    hers = {row.person.id: lane_roles(row) for row in people.of_office(tx, by.office)}
    roles = hers.get(to_person, frozenset()) & by.lane_roles
    handed = [
        task
        for task in (tasks.of_case(tx, case_id) if tasks_too else ())
        if task.office_id == by.office
        and task.role in roles
        and task.claimed_by in (None, by.person)
    ]
    for task in handed if to_person != by.person else ():
        claims.hand_over(tx, by=by, now=now, task_key=task.key, to_person=to_person)
    return len(handed)


@dataclass(frozen=True, slots=True)
class GivenCase:
    """A case that a colleague gave to the reader, who has not opened it since."""

    id: str
    ref: str
    by: str
    at: datetime


def read_of_given(viewer: Viewer, now: datetime) -> Read:
    """What `given_cases` reads first; of the cases that it finds `reads_of_their_cases` is next."""
    return case_officers.read_of_given(viewer.person, viewer.office, now - TOLD_FOR)


def reads_of_their_cases(at_hand: AtHand, viewer: Viewer, now: datetime) -> list[Read]:
    """What `given_cases` reads of the cases that were given, besides who gave them."""
    ids = {row.case_id for row in _given(at_hand, viewer, now)}
    if not ids:
        return []
    return [inbox.read_of_read_by(desk_reader(viewer, now), ids), cases.read_of_ids(ids)]


def givers(at_hand: AtHand, viewer: Viewer, now: datetime) -> set[str]:
    """The people whom `given_cases` names."""
    return {row.by for row in _given(at_hand, viewer, now)}


def _given(reader: Reader, viewer: Viewer, now: datetime) -> list[case_officers.CaseOfficer]:
    rows = case_officers.given_since(reader, viewer.person, viewer.office, now - TOLD_FOR)
    return [row for row in rows if row.case_id not in viewer.barred]


def given_cases(
    reader: Reader, services: Services, viewer: Viewer, now: datetime
) -> tuple[GivenCase, ...]:
    """Open cases that colleagues gave to the viewer and that she has not opened since."""
    rows = _given(reader, viewer, now)
    ids = {row.case_id for row in rows}
    read = inbox.read_by(reader, desk_reader(viewer, now), ids)
    new = [row for row in rows if row.case_id not in read or read[row.case_id] < row.at]
    names = accounts.names(reader, services, {row.by for row in new})
    known = {case.id: case for case in cases.of_ids(reader, ids)} if new else {}
    found = ((row, known.get(row.case_id)) for row in new)
    return tuple(
        GivenCase(case.id, case.ref, names.get(row.by, ""), row.at)
        for row, case in found
        if case is not None and case.status != "ended"
    )
