"""Lengths of time that timers know beside FEEL's: weeks, and months with days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.engine.feel.values import Months
from service.engine.lint import lint
from service.engine.timing.calendars import Calendar
from service.engine.timing.cycles import rounds
from service.engine.timing.durations import MixedDuration, time_of
from tests.engine.walks import MONDAY, small
from tests.support.diagram_files import release
from tests.support.diagrams import border, catch, line, task, timer

HERE = Calendar(ZoneInfo("Europe/Stockholm"))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P2W", timedelta(days=14)),
        ("P1Y2M3DT4H", MixedDuration(Months(14), timedelta(days=3, hours=4))),
        ("P1M1W", MixedDuration(Months(1), timedelta(days=7))),
        ("P1W2D", timedelta(days=9)),
        ("P1MT0S", Months(1)),
        ("P0Y0M2D", timedelta(days=2)),
        ("P1M", Months(1)),
        ("PT36H", timedelta(hours=36)),
        ("2026-03-01", date(2026, 3, 1)),
        *(
            (text, None)
            for text in (
                "",
                "P",
                "PT",
                "P1MT",
                "P1M2",
                "-P1M2D",
                "P0.5M",
                "P1.5W",
                "0 0 * * *",
                "P9999999W9D",
                "P999999W999999999D",
                "P1H",
                "P1MTx",
                "P1YT5",
            )
        ),
    ],
)
def test_a_text_is_a_length_a_date_or_nothing(text: str, length: object) -> None:
    assert time_of(text) == length


def test_months_come_first_and_clamp_then_civil_days_then_hours() -> None:
    start = datetime(2026, 1, 31, 9, tzinfo=UTC)
    assert HERE.later(start, MixedDuration(Months(1), timedelta(days=1, hours=2))) == datetime(
        2026, 3, 1, 11, tzinfo=UTC
    )
    across_summer_time = HERE.later(
        datetime(2026, 2, 28, 9, tzinfo=UTC), MixedDuration(Months(1), timedelta(days=2))
    )
    assert across_summer_time == datetime(2026, 3, 30, 8, tzinfo=UTC), (
        "ten o'clock stays ten o'clock"
    )


def test_a_cycle_may_have_a_mixed_period_from_its_anchor() -> None:
    found = rounds("R3/P1M1D")
    assert found is not None
    assert HERE.later(MONDAY, found.period, 2) == datetime(2026, 3, 7, 9, tzinfo=UTC)


def test_a_timer_waits_so_long(request: pytest.FixtureRequest) -> None:
    del request
    drawn = small(catch("t", timer("Duration", "P1M1W")), "s>t t>e")
    assert drawn.elements["t"].kind == "intermediateCatchEvent"


@pytest.mark.parametrize("text", ["P2W", "P1Y2M3DT4H", "P1M1W"])
def test_the_linter_takes_them_for_timers_cycles_and_due_dates(text: str) -> None:
    due = f'<zeebe:taskSchedule dueDate="{text}"/>'
    body = (
        task(extra=due)
        + border("b", "a", timer("Cycle", f"R2/{text}"), interrupting=False)
        + catch("c", timer("Duration", text))
    )
    assert {
        f.code for f in lint(release(line(body, "s>a a>c c>e b>e"))) if f.severity == "E"
    } == set()


def test_ten_years_and_a_day_is_too_long_for_a_timer() -> None:
    long = release(line(task() + catch("c", timer("Duration", "P10Y1D")), "s>a a>c c>e"))
    assert "D910" in {f.code for f in lint(long)}
