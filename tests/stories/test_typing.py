"""What people type is asked about where it does not fit, and is not turned away without a word.

Source: the programme's rules about typing: times of a journey, age and birth year, somebody who was
identified long ago, who counts as especially vulnerable, a debt that is not settled, empty amounts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.stories.conftest import Begin
from tests.support.step_by_step import StepByStep

pytestmark = pytest.mark.slow
HEALTH = dict.fromkeys(
    ("condition", "pregnancy", "medication", "mobility", "mentalDistress", "disability"), "NO"
)


def a_concern(about: str) -> dict[str, Any]:
    """Answers on health: all well but one thing."""
    return {"healthConcern": "YES", "health": {**HEALTH, about: "YES"}}


def test_a_ticket_is_typed_in_the_time_of_its_place(begin: Begin) -> None:
    story = begin("hold-cleared")
    story.until("Task_BookTickets")
    day = (story.moment + timedelta(days=6)).date().isoformat()
    leg = {"mode": "AIR", "from": "Bangkok", "to": "Lagos"}
    zones = {"departsZone": "Asia/Bangkok", "arrivesZone": "Africa/Lagos"}
    times = {"departs": f"{day} 08:00", "arrives": f"{day} 12:30"}
    story.does("aino", "Task_BookTickets", segments=[{**leg, **zones, **times}])
    assert story.answer("departureAt") == f"{day}T01:00:00+00:00"
    assert story.answer("arrivalEta") == f"{day}T11:30:00+00:00"


def test_an_arrival_before_the_departure_is_asked_about(begin: Begin) -> None:
    story = begin("hold-cleared")
    story.until("Task_BookTickets")
    day = (story.moment + timedelta(days=6)).date().isoformat()
    leg = {"mode": "AIR", "from": "Bangkok", "to": "Lagos"}
    zones = {"departsZone": "Africa/Lagos", "arrivesZone": "Asia/Bangkok"}
    times = {"departs": f"{day} 08:00", "arrives": f"{day} 12:30"}
    said = story.refused("aino", "Task_BookTickets", segments=[{**leg, **zones, **times}])
    assert "segments.0.arrives: form.check" in said


def test_age_and_birth_year_that_differ_are_asked_about(begin: Begin) -> None:
    story = begin("own-certificate", {"Start_PersonIdentified": {"ageBand": "18_20"}})
    story.until("Task_OfferReturnInformation")
    year = story.moment.year
    said = story.refused("sara", "Task_OfferReturnInformation", approxBirthYear=year - 30)
    assert "ageDisputed: form.check" in said
    story.does("sara", "Task_OfferReturnInformation", approxBirthYear=year - 21)
    assert story.open() == {"Task_SubmitReferral"}


def test_somebody_identified_long_ago_is_asked_about(begin: Begin) -> None:
    long_ago = {"identifiedOn": "@today-P400D"}
    story = begin("own-certificate", {"Start_PersonIdentified": long_ago})
    assert "identifiedLongAgo" in story.refused_start()
    why = {**long_ago, "identifiedLongAgo": "Har väntat på en rättegång"}
    begun = begin("own-certificate", {"Start_PersonIdentified": why})
    begun.until("Task_OfferReturnInformation")
    assert begun.open() == {"Task_OfferReturnInformation"}


@pytest.mark.parametrize(
    ("task", "answers"),
    [
        (
            "Task_AssessNeeds",
            {"healthConcern": "YES", "health": {**HEALTH, "mentalDistress": "YES"}},
        ),
        ("Task_AssessNeeds", {"healthConcern": "YES", "health": {**HEALTH, "disability": "YES"}}),
        ("Task_OfferReturnInformation", {"literacy": "LIMITED"}),
        ("Start_PersonIdentified", {"ageBand": "18_20"}),
    ],
    ids=["distress", "disability", "reads little", "young"],
)
def test_more_counts_as_especially_vulnerable(
    begin: Begin, task: str, answers: dict[str, Any]
) -> None:
    changed = {task: answers}
    if "ageBand" in answers:
        born = {"dateOfBirth": "2006-11-01", "approxBirthYear": None}
        changed["Task_OfferReturnInformation"] = born
    story = begin("would-not-talk", changed)
    story.until("Task_MakePlan")
    assert story.answer("vulnerable") is True


def test_nobody_is_especially_vulnerable_without_a_reason(begin: Begin) -> None:
    story = begin("would-not-talk")
    story.until("Task_MakePlan")
    assert story.answer("vulnerable") is False


@pytest.mark.parametrize(("debt", "level"), [("UNKNOWN", "MEDIUM"), ("NO", "LOW")])
def test_a_debt_that_is_not_settled_is_a_medium_risk(begin: Begin, debt: str, level: str) -> None:
    asked = {"Task_IdentifyRisks": {"owesDebt": debt}}
    story = begin("hold-cleared", asked)
    story.until("Task_ClearHolds")
    assert story.variable("risk")["level"] == level


def plan(amount: object) -> dict[str, Any]:
    row = {"kind": "HOUSING", "provider": "Provhuset (demo)", "mode": "SERVICE", "proof": True}
    row |= {"from": "@today+P20D", "cost": {"currency": "EUR", "amount": amount}}
    return {"activities": [row]}


@pytest.mark.parametrize("task", ["Task_MakePlan", "Task_AdaptPlan"])
def test_an_amount_left_empty_is_asked_for(begin: Begin, task: str) -> None:
    story = begin("would-not-talk")
    story.until(task)
    who = "aino" if task == "Task_MakePlan" else "iva"
    assert "activities.0.cost" in refused_for(story, who, task, None)
    assert "activities.0.cost" not in refused_for(story, who, task, "10")


def refused_for(story: StepByStep, who: str, task: str, amount: object) -> str:
    return story.refused(who, task, **plan(amount))
