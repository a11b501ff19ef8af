"""Deadlines and appointments of a case as iCalendar, for a calendar outside: neutral words, the
pseudonym at most, and ids.

What such a calendar tells to those who see it, it must not tell about a person. So an appointment
has a date and no name, place or purpose; one of class C3, such as a journey, is never in it; and of
a protected identity there are deadlines alone, without a pseudonym.
Source: RFC 5545.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from service.casework.casefile.case_view import CaseView
from service.casework.cases.protection import is_protected
from service.store.work import tasks
from service.text import say

if TYPE_CHECKING:
    from icalendar import Event

PRODUCT = "-//Tresteg//Tresteg//SV"
NEVER = frozenset({"C2", "C3"})
"""Classes whose days never leave the case."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One line of a calendar."""

    uid: str
    """UID of the event, the same in every file, so that a calendar moves the event that it has."""
    title: str
    starts: date | datetime
    """A day, or an aware moment."""
    link: str
    made: datetime
    klass: str = "C0"


def calendar_file(entries: Iterable[CalendarEntry], zone: str) -> bytes:
    """Entries as one file. Moments stand in `zone`, which the file describes."""
    from icalendar import Calendar  # noqa: PLC0415 - few processes make such a file

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry, ZoneInfo(zone)))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, zone: ZoneInfo) -> Event:
    from icalendar import Event  # noqa: PLC0415 - as above

    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.made)
    event.add("summary", entry.title)
    if isinstance(entry.starts, datetime):
        event.add("dtstart", entry.starts.astimezone(zone))
    else:
        event.add("dtstart", entry.starts)
        event.add("dtend", entry.starts + DAY)
    event.add("url", entry.link)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    return event


def case_entries(view: CaseView, only_task: str = "") -> tuple[CalendarEntry, ...]:
    """The deadlines of the viewer's own tasks in a case, and the appointments that she may see.

    Args:
        only_task: the key of one task; its deadline alone.
    """
    own = [task for task in view.waiting if view.mine(task) and only_task in ("", task.key)]
    deadlines = _deadlines(view, own)
    if only_task or is_protected(view.case.marking):
        return (*deadlines,)
    return (*deadlines, *_appointments(view))


def _deadlines(view: CaseView, own: Collection[tasks.Task]) -> Iterator[CalendarEntry]:
    for task in own:
        if task.due is not None:
            yield _entry(view, f"{task.key}@due", "deadline", task.due, task.key)


def _appointments(view: CaseView) -> Iterator[CalendarEntry]:
    """Answers of the fields that the programme names, as far as they are days or moments."""
    for number, field in enumerate(view.configuration.named_fields.appointments, 1):
        answer = view.shown.get(field)
        if answer is None or answer.klass in NEVER:
            continue
        starts = _moment(answer.value, view)
        if starts is not None:
            found = _entry(view, f"{view.case.id}@{number}", "appointment", starts, view.case.id)
            yield replace(found, klass=answer.klass)


def _moment(value: object, view: CaseView) -> date | datetime | None:
    if not isinstance(value, str):
        return None
    try:
        if "T" not in value:
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (
        moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(view.viewer.zone))
    )


def _entry(
    view: CaseView, uid: str, what: str, starts: date | datetime, where: str
) -> CalendarEntry:
    protected = is_protected(view.case.marking)
    facts: Mapping[str, object] = {"ref": "" if protected else view.case.ref}
    return CalendarEntry(
        uid=f"{uid}.tresteg",
        title=say(f"calendar.{what}", view.lang, **facts).strip(),
        starts=starts,
        link=f"{view.services.base_url.rstrip('/')}/go/{where}",
        made=view.now,
    )


def file_name(view: CaseView) -> str:
    """A name that tells nothing: the pseudonym, and not even that for a protected identity."""
    return "tresteg.ics" if is_protected(view.case.marking) else f"{view.case.ref}.ics"
