"""Moments of a scenario, dates in its answers, and answers that differ from the usual ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.engine import Calendar
from service.forms import flatten
from service.workshop.trial.scenario_file import BadScenario, Scenario, ScenarioStep
from service.workshop.trial.scenario_times import before, merge, moments, resolve

ZONE = ZoneInfo("Europe/Stockholm")
SWEDEN = Calendar(ZONE, frozenset({1, 2, 3, 4, 5}), frozenset({date(2026, 5, 1)}))
MONDAY = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def story(*steps: ScenarioStep, begins: str = "P10D") -> Scenario:
    return Scenario("story", "klar-vag", begins, steps)


def civil(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0d 08:00", "2026-05-04 08:00"),
        ("9d 10:00", "2026-04-25 10:00"),
        ("1w 10:00", "2026-04-30 10:00"),
        ("2w", "2026-04-29 11:30"),
        ("3h", "2026-05-04 08:30"),
        ("40m", "2026-05-04 10:50"),
    ],
)
def test_a_moment_is_counted_back_from_the_end(text: str, moment: str) -> None:
    assert civil(before(text, MONDAY, SWEDEN)) == moment


@pytest.mark.parametrize("text", ["", "3", "3x", "3h 10:00", "-1d"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(BadScenario):
        before(text, MONDAY, SWEDEN)


def test_a_step_without_a_moment_follows_the_one_before() -> None:
    found = moments(
        story(
            ScenarioStep(start="Start"),
            ScenarioStep(task="A", after="P1D"),
            ScenarioStep(wait="PT2H"),
        ),
        MONDAY,
        SWEDEN,
    )
    assert [MONDAY - moment for moment in found] == [
        timedelta(days=10),
        timedelta(days=9),
        timedelta(days=8, hours=22),
    ]


def test_a_holiday_pulls_earlier_steps_forward() -> None:
    found = moments(
        story(ScenarioStep(start="Start", at="2d 09:00"), ScenarioStep(task="A", at="3w 10:00")),
        MONDAY,
        SWEDEN,
    )
    assert [civil(moment) for moment in found] == ["2026-04-28 10:00", "2026-04-28 10:00"]


def test_dates_in_answers_count_from_now_and_from_the_end() -> None:
    told = {
        "on": "@today-P1D",
        "rows": [{"at": "@now+PT2H"}],
        "late": "@end+PT6H",
        "text": "@todayish",
    }
    worked = {
        "on": "2026-05-03",
        "rows": [{"at": "2026-05-04 13:30"}],
        "late": "2026-05-05 17:30",
        "text": "@todayish",
    }
    assert resolve(told, MONDAY, ZONE, MONDAY + timedelta(days=1)) == worked


def test_answers_become_what_a_browser_sends() -> None:
    told = {
        "yes": True,
        "rows": [{"level": 3}, {"level": 4}],
        "several": ["A", "B"],
        "group": {"a": "b"},
        "nothing": None,
    }
    assert flatten(told) == {
        "yes": ["true"],
        "rows.0.level": ["3"],
        "rows.1.level": ["4"],
        "several": ["A", "B"],
        "group.a": ["b"],
    }


def test_null_takes_a_usual_answer_out() -> None:
    assert merge({"a": 1, "b": 2}, {"b": None, "c": 3}) == {"a": 1, "c": 3}
