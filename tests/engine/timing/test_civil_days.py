"""A day is civil and 24 hours are 24 hours, also at both changes of the clocks.

In Stockholm the clocks go forward in the night to 28 March 2027, and back in that to 31 October.
"""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.engine.feel import Expression
from service.engine.feel.conversion import plain, typed
from service.engine.feel.literals import moment
from service.engine.feel.types import DURATION
from service.engine.feel.values import HoursDuration
from service.engine.lint import lint
from service.engine.timing.calendars import Calendar
from service.engine.timing.cycles import rounds
from service.engine.timing.durations import time_of
from service.engine.types import Open
from tests.engine.walks import Walk, small
from tests.support.diagram_files import release
from tests.support.diagrams import catch, line, task, timer

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HERE = Calendar(STOCKHOLM)
SPRING = datetime(2027, 3, 27, 12, tzinfo=STOCKHOLM)
AUTUMN = datetime(2027, 10, 30, 12, tzinfo=STOCKHOLM)
LENGTHS = [
    (SPRING, "P1D", 23),
    (SPRING, "PT24H", 24),
    (SPRING, "P7D", 24 * 7 - 1),
    (SPRING, "P2D", 47),
    (SPRING, "PT48H", 48),
    (SPRING, "P1DT24H", 47),
    (SPRING, "PT36H", 36),
    (SPRING, "PT1440M", 24),
    (AUTUMN, "P1D", 25),
    (AUTUMN, "PT24H", 24),
    (AUTUMN, "P7D", 24 * 7 + 1),
    (AUTUMN, "P2D", 49),
    (AUTUMN, "PT48H", 48),
    (AUTUMN, "P1DT24H", 49),
    (AUTUMN, "PT36H", 36),
    (AUTUMN, "PT86400S", 24),
]
SKIPPED = datetime(2027, 3, 27, 2, 30, tzinfo=STOCKHOLM)
"""The next day has no such time."""
TWICE = datetime(2027, 10, 31, 2, 30, fold=1, tzinfo=STOCKHOLM)
"""The second half past two of that night."""


def hours(start: datetime, end: datetime) -> float:
    return (end.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1)


@pytest.mark.parametrize(("start", "text", "long"), LENGTHS)
def test_a_timer_and_a_due_date_take_so_many_hours(start: datetime, text: str, long: int) -> None:
    drawn = small(
        task("a", extra=f'<zeebe:taskSchedule dueDate="{text}"/>')
        + task("b", extra=f"<zeebe:taskSchedule dueDate='=duration(\"{text}\")'/>")
        + catch("t", timer("Duration", text))
        + catch("u", timer("Duration", f'=duration("{text}")'))
        + '<bpmn:parallelGateway id="g"/>',
        "s>g g>a g>b g>t g>u a>e b>e t>e u>e",
    )
    open_ = {work.element: work for work in Walk(drawn, now=start.astimezone(UTC)).turn.open}
    assert {name: hours(start, due_of(work)) for name, work in open_.items()} == dict.fromkeys(
        "abtu", long
    )


def due_of(work: Open) -> datetime:
    assert work.due is not None
    return work.due


@pytest.mark.parametrize(("start", "text", "long"), LENGTHS)
def test_arithmetic_of_feel_says_the_same(start: datetime, text: str, long: int) -> None:
    def ask(feel: str, at: datetime = start) -> Any:
        return Expression(feel, ["at"]).evaluate({"at": at})

    end = ask(f'at + duration("{text}")')
    assert hours(start, end) == long
    assert end.tzinfo == STOCKHOLM
    assert ask(f'duration("{text}") + at') == end
    assert ask("at + (end - at)".replace("end", f'(at + duration("{text}"))')) == end
    assert ask(f'at - duration("-{text}")') == end


@pytest.mark.parametrize(
    ("text", "back"), [("P1D", 23), ("PT24H", 24), ("PT72H", 72), ("P3D", 71), ("PT36H", 36)]
)
def test_time_before_a_departure_is_counted_the_same_way(text: str, back: int) -> None:
    leaves = datetime(2027, 3, 28, 12, tzinfo=STOCKHOLM)
    asked = Expression(f'at - duration("{text}")', ["at"]).evaluate({"at": leaves})
    assert hours(asked, leaves) == back


def test_a_daily_cycle_is_civil_and_one_of_24_hours_is_not() -> None:
    ends = {
        text: HERE.later(SPRING, found.period, 2)
        for text in ("R/P1D", "R/PT24H")
        if (found := rounds(text)) is not None
    }
    assert {text: hours(SPRING, end) for text, end in ends.items()} == {"R/P1D": 47, "R/PT24H": 48}


def test_hours_begin_at_the_right_one_of_two_equal_times() -> None:
    step = time_of("PT1H")
    assert isinstance(step, timedelta)
    assert hours(TWICE, HERE.later(TWICE, step)) == 1


def test_a_day_may_end_at_a_time_that_is_skipped() -> None:
    asked = Expression('at + duration("P1D")', ["at"]).evaluate({"at": SKIPPED})
    assert asked == HERE.later(SKIPPED, timedelta(days=1))
    assert hours(SKIPPED, asked) == 24


@pytest.mark.parametrize(
    ("feel", "text"),
    [
        ('duration("PT24H")', "PT24H"),
        ('duration("P1D")', "P1D"),
        ('duration("P1DT24H")', "P1DT24H"),
        ('duration("-PT36H")', "-PT36H"),
        ('duration("P1D") + duration("PT24H")', "P1DT24H"),
        ('duration("P2D") - duration("PT12H")', "P1DT12H"),
        ('duration("PT24H") * 2', "PT48H"),
        ('duration("P1D") * 2', "P2D"),
        ('duration("P1D") / 2', "PT12H"),
        ('abs(duration("-PT24H"))', "PT24H"),
        ('duration("PT24H") - duration("PT24H")', "PT0S"),
    ],
)
def test_a_duration_stays_what_it_was_written_as(feel: str, text: str) -> None:
    value = Expression(feel, []).evaluate({})
    assert plain(value, DURATION) == text
    assert plain(typed(text, DURATION), DURATION) == text
    assert {plain(same, DURATION) for same in (copy.deepcopy(value), again(value))} == {text}


def again(value: object) -> object:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


@pytest.mark.parametrize(
    "feel",
    [
        'duration("PT24H") = duration("P1D")',
        'duration("PT24H") <= duration("P1D")',
        'not(duration("PT25H") < duration("P1D"))',
        'duration("PT24H") in [duration("PT1H")..duration("P2D")]',
        'duration("PT25H").days = 1',
        'duration("PT48H") / duration("P1D") = 2',
    ],
)
def test_to_feel_a_day_has_24_hours(feel: str) -> None:
    assert Expression(feel, []).evaluate({}) is True


def test_less_than_a_day_of_hours_is_a_plain_duration() -> None:
    assert type(moment("P2DT23H")) is timedelta
    assert type(moment("PT23H")) is timedelta
    assert type(moment("PT24H")) is HoursDuration


def test_working_days_are_not_counted_in_hours() -> None:
    working = '<zeebe:properties><zeebe:property name="days" value="working"/></zeebe:properties>'
    found = {
        text: {
            f.code
            for f in lint(
                release(
                    line(
                        task("a", extra=f'<zeebe:taskSchedule dueDate="{text}"/>{working}'),
                        "s>a a>e",
                    )
                )
            )
        }
        for text in ("P1D", "PT24H")
    }
    assert "D909.working" not in found["P1D"]
    assert any(code.startswith("D909") for code in found["PT24H"])
