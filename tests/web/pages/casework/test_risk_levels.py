"""The levels of risks are worked out by the rule of the case's release, and steer the case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.world import World
from tests.web.pages.casework.task_forms import address, carried
from tests.web.story import Story

ASSESS = "Task_IdentifyRisks"
GRAVE: dict[str, Any] = {
    "category": "TRAFFICKER",
    "atRisk": "SELF",
    "likelihood": 4,
    "severity": 4,
    "mitigation": "Skyddat boende",
    "owner": "Aino",
    "residualLikelihood": 4,
    "residualSeverity": 4,
}


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until(ASSESS)
    yield made
    made.close()


def test_a_grave_risk_stops_a_case_whatever_else_is_said(story: Story) -> None:
    story.do("aino", ASSESS, risks=[GRAVE])
    (risks,) = (one.value for one in story.given("aino") if one.key == "risks")
    levels = [(row["level"], row["residual"]) for row in risks]
    assert levels == [("UNACCEPTABLE", "UNACCEPTABLE")]
    assert "Task_BookTickets" not in story.open(), "nobody books a journey into that"


def test_a_risk_that_is_mended_to_low_lets_the_case_go_on(story: Story) -> None:
    story.do("aino", ASSESS, risks=[{**GRAVE, "residualLikelihood": 1, "residualSeverity": 1}])
    (risks,) = (one.value for one in story.given("aino") if one.key == "risks")
    assert [(row["level"], row["residual"]) for row in risks] == [("UNACCEPTABLE", "LOW")]
    assert "Task_BookTickets" in story.open()


def test_no_worst_level_is_shown_before_a_risk_is_named(story: Story, shipped_world: World) -> None:
    browser, here = shipped_world.browser("aino"), address(story, ASSESS)
    page = browser.get(here).text
    worst = page[page.index("Worst level after mitigation") :][:400]
    assert "Low" not in worst
    row = {f"risks.0.{key}": [str(value)] for key, value in GRAVE.items()}
    drawn = browser.post(here, {**row, **carried(browser), "do": "update"}).text
    worst = drawn[drawn.index("Worst level after mitigation") :][:400]
    assert "Unacceptable" in worst
