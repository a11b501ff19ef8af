"""Reminders of tasks that are due or late, as letters.

A reminder moves no case and leaves no fact; the key of its letter makes it unique.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.engine import Calendar
from service.records.context import WORKER, Services
from service.records.outbox import send_letters
from service.release.programme.process_configuration import ProcessConfiguration
from service.release.programme.reminder_rules import Reminders
from service.store.casefile import parties
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import letters, tasks

BACK, AHEAD = timedelta(days=14), timedelta(days=5)
"""Tasks due in this time around now are looked at; an older reminder would come too late."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder: its kind, the task, the office that gets it, and the template of its letter."""

    kind: str
    task: tasks.TaskListRow
    office: str
    template: str

    @property
    def key(self) -> str:
        """The letter's key: one for each task and kind, for ever."""
        return f"{self.task.task.case_id}:{self.task.task.id}:{self.kind}"


def queue_reminders(tx: Tx, services: Services, *, now: datetime) -> int:
    """Queue the reminders that are due now and were not queued before; returns their number."""
    near = tasks.due_between(tx, now - BACK, now + AHEAD)
    wanted = [reminder for listed in near for reminder in _reminders(tx, services, listed, now)]
    if not wanted:
        return 0
    queued = letters.existing(tx, [reminder.key for reminder in wanted])
    known = offices.everyone(tx)
    rules = services.current_configuration(tx).reminders
    rows = [
        _letter(rules, reminder, known[reminder.office], now)
        for reminder in wanted
        if reminder.key not in queued
    ]
    send_letters(tx, rows, by=WORKER, now=now)
    return len(rows)


def _letter(
    rules: Reminders, reminder: Reminder, office: offices.Office, now: datetime
) -> letters.Letter:
    return letters.Letter(
        key=reminder.key,
        case_id=reminder.task.task.case_id,
        office_id=reminder.office,
        role=reminder.task.task.role,
        template=reminder.template,
        language=office.language,
        params={},
        needs_consent="",
        made_at=now,
        not_before=_after_quiet_hours(rules, reminder.template, office.zone, now),
    )


def _reminders(
    tx: Tx, services: Services, listed: tasks.TaskListRow, now: datetime
) -> Iterable[Reminder]:
    configuration = services.configuration_of(tx, listed.release_id)
    task, rules = listed.task, configuration.reminders
    if task.due is None or task.office_id is None:
        return
    calendar = _calendar(tx, services, listed)
    long_enough = _working_days(calendar, task.opened_at, task.due) >= rules.least_days
    if long_enough and _days_before(calendar, task.due, rules.before_days) <= now < task.due:
        yield Reminder("before", listed, task.office_id, rules.before_letter)
    for days in rules.overdue_days:
        if now >= calendar.later(task.due, timedelta(days=days), working=True):
            yield Reminder(f"late{days}", listed, task.office_id, rules.overdue_letter)
    if now >= calendar.later(task.due, timedelta(days=rules.owner_after_days), working=True):
        owner = _owner(tx, configuration, listed)
        if owner and owner != task.office_id:
            yield Reminder("owner", listed, owner, rules.owner_letter)


def _owner(tx: Tx, configuration: ProcessConfiguration, listed: tasks.TaskListRow) -> str:
    """Find the office that gets a letter when a task stays late."""
    duties = configuration.named_fields.duties
    return duties.holder(duties.late, parties.of_case(tx, listed.task.case_id))


def _calendar(tx: Tx, services: Services, listed: tasks.TaskListRow) -> Calendar:
    release = services.release(tx, listed.release_id)
    calendars = release.definitions[listed.process].calendars
    return calendars[services.programme.calendar]


def _working_days(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Count the working days between two moments."""
    day, last = (moment.astimezone(calendar.zone).date() for moment in (start, end))
    count = 0
    while day < last:
        day += timedelta(days=1)
        count += calendar.works(day)
    return count


def _days_before(calendar: Calendar, due: datetime, days: int) -> datetime:
    """Go so many working days back from a moment, to the same civil time."""
    civil = due.astimezone(calendar.zone)
    while days:
        civil -= timedelta(days=1)
        days -= calendar.works(civil.date())
    return civil


def _after_quiet_hours(rules: Reminders, template: str, zone: str, now: datetime) -> datetime:
    """Return now, or the end of the quiet hours in the office's zone where the template waits."""
    if template in rules.never_quiet:
        return now
    civil = now.astimezone(ZoneInfo(zone))
    if civil.hour >= rules.quiet_from:
        civil += timedelta(days=1)
    elif civil.hour >= rules.quiet_to:
        return now
    return civil.replace(hour=rules.quiet_to, minute=0, second=0, microsecond=0)
