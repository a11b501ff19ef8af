"""Deadlines and appointments as iCalendar: zones are right, and nothing tells of a person."""

from __future__ import annotations

from datetime import UTC, date, datetime

import icalendar
import pytest

from service.casework.casefile.calendar_file import CalendarEntry, calendar_file, case_entries
from service.casework.casefile.case_view import load_case_view
from tests.support.world import NOON, World

MADE = datetime(2026, 3, 1, tzinfo=UTC)


def entry(starts: date | datetime, uid: str = "a@due.tresteg") -> CalendarEntry:
    return CalendarEntry(uid, "Frist klar-vag", starts, "https://t.example/go/a", MADE)


def events(content: bytes) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(content)
    return [part for part in calendar.walk("VEVENT") if isinstance(part, icalendar.Event)]


@pytest.mark.parametrize(
    ("zone", "moment", "local"),
    [
        ("Europe/Stockholm", datetime(2026, 3, 28, 15, tzinfo=UTC), "20260328T160000"),
        ("Europe/Stockholm", datetime(2026, 3, 30, 15, tzinfo=UTC), "20260330T170000"),
        ("Asia/Bangkok", datetime(2026, 3, 30, 15, tzinfo=UTC), "20260330T220000"),
    ],
)
def test_moments_stand_in_the_zone_which_the_file_describes(
    zone: str, moment: datetime, local: str
) -> None:
    content = calendar_file([entry(moment)], zone)
    assert f"DTSTART;TZID={zone}:{local}".encode() in content
    assert f"TZID:{zone}".encode() in content
    (event,) = events(content)
    assert event.decoded("dtstart") == moment


def test_a_day_is_a_whole_day() -> None:
    content = calendar_file([entry(date(2026, 3, 30))], "Europe/Stockholm")
    assert b"DTSTART;VALUE=DATE:20260330" in content
    assert b"DTEND;VALUE=DATE:20260331" in content
    assert b"VTIMEZONE" not in content


def test_a_file_of_nothing_is_a_calendar() -> None:
    assert events(calendar_file([], "UTC")) == []
    assert b"PRODID" in calendar_file([], "UTC")


def test_an_entry_keeps_its_name_and_is_private() -> None:
    (event,) = events(calendar_file([entry(date(2026, 3, 30))], "UTC"))
    assert str(event["uid"]) == "a@due.tresteg"
    assert str(event["class"]) == "PRIVATE"
    assert str(event["url"]) == "https://t.example/go/a"


def test_a_task_without_due_date_is_no_entry(desk: World, case_id: str) -> None:
    with desk.database.transaction(write=False) as tx:
        view = load_case_view(tx, desk.program.services, desk.viewer(), case_id, NOON)
    dues = [task.due for task in view.waiting if task.due is not None]
    assert len(case_entries(view)) == len(dues)
    assert case_entries(view, "no task") == ()
