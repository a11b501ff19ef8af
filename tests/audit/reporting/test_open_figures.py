"""Open figures: what happened in the cases of a period, and how long it took."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from service.store.casefile import facts
from service.store.transaction import Tx
from tests.audit.reporting.conftest import Run, figures
from tests.support.directory import HELSINKI, OFFICE
from tests.support.world import World


def test_steps_last_from_opening_to_completion(reported: World, run: Run) -> None:
    for days in (1, 2, 9):
        run(days)
    found = figures(reported)
    assert (found.cases, found.ended) == (3, 3)
    assert found.steps["a"].median == timedelta(days=2)
    assert found.steps["a"].longest == found.steps["a"].most == timedelta(days=9)
    assert found.steps["b"].number == 3
    assert found.length is not None
    assert found.length.median == timedelta(days=3)
    assert sum(one.number for one in found.roles.values()) == 6


def test_what_waits_is_no_duration_yet(reported: World, run: Run) -> None:
    run(4, ends=False)
    found = figures(reported)
    assert "b" not in found.steps
    assert [(one.element, one.tasks) for one in found.waiting] == [("b", 1)]
    assert (found.ended, found.length, found.passed["b"]) == (0, None, 1)


def test_a_case_counts_in_the_year_in_which_it_began(reported: World, run: Run) -> None:
    run(1)
    reported.later(days=365)
    run(1)
    assert [figures(reported, year).cases for year in (2025, 2026, 2027, 2028)] == [0, 1, 1, 0]


def test_an_office_counts_the_cases_in_which_it_takes_part(reported: World, run: Run) -> None:
    run(1)
    assert figures(reported, office=OFFICE).cases == 1
    assert figures(reported, office=HELSINKI).cases == 0


def test_of_very_many_cases_the_newest_are_counted(reported: World, run: Run) -> None:
    for days in (30, 2, 2):
        run(days)
    found = figures(reported, most=2)
    assert (found.cases, found.older) == (2, 1)
    assert found.steps["a"].longest == timedelta(days=2)


def test_results_and_ends_are_counted(reported: World, run: Run) -> None:
    run(1), run(1, answer="NO"), run(1, answer="NO")
    found = figures(reported)
    assert found.outcomes == {"YES": 1, "NO": 2}
    assert found.ends == {"e": 3}


def test_every_month_is_there_also_an_empty_one(reported: World, run: Run) -> None:
    run(1)
    reported.later(days=62)
    run(1, ends=False)
    months = figures(reported).months
    assert [(one.month, one.begun, one.ended) for one in months] == [
        ("2026-03", 1, 1),
        ("2026-04", 0, 0),
        ("2026-05", 1, 0),
    ]
    assert [one.length for one in months] == [timedelta(days=2), None, None]


def test_a_year_without_cases_has_nothing(reported: World) -> None:
    found = figures(reported)
    assert (found.cases, found.length, found.steps, found.months) == (0, None, {}, [])


def test_no_sealed_answer_is_opened(
    reported: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(1)
    asked: list[str] = []
    opened = facts.answers_of_cases

    def noted(
        tx: Tx, cases: Collection[str], *, classes: Collection[str], forms: Collection[str]
    ) -> Any:
        asked.extend(classes)
        return opened(tx, cases, classes=classes, forms=forms)

    monkeypatch.setattr(facts, "answers_of_cases", noted)
    figures(reported)
    assert set(asked) == {"C0"}
