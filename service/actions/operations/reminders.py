"""Reminders of tasks that are due or late.

A reminder moves no case and leaves no fact: it is a letter whose key makes it the only one of its
kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.actions.context import Services
from service.engine import Calendar
from service.store.casefile import parties
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import letters, tasks

BACK, AHEAD = timedelta(days=14), timedelta(days=5)
"""How far around now tasks are looked at: a reminder that is older than that would come too late to
help."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder: what it is about, to whom, and with which letter."""

    kind: str
    task: tasks.TaskListRow
    office: str
    template: str

    @property
    def key(self) -> str:
        """Once for each task and kind, for ever."""
        return f"{self.task.task.case_id}:{self.task.task.id}:{self.kind}"


def queue_reminders(tx: Tx, services: Services, *, now: datetime) -> int:
    """Put the reminders that are due now into the outbox; gives their number.

    What was reminded before is left alone.
    """
    near = tasks.due_between(tx, now - BACK, now + AHEAD)
    wanted = [w for listed in near for w in _wanted(tx, services, listed, now)]
    if not wanted:
        return 0
    done = letters.existing(tx, [w.key for w in wanted])
    new = [w for w in wanted if w.key not in done]
    known = offices.everyone(tx)
    rows = [
        letters.Letter(
            key=w.key,
            case_id=w.task.task.case_id,
            office_id=w.office,
            role=w.task.task.role,
            template=w.template,
            language=known[w.office].language,
            params={},
            needs_consent="",
            made_at=now,
            not_before=_after_quiet(services, w.template, known[w.office].zone, now),
        )
        for w in new
    ]
    letters.add(tx, rows)
    return len(rows)


def _wanted(
    tx: Tx, services: Services, listed: tasks.TaskListRow, now: datetime
) -> Iterable[Reminder]:
    task, rules = listed.task, services.programme.reminders
    if task.due is None or task.office_id is None:
        return
    calendar = _calendar(tx, services, listed)
    if (
        now < task.due
        and _working_days(calendar, task.opened_at, task.due) >= rules.least_days
        and now >= _back(calendar, task.due, rules.before_days)
    ):
        yield Reminder("before", listed, task.office_id, rules.before_letter)
    for days in rules.overdue_days:
        if now >= calendar.later(task.due, timedelta(days=days), working=True):
            yield Reminder(f"late{days}", listed, task.office_id, rules.overdue_letter)
    if now >= calendar.later(task.due, timedelta(days=rules.owner_after_days), working=True):
        owner = _answers_for(tx, services, listed)
        if owner and owner != task.office_id:
            yield Reminder("owner", listed, owner, rules.owner_letter)


def _answers_for(tx: Tx, services: Services, listed: tasks.TaskListRow) -> str:
    """The office that hears when a task stays late."""
    duties = services.programme.named_fields.duties
    return duties.holder(duties.late, parties.of_case(tx, listed.task.case_id))


def _calendar(tx: Tx, services: Services, listed: tasks.TaskListRow) -> Calendar:
    release = services.release(tx, listed.release_id)
    calendars = release.definitions[listed.process].calendars
    return calendars[services.programme.calendar]


def _working_days(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Working days between two moments."""
    day, last, count = (
        start.astimezone(calendar.zone).date(),
        end.astimezone(calendar.zone).date(),
        0,
    )
    while day < last:
        day += timedelta(days=1)
        count += calendar.works(day)
    return count


def _back(calendar: Calendar, due: datetime, days: int) -> datetime:
    """So many working days before a moment, at the same civil time."""
    civil = due.astimezone(calendar.zone)
    while days:
        civil -= timedelta(days=1)
        days -= calendar.works(civil.date())
    return civil


def _after_quiet(services: Services, template: str, zone: str, now: datetime) -> datetime:
    """Now, or the end of the quiet hours in the office's zone, for a letter that waits for it."""
    rules = services.programme.reminders
    if template in rules.never_quiet:
        return now
    civil = now.astimezone(ZoneInfo(zone))
    if civil.hour >= rules.quiet_from:
        civil += timedelta(days=1)
    elif civil.hour >= rules.quiet_to:
        return now
    return civil.replace(hour=rules.quiet_to, minute=0, second=0, microsecond=0)
