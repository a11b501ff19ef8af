"""Timers and due dates in a calendar: working days, and the calendar of an office."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from service.engine.feel.types import DATE
from service.engine.feel.values import Months
from service.engine.timing.calendars import Calendar, read_calendars
from service.engine.types import Start
from tests.engine.spiff.timer_cases import STOCKHOLM, SWEDEN, due, utc, waits
from tests.engine.walks import MONDAY, TYPES, Walk, definition
from tests.support.diagrams import diagram, end, ext, node, nodes, props, start


def test_working_days_skip_the_weekend_and_the_days_off() -> None:
    thursday = utc(2026, 1, 15, 14)
    assert due("Duration", "P2D", thursday, days="working") == utc(2026, 1, 19, 14)
    assert due("Duration", "P1D", utc(2026, 1, 5, 9), days="working") == utc(2026, 1, 7, 9)
    assert due("Duration", "P1D", utc(2026, 1, 10, 9), days="working") == utc(2026, 1, 13, 9)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, (2026, 12, 28)),
        (3, (2026, 12, 30)),
        (4, (2027, 1, 4)),
        (5, (2027, 1, 5)),
        (6, (2027, 1, 7)),
        (7, (2027, 1, 8)),
        (8, (2027, 1, 11)),
    ],
)
def test_working_days_around_the_swedish_year_end(
    days: int, expected: tuple[int, int, int]
) -> None:
    """Counted from Wednesday 23 December 2026 in the calendar that is shipped: Christmas Eve, New
    Year's Eve and Epiphany are off.
    """
    shipped = (Path(__file__).parents[3] / "workflows" / "calendars" / "sweden.json").read_bytes()
    drawn = definition(
        diagram(
            start() + waits("Duration", f"P{days}D", days="working") + end(),
            "s>w w>e",
        ),
        calendars={"calendars/sweden.json": shipped},
    )
    assert Walk(drawn, None, utc(2026, 12, 23, 9)).one("w").due == utc(*expected, 9)


def test_a_step_counts_in_the_calendar_of_its_office() -> None:
    late = node(
        "userTask",
        "a",
        ext(
            '<zeebe:assignmentDefinition candidateGroups="approver"/>'
            '<zeebe:taskSchedule dueDate="P1D"/>' + props(days="working")
        ),
    )
    calendars = {
        "calendars/sweden.json": SWEDEN,
        "calendars/finland.json": SWEDEN.replace(b"2026-01-06", b"2026-01-07").replace(
            b"Stockholm", b"Helsinki"
        ),
    }
    drawn = definition(
        diagram(start() + late + end(), "s>a a>e"),
        calendars=calendars,
    )
    assert Walk(drawn).one("a").due == utc(2026, 1, 7, 9)
    assert Walk(drawn, Start(calendars={"approver": "finland"})).one("a").due == utc(2026, 1, 6, 9)


def test_the_due_date_of_a_task_counts_from_its_opening() -> None:
    schedule = '<zeebe:taskSchedule dueDate="= duration(text)" followUpDate="= day"/>'
    work = (
        node("userTask", "a", ext(schedule))
        + nodes("userTask", "b")
        + nodes("parallelGateway", "f j")
    )
    drawn = definition(
        diagram(start() + work + end(), "s>f f>a f>b a>j b>j j>e"),
        types={**TYPES, "day": DATE},
    )
    walk = Walk(drawn, Start({"text": "P3D"}))
    assert (walk.one("a").due, walk.one("a").follow_up) == (MONDAY + timedelta(days=3), None)
    walk.later(days=1)
    walk.do("b", text="P9D", day="2026-02-01")
    assert (walk.one("a").due, walk.one("a").follow_up) == (
        MONDAY + timedelta(days=3),
        utc(2026, 1, 31, 23),
    )


def test_a_task_is_never_due_after_what_it_has_to_be_done_before() -> None:
    schedule = '<zeebe:taskSchedule dueDate="P5D"/>' + props(before="= day")
    work = (
        node("userTask", "a", ext(schedule))
        + nodes("userTask", "b")
        + nodes("parallelGateway", "f j")
    )
    drawn = definition(
        diagram(start() + work + end(), "s>f f>a f>b a>j b>j j>e"),
        types={**TYPES, "day": DATE},
    )
    walk = Walk(drawn, Start({}))
    assert walk.one("a").due == MONDAY + timedelta(days=5), "nobody knows the day"
    walk.do("b", day="2026-01-07")
    assert walk.one("a").due == utc(2026, 1, 6, 23)


def test_what_a_task_has_to_be_done_before_gives_it_no_due_date() -> None:
    task = node("userTask", "a", ext(props(before="= day")))
    drawn = definition(diagram(start() + task + end(), "s>a a>e"), types={**TYPES, "day": DATE})
    assert Walk(drawn, Start({"day": "2026-01-07"})).one("a").due is None


def test_a_calendar_is_read_from_its_file() -> None:
    calendar = read_calendars({"calendars/sweden.json": SWEDEN})["sweden"]
    assert not calendar.works(date(2026, 1, 6))
    assert not calendar.works(date(2026, 1, 10))
    assert calendar.works(date(2026, 1, 7))
    assert Calendar(STOCKHOLM).later(utc(2024, 2, 29, 9), Months(12)) == utc(2025, 2, 28, 9)
