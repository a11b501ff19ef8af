"""Timers that would never rest: what FEEL gives is held to what the linter demands of constants,
and a worker that was off for a year does not make up for it in one turn.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.engine.feel.types import DATE
from service.engine.limits import ENDLESS_LEAST, ROUNDS, TIMER_LEAST
from service.engine.timing.calendars import Calendar
from service.engine.types import Due, Start
from service.errors import EngineStopped
from tests.engine.walks import MONDAY, TYPES, Walk, definition, small
from tests.support.diagrams import (
    border,
    both,
    catch,
    diagram,
    end,
    ext,
    job,
    node,
    nodes,
    props,
    start,
    timer,
    xor,
)

YEAR = timedelta(days=365)
MORE = {**TYPES, "day": DATE}


def looped(waits: str, more: str = "") -> Walk:
    """A wait `w` in a loop that goes on until `yes`."""
    gates = xor("m") + xor("g", default="g_m")
    body = start() + gates + waits + more + end()
    way = "w>x x>g" if more else "w>g"
    drawn = definition(diagram(body, f"s>m m>w {way} g>m g>e[yes]"), types=MORE)
    return Walk(drawn, Start({"text": "PT0S", "yes": False, "day": "2026-01-01"}))


def wait(way: str, text: str) -> str:
    return catch("w", timer(way, text))


@pytest.mark.parametrize("text", ["PT0S", "PT59S", "-P1D"])
def test_a_computed_duration_takes_a_minute_at_least(text: str) -> None:
    drawn = small(wait("Duration", "= duration(text)"), "s>w w>e")
    walk = Walk(drawn, Start({"text": text}))
    assert walk.one("w").due == MONDAY + TIMER_LEAST


def test_a_computed_duration_of_a_minute_stays_as_it_is() -> None:
    drawn = small(wait("Duration", "= duration(text)"), "s>w w>e")
    assert Walk(drawn, Start({"text": "PT61S"})).one("w").due == MONDAY + timedelta(seconds=61)


def test_a_loop_of_computed_durations_fires_once_a_minute() -> None:
    walk = looped(wait("Duration", "= duration(text)"))
    for _ in range(50):
        walk.do("w")
    assert walk.now == MONDAY + 50 * TIMER_LEAST


def test_a_date_that_has_passed_is_due_at_once_the_first_time() -> None:
    walk = looped(wait("Date", "= day"))
    assert (due := walk.one("w").due) is not None
    assert due < MONDAY


@pytest.mark.parametrize("more", ["", job("x")])
def test_a_loop_of_passed_dates_fires_once_a_minute(more: str) -> None:
    walk = looped(wait("Date", "= day"), more)
    for _ in range(50):
        walk.do("w")
        if more:
            walk.do("x")
    assert walk.now == MONDAY + 49 * TIMER_LEAST


def test_a_date_that_a_person_comes_back_to_is_due_at_once() -> None:
    walk = looped(wait("Date", "= day"), node("userTask", "x"))
    walk.do("w")
    walk.do("x")
    assert (due := walk.one("w").due) is not None
    assert due < MONDAY


def test_a_date_that_was_held_back_stays_so_until_it_is_moved() -> None:
    gates = xor("m") + both("f")
    body = start() + gates + wait("Date", "= day") + nodes("userTask", "a b")
    drawn = definition(diagram(body + end(), "s>f f>m f>a a>b b>e m>w w>m"), types=MORE)
    walk = Walk(drawn, Start({"day": "2026-01-01"}))
    walk.do("w")
    held = walk.one("w").due
    walk.do("a")
    assert walk.one("w").due == held == MONDAY + TIMER_LEAST
    walk.do("b", day="2026-02-01")
    assert str(walk.one("w").due) == "2026-01-31 23:00:00+00:00"


def reminders(text: str, missed: str = "once", value: str = "") -> Walk:
    """A task `a` with a cycle `t` on its border, in UTC."""
    marked = ext(props(missed=missed, zone="UTC")) + timer("Cycle", text)
    work = nodes("userTask", "a") + border("t", "a", marked, interrupting=False)
    return Walk(small(work, "s>a a>e t>f", "e f"), Start({"text": value}))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("R/PT1M", ENDLESS_LEAST),
        ("R/2026-01-05T09:00:00/PT1M", ENDLESS_LEAST),
        ("R/PT90M", timedelta(minutes=90)),
        ("R5/PT1M", TIMER_LEAST),
        ("R/PT30S", ENDLESS_LEAST),
        ("R/-P1D", ENDLESS_LEAST),
        ("R3/PT30S", TIMER_LEAST),
        ("R3/PT0S", TIMER_LEAST),
        ("R3/P0M", TIMER_LEAST),
        ("R3/2026-01-05T09:00:00/PT30S", TIMER_LEAST),
    ],
)
def test_a_computed_cycle_has_the_least_time_between_rounds(text: str, period: timedelta) -> None:
    walk = reminders("= text", value=text)
    walk.do("t")
    first = walk.now
    walk.do("t")
    assert walk.now - first == period


@pytest.mark.parametrize("text", ["PT30S", "R0/PT30S", "R9999/P1D", "soon"])
def test_a_computed_text_that_is_no_cycle_stops_the_case(text: str) -> None:
    with pytest.raises(EngineStopped) as stop:
        reminders("= text", value=text)
    assert (stop.value.kind, stop.value.element) == ("expression", "t")


@pytest.mark.parametrize("text", ["R/PT1M", "R/2000-01-01T00:00:00/PT1M"])
def test_rounds_of_a_year_that_were_missed_are_one_firing(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk, asked, later = reminders(text), [0], Calendar.later

    def counted(*args: object, **more: object) -> object:
        asked[0] += 1
        return later(*args, **more)  # type: ignore[arg-type] # what it was called with

    monkeypatch.setattr(Calendar, "later", counted)
    walk.now = MONDAY + YEAR + timedelta(seconds=30)
    walk.act(Due(walk.one("t").id))
    ((_, (missed,)),) = walk.steps_of("missed")
    assert int(missed) >= 365 * 24 * 60 - 1
    assert walk.one("t").due == MONDAY + YEAR + TIMER_LEAST
    assert asked[0] < 100


def test_the_last_thousand_missed_rounds_are_made_up_one_by_one() -> None:
    walk = reminders("R/PT1H", "all")
    walk.now = MONDAY + YEAR
    hours = 365 * 24
    walk.act(Due(walk.one("t").id))
    assert walk.steps_of("missed") == [("t", (hours - ROUNDS - 1,))]
    made_up = 0
    while (due := walk.one("t").due) is not None and due <= walk.now:
        walk.act(Due(walk.one("t").id))
        made_up += 1
    assert made_up == ROUNDS
    assert walk.one("t").due == MONDAY + YEAR + ENDLESS_LEAST


def test_a_counted_cycle_ends_with_its_last_round_after_downtime() -> None:
    walk = reminders("R5/PT1H")
    walk.now = MONDAY + YEAR
    walk.act(Due(walk.one("t").id))
    assert walk.open() == ["a"]
    assert walk.steps_of("missed") == [("t", (4,))]
