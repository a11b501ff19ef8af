"""The working days of the offices: compared with lists written by hand from the almanac, not with
the rule that made them.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.engine.timing.calendars import read_calendars

from .picture import WORKFLOWS

FOLDER = WORKFLOWS / "calendars"
FILES = {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.json"))}
CALENDARS = read_calendars(FILES)
FIRST, LAST = 2026, 2032

SWEDEN = {
    2026: "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25 12-31",
    2027: "01-01 01-06 03-26 03-29 05-06 06-25 12-24 12-31",
    2028: "01-06 04-14 04-17 05-01 05-25 06-06 06-23 12-25 12-26",
}
"""National day 2026 and 2027 and 1 May 2027 lie in a week-end; Christmas 2027 too.

In 2028 New Year's Day and both eves in December do.
"""
FINLAND = {
    2026: "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25",
    2027: "01-01 01-06 03-26 03-29 05-06 06-25 12-06 12-24",
    2028: "01-06 04-14 04-17 05-01 05-25 06-23 12-06 12-25 12-26",
}


def off(name: str, year: int) -> list[str]:
    """Days off of a year, as month-day."""
    return [
        day[5:] for day in json.loads(FILES[f"{name}.json"])["off"] if day.startswith(str(year))
    ]


@pytest.mark.parametrize("year", SWEDEN)
def test_sweden_is_off_on_the_days_of_the_almanac(year: int) -> None:
    assert off("sweden", year) == SWEDEN[year].split()


@pytest.mark.parametrize("year", FINLAND)
def test_finland_is_off_on_the_days_of_the_almanac(year: int) -> None:
    assert off("finland", year) == FINLAND[year].split()


@pytest.mark.parametrize("name", ["sweden", "finland"])
def test_a_calendar_reaches_six_years_ahead(name: str) -> None:
    years = {day.year for day in CALENDARS[name].off}
    assert years == set(range(FIRST, LAST + 1))
    assert all(day.isoweekday() in CALENDARS[name].week for day in CALENDARS[name].off)


@pytest.mark.parametrize("name", [name for name in CALENDARS if name.startswith("plain-")])
def test_a_plain_calendar_has_week_ends_only(name: str) -> None:
    assert (CALENDARS[name].off, CALENDARS[name].week) == (frozenset(), frozenset({1, 2, 3, 4, 5}))


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-05 15:00", 2, "2026-03-09 15:00"),
        ("2026-04-02 09:00", 1, "2026-04-07 09:00"),
        ("2026-06-18 10:00", 1, "2026-06-22 10:00"),
        ("2026-12-23 16:00", 3, "2026-12-30 16:00"),
        ("2026-03-07 12:00", 1, "2026-03-10 12:00"),
    ],
)
def test_working_days_step_over_week_ends_and_days_off(start: str, days: int, due: str) -> None:
    zone = ZoneInfo("Europe/Stockholm")
    begun, wanted = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (start, due))
    assert CALENDARS["sweden"].later(begun, timedelta(days=days), working=True) == wanted


def test_midsummer_eve_is_off_in_both_countries_every_year() -> None:
    eves = [
        date(2026, 6, 19),
        date(2027, 6, 25),
        date(2028, 6, 23),
        date(2029, 6, 22),
        date(2030, 6, 21),
        date(2031, 6, 20),
        date(2032, 6, 25),
    ]
    assert [
        eve for eve in eves if CALENDARS["sweden"].works(eve) or CALENDARS["finland"].works(eve)
    ] == []
