"""The follow-up form, the most delicate one: what is asked, and what its answers decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.forms.paper import a_case, said, sent
from tests.forms.test_drawing import drawn


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
        "safeWays",
        "attempts",
        "followUpReached",
        "followUpRefused",
        "wrongPerson",
        "childWorry",
        "safeToTalk",
        "missedInARow",
        "exploitationSign",
        "lowScore",
    }
    unset = dict.fromkeys(("dangerNow", "healthCrisis", "basicNeeds", "wish", "planProgress"))
    assert checked.routing == {
        **unset,
        "followUpReached": True,
        "followUpRefused": False,
        "wrongPerson": False,
        "fewerContacts": False,
        "childWorry": False,
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


def test_a_no_of_her_own_is_an_answer_after_one_attempt() -> None:
    said_no = {"attempts__0__result": "REFUSED", "attempts__0__refusedBy": "SELF"}
    checked = follow_up(**said_no, fewerContacts="true")
    assert checked.faults == ()
    steers = ("followUpReached", "followUpRefused", "missedInARow", "fewerContacts", "safeToTalk")
    assert [checked.routing.get(name) for name in steers] == [False, True, 0, True, None]
    given = {"fewerContacts": "false"}
    assert drawn("follow_up", a_case(), **said_no, **given)["fewerContacts"].offer == ""
    context = replace(a_case(), before={"followUpRefused": [False, True]})
    again = drawn("follow_up", context, **said_no, **given)["fewerContacts"]
    assert again.offer == "no_more_contact"


def test_somebody_elses_no_is_not_safe() -> None:
    other = {"attempts__0__result": "REFUSED", "attempts__0__refusedBy": "OTHER"}
    safe = follow_up(**other, safeToTalk="true")
    assert said(safe, "safeToTalk").startswith("Ingen har nåtts")
    unsafe = follow_up(**other, safeToTalk="false")
    assert unsafe.faults == ()
    assert (unsafe.routing["followUpReached"], unsafe.routing["safeToTalk"]) == (True, False)


def test_a_wrong_person_is_hung_up_on_and_watched() -> None:
    wrong = follow_up(attempts__0__result="WRONG_PERSON")
    assert wrong.faults == ()
    assert (wrong.routing["followUpReached"], wrong.routing["wrongPerson"]) == (False, True)
    hint = drawn("follow_up", a_case(), attempts__0__result="WRONG_PERSON")
    assert hint["attempts.0.result"].hint == "Lägg på vänligt. Säg inte vem du söker."


@pytest.mark.parametrize(
    ("known", "ways"),
    [
        ({}, ["VISIT", "OFFICE", "PHONE", "VIDEO", "CHAT", "VIA_PARTNER"]),
        ({"safeContact": {"channel": "PHONE"}}, ["PHONE"]),
        (
            {"safeContact": {"channel": "PHONE"}, "newSafeContact": {"channel": "MESSAGE"}},
            ["CHAT"],
        ),
        (
            {"newSafeContact": {"channel": "PHONE"}, "newContactWay": {"channel": "IN_PERSON"}},
            ["VISIT", "OFFICE"],
        ),
        ({"newContactWay": {"channel": "VIA_PARTNER"}}, ["VIA_PARTNER"]),
    ],
)
def test_the_newest_safe_way_is_the_one_that_counts(known: dict[str, Any], ways: list[str]) -> None:
    assert follow_up(a_case("FOLLOW_UP", **known)).answers["safeWays"] == ways
