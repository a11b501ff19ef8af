"""A refusal reaches the person before the case ends, and a decision that does not come is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.store.work import letters
from tests.stories.conftest import Begin

pytestmark = pytest.mark.slow
WEEK = timedelta(days=7, hours=1)
NOT_REACHED = {
    "toldHow": "NOT_REACHED",
    "otherWaysTold": None,
    "appealTold": None,
    "supportInSweden": True,
}


def test_nothing_ends_before_the_person_knows_or_three_attempts(begin: Begin) -> None:
    story = begin("refusal-not-reached")
    story.until("Task_TellPerson")
    for attempt in (1, 2):
        story.does("sara", "Task_TellPerson", **NOT_REACHED)
        assert story.open() == set(), f"attempt {attempt} ended nothing, and waits"
        assert story.variable("tellAttempts") == attempt
        story.moment += WEEK
        story.player.pass_time(story.moment)
        assert story.open() == {"Task_TellPerson"}
    story.does("sara", "Task_TellPerson", **NOT_REACHED)
    assert story.open() == {"Task_ArrangeHelp"}


def test_a_refusal_is_told_with_how_to_appeal_and_in_the_safe_way(begin: Begin) -> None:
    meeting = {"safeContact": {"channel": "IN_PERSON", "language": "bg", "neverLeaveMessage": True}}
    story = begin("refusal-not-reached", {"Task_OfferReturnInformation": meeting})
    story.until("Task_TellPerson")
    assert "appealTold" in story.refused("sara", "Task_TellPerson", appealTold=None)
    assert "toldHow: form.check" in story.refused("sara", "Task_TellPerson", toldHow="PHONE")
    story.does("sara", "Task_TellPerson", toldHow="MEETING", supportInSweden=True)
    assert story.open() == {"Task_ArrangeHelp"}


def test_a_decision_that_does_not_come_is_told_to_the_partner_and_above(begin: Begin) -> None:
    story = begin("silent-approver")
    story.until("Task_DecideReferral")

    def told() -> set[tuple[str, str]]:
        with story.program.database.transaction(write=False) as tx:
            return {
                (one.role, one.template)
                for one in letters.of_case(tx, story.case)
                if one.template.startswith("decision_late")
            }

    assert told() == set()
    story.player.pass_time(story.moment + WEEK)
    assert told() == {
        ("ReferringPartner", "decision_late"),
        ("RegionalCoordinator", "decision_late_above"),
    }
    assert story.open() == {"Task_DecideReferral"}
