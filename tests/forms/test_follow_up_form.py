"""The follow-up form, the most delicate one: what is asked, and what its answers decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.forms.paper import (
    a_case,
    sent,
)


def follow_up(case: Any = None, **given_: Any) -> Any:
    return sent("follow_up", case or a_case("FOLLOW_UP"), **given_)


def test_nothing_more_is_asked_when_it_is_not_safe_to_talk() -> None:
    """Nor do the answers of the month before decide anything."""
    checked = follow_up(
        attempts__0__result="UNSAFE",
        safeToTalk="false",
        dangerNow="true",
        exploitationSigns="THREATS",
        economy__income="0",
        ownWords="x",
    )
    assert checked.faults == ()
    assert checked.answers.keys() == {
        "attempts",
        "followUpReached",
        "safeToTalk",
        "missedInARow",
        "exploitationSign",
        "lowScore",
    }
    unset = dict.fromkeys(("dangerNow", "healthCrisis", "basicNeeds", "wish", "planProgress"))
    assert checked.routing == {
        **unset,
        "followUpReached": True,
        "safeToTalk": False,
        "missedInARow": 0,
        "exploitationSign": "NONE",
        "lowScore": False,
    }


@pytest.mark.parametrize(
    ("signs", "level"),
    [
        (["NONE"], "NONE"),
        (["THREATS", "UNPAID_WORK"], "PRESSURE"),
        (["THREATS", "CONTROLLED"], "CONTROL"),
    ],
)
def test_signs_of_exploitation_are_taken_together(signs: list[str], level: str) -> None:
    assert (
        follow_up(
            attempts__0__result="REACHED", safeToTalk="true", exploitationSigns=signs
        ).routing["exploitationSign"]
        == level
    )


def test_a_score_is_low_by_value_fall_or_at_the_end() -> None:
    reached = {"attempts__0__result": "REACHED", "safeToTalk": "true"}
    middling = {**reached, "economy__income": "2", "economy__work": "1"}
    case = a_case("FOLLOW_UP", followUpNo=1, followUpIntervalMonths=1, followUpPeriodMonths=3)
    assert follow_up(case, **reached).routing["lowScore"] is False
    assert follow_up(case, **reached, economy__income="1").routing["lowScore"] is True
    assert follow_up(case, **middling).routing["lowScore"] is False
    assert (
        follow_up(replace(case, before={"economy": [{"score": "0.58"}]}), **middling).routing[
            "lowScore"
        ]
        is True
    )
    assert (
        follow_up(replace(case, before={"economy": [{"score": "0.57"}]}), **middling).routing[
            "lowScore"
        ]
        is False
    )
    assert (
        follow_up(
            replace(case, earlier={**case.earlier, "followUpNo": 3}),
            **middling,
            followUpPeriodMonths="3",
        ).routing["lowScore"]
        is True
    )


def test_children_are_asked_about_only_where_there_are_children() -> None:
    reached = {"attempts__0__result": "REACHED", "safeToTalk": "true"}
    assert "children" not in follow_up(**reached).answers
    assert "children" in follow_up(a_case(accompanyingChildren=2), **reached).answers


def test_what_is_asked_anew_and_has_no_answer_no_longer_steers() -> None:
    case = replace(a_case(), routing={"medifOn": "2026-10-01", "followUpPeriodMonths": 6})
    assert sent("fit_to_travel", case).routing["medifOn"] is None
    assert (
        "followUpPeriodMonths"
        not in follow_up(case, attempts__0__result="UNSAFE", safeToTalk="false").routing
    )
