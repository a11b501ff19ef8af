"""What stops a journey until a person has looked: needs that had to be solved first, and first
nights with a family that may be involved.
"""

from __future__ import annotations

import pytest

from tests.stories.conftest import Begin

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("solved", ["NO", "UNKNOWN"])
def test_a_need_that_must_be_solved_first_stops_the_journey(begin: Begin, solved: str) -> None:
    story = begin("need-before-journey", {"Task_IdentifyRisks": {"needsSolved": solved}})
    story.until("Task_GoNoGo")
    assert story.variable("openChecks") == ["NEED"]
    assert "form.check" in story.refused("eero", "Task_GoNoGo", goDecision="GO", noGoNote=None)


def test_a_solved_need_stops_nothing(begin: Begin) -> None:
    story = begin("need-before-journey", {"Task_IdentifyRisks": {"needsSolved": "YES"}})
    story.until("Task_GoNoGo")
    story.does("eero", "Task_GoNoGo", goDecision="GO", noGoNote=None)
    assert story.open() == {"Task_ConfirmDeparture"}


@pytest.mark.parametrize("involved", ["YES", "UNKNOWN"])
def test_first_nights_with_a_family_that_may_be_involved_are_reviewed(
    begin: Begin, involved: str
) -> None:
    story = begin("family-involved", {"Task_AssessNeeds": {"familyInvolved": involved}})
    story.until("Task_SecondReview")
    assert story.open() == {"Task_SecondReview"}
    assert "FourEyes" in story.refused("aino", "Task_SecondReview")


def test_a_review_that_says_no_names_what_it_takes_and_a_day(begin: Begin) -> None:
    story = begin("family-involved")
    story.until("Task_SecondReview")
    no = {"reviewOutcome": "BACK", "mitigationsInPlace": False}
    said = story.refused("eero", "Task_SecondReview", **no)
    assert "reviewNeeds: form.required" in said
    assert "reviewAgainOn: form.required" in said
    late = story.refused("eero", "Task_SecondReview", **no, reviewAgainOn="@today+P5D")
    assert "reviewAgainOn: form.check" in late


def test_first_nights_with_a_family_that_is_not_involved_need_no_second_look(begin: Begin) -> None:
    story = begin("family-involved", {"Task_AssessNeeds": {"familyInvolved": "NO"}})
    story.until("Task_SecondReview")
    assert story.open() == {"Task_GoNoGo"}
