"""Timers: calendar months, zones, daylight saving, working days, dates that follow their variable,
missed rounds, and dates of tasks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.engine.feel.types import DATE
from service.engine.spiff.timers import at, milliseconds
from service.engine.timing.cycles import rounds
from service.engine.types import Due, Start
from service.errors import EngineStopped, NotDue
from tests.engine.spiff.timer_cases import STOCKHOLM, due, utc, waits
from tests.engine.walks import MONDAY, TYPES, Walk, definition, small
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    end,
    ext,
    nodes,
    props,
    start,
    timer,
)


def test_days_are_civil_and_hours_real_when_the_clocks_change() -> None:
    spring, autumn = utc(2026, 3, 28, 11), utc(2026, 10, 24, 10)
    assert due("Duration", "P1D", spring) == utc(2026, 3, 29, 10)
    assert due("Duration", "P1D", autumn) == utc(2026, 10, 25, 11)
    assert due("Duration", "PT23H", spring) == spring + timedelta(hours=23)


def test_a_skipped_civil_time_takes_the_offset_before_it() -> None:
    assert due("Date", "2026-03-29T02:30:00") == utc(2026, 3, 29, 1, 30)
    assert due("Date", "2026-10-25T02:30:00") == utc(2026, 10, 25, 0, 30)


def test_a_date_is_its_first_moment_in_the_zone() -> None:
    assert due("Date", "2026-03-01") == utc(2026, 2, 28, 23)
    assert due("Date", "2026-03-01", zone="Europe/Bucharest") == utc(2026, 2, 28, 22)
    assert due("Date", "2026-03-01T09:00:00+00:00") == utc(2026, 3, 1, 9)


def test_months_are_calendar_months_counted_from_the_anchor() -> None:
    work = nodes("userTask", "a r") + border("t", "a", timer("Cycle", "R/P1M"), interrupting=False)
    walk = Walk(small(work, "s>a a>e t>r r>f", "e f"), now=utc(2026, 1, 31, 9))
    seen = []
    for _ in range(4):
        seen.append(walk.one("t").due)
        walk.do("t")
    assert [d and (d.month, d.day) for d in seen] == [(2, 28), (3, 31), (4, 30), (5, 31)]
    assert {d and d.astimezone(STOCKHOLM).hour for d in seen} == {10}


def test_a_monthly_timer_of_five_years_leaves_the_state_flat() -> None:
    work = nodes("userTask", "a r") + border(
        "t", "a", timer("Cycle", "R60/P1M"), interrupting=False
    )
    walk, sizes = Walk(small(work, "s>a a>e t>r r>f", "e f")), []
    for _ in range(60):
        walk.do("t")
        walk.do("r")
        sizes.append(len(walk.state))
    assert walk.now == utc(2031, 1, 5, 9)
    assert walk.open() == ["a"]
    assert max(sizes[:-1]) - min(sizes[:-1]) < 24


def test_a_timer_fires_when_due_and_not_a_millisecond_earlier() -> None:
    walk = Walk(small(waits("Duration", "PT1H"), "s>w w>e"))
    timer_id = walk.one("w").id
    with pytest.raises(NotDue):
        walk.act(Due(timer_id), MONDAY + timedelta(hours=1) - timedelta(milliseconds=1))
    assert walk.act(Due(timer_id), MONDAY + timedelta(hours=1)).finished


def test_after_downtime_one_round_fires_and_missed_ones_count() -> None:
    work = nodes("userTask", "a r") + border(
        "t", "a", timer("Cycle", "R30/P1D"), interrupting=False
    )
    walk = Walk(small(work, "s>a a>e t>r r>f", "e f"), now=utc(2026, 1, 1, 8))
    walk.act(Due(walk.one("t").id), utc(2026, 1, 21, 9))
    assert walk.steps_of("missed") == [("t", (19,))]
    assert walk.one("t").due == utc(2026, 1, 22, 8)
    assert walk.open("task") == ["a", "r"]
    for _ in range(10):
        walk.do("t")
    assert walk.open("timer") == []


def test_every_missed_round_is_made_up_when_the_diagram_says_so() -> None:
    every = border("t", "a", ext(props(missed="all")) + timer("Cycle", "R/P1D"), interrupting=False)
    walk = Walk(
        small(nodes("userTask", "a r") + every, "s>a a>e t>r r>f", "e f"), now=utc(2026, 1, 1, 8)
    )
    walk.now = utc(2026, 1, 4, 9)
    fired = 0
    while (opened := walk.one("t")).due is not None and opened.due <= walk.now:
        walk.act(Due(opened.id))
        fired += 1
    assert (fired, walk.open("task").count("r")) == (3, 3)


def test_a_cycle_keeps_the_period_that_it_was_armed_with() -> None:
    work = (
        nodes("userTask", "a b r")
        + border("t", "a", timer("Cycle", "= text"), interrupting=False)
        + nodes("parallelGateway", "f j")
    )
    walk = Walk(small(work, "s>f f>a f>b a>j b>j j>e t>r r>k", "e k"), Start({"text": "R3/P7D"}))
    walk.do("b", text="R3/P1D")
    walk.do("t")
    assert walk.one("t").due == MONDAY + timedelta(days=14)


def test_a_date_timer_follows_its_variable_unlike_a_duration() -> None:
    work = (
        nodes("userTask", "a")
        + nodes("parallelGateway", "f j")
        + waits("Date", "= day")
        + catch("v", timer("Duration", "= duration(text)"))
    )
    drawn = definition(
        diagram(
            start() + work + end(),
            "s>f f>a f>w f>v a>j w>j v>j j>e",
        ),
        types={**TYPES, "day": DATE},
    )
    walk = Walk(drawn, Start({"text": "P7D"}))
    assert (walk.one("w").due, walk.one("v").due) == (None, MONDAY + timedelta(days=7))
    walk.do("a", day="2026-02-01", text="P1D")
    assert (walk.one("w").due, walk.one("v").due) == (
        utc(2026, 1, 31, 23),
        MONDAY + timedelta(days=7),
    )
    assert ("w", ("2026-01-31T23:00:00+00:00",)) in walk.steps_of("armed")
    assert walk.turn.next_due == MONDAY + timedelta(days=7)


def test_leap_days_year_ends_and_month_ends_follow_the_calendar() -> None:
    assert due("Duration", "P1D", utc(2028, 2, 28, 9)) == utc(2028, 2, 29, 9)
    assert due("Duration", "P1Y", utc(2028, 2, 29, 9)) == utc(2029, 2, 28, 9)
    assert due("Duration", "P4Y", utc(2028, 2, 29, 9)) == utc(2032, 2, 29, 9)
    assert due("Duration", "P1M", utc(2026, 12, 31, 9)) == utc(2027, 1, 31, 9)
    assert due("Duration", "P2M", utc(2026, 12, 31, 9)) == utc(2027, 2, 28, 9)
    assert due("Duration", "PT36H", utc(2026, 12, 31, 18)) == utc(2027, 1, 2, 6)
    assert due("Date", "2027-01-01", utc(2026, 12, 31, 9)) == utc(2026, 12, 31, 23)


def test_a_yearly_timer_of_a_leap_day_comes_back_to_it() -> None:
    work = nodes("userTask", "a r") + border("t", "a", timer("Cycle", "R/P1Y"), interrupting=False)
    walk, seen = Walk(small(work, "s>a a>e t>r r>f", "e f"), now=utc(2028, 2, 29, 9)), []
    for _ in range(4):
        seen.append(walk.one("t").due)
        walk.do("t")
    assert seen == [
        utc(2029, 2, 28, 9),
        utc(2030, 2, 28, 9),
        utc(2031, 2, 28, 9),
        utc(2032, 2, 29, 9),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "R/PT0S",
        "R0/P1D",
        "R/P1DT",
        "R/-P1D",
        "3/P1D",
        "R/x/P1D",
        "R9999/P1D",
        "R/P1D/2026-01-01",
        "Rx/P1D",
        "",
    ],
)
def test_what_is_no_repeating_time_is_not_read_as_one(text: str) -> None:
    assert rounds(text) is None


def test_a_wrong_kind_of_time_stops_the_case_at_the_timer() -> None:
    drawn = small(waits("Duration", "= n"), "s>w w>e")
    with pytest.raises(EngineStopped) as stopped:
        Walk(drawn, Start({"n": 3}))
    assert (stopped.value.kind, stopped.value.element) == ("expression", "w")


def test_moments_survive_the_state_to_the_millisecond() -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 123000, UTC)
    assert at(milliseconds(moment)) == moment


@given(asked=st.lists(st.integers(1, 60), min_size=1, max_size=12), period=st.integers(1, 5))
def test_a_cycle_fires_at_its_rounds_or_counts_them_as_missed(
    asked: list[int], period: int
) -> None:
    daily = ext(props(zone="UTC")) + timer("Cycle", f"R/P{period}D")
    work = nodes("userTask", "a r") + border("t", "a", daily, interrupting=False)
    walk, used, now = (
        Walk(small(work, "s>a a>e t>r r>f", "e f"), now=utc(2026, 4, 1, 8)),
        0,
        utc(2026, 4, 1, 8),
    )
    for days in asked:
        now += timedelta(days=days)
        opened = walk.one("t")
        assert opened.due == utc(2026, 4, 1, 8) + timedelta(days=period * (used + 1))
        if opened.due <= now:
            walk.act(Due(opened.id), now)
            used += 1 + sum(int(detail[0]) for _, detail in walk.steps_of("missed"))


def test_a_cycle_with_a_start_fires_first_at_its_start() -> None:
    guard = border("t", "a", timer("Cycle", "R2/2026-01-07T09:00:00Z/P1D"), interrupting=False)
    walk = Walk(small(nodes("userTask", "a r") + guard, "s>a a>e t>r r>f", "e f"))
    first = walk.one("t").due
    assert first is not None
    assert first.isoformat() == "2026-01-07T09:00:00+00:00"
    walk.later(days=2)
    walk.do("t")
    second = walk.one("t").due
    assert second is not None
    assert (second - first).days == 1
