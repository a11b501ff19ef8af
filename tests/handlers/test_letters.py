"""Who is told, and on which consent it rests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handlers import letters
from service.binding import HANDLERS, Answer, BusinessError, Call, Party, Value

NOW = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


LOCAL = {"IomLocal": Party("IomLocal", "iom-sofia", "bg")}


def call(topic: str, consents: frozenset[str] = frozenset(), **data: Value) -> Call:
    """A call in a case in which a local office takes part."""
    return Call(
        key="c:1",
        topic=topic,
        element="e",
        now=NOW,
        data={**dict.fromkeys(HANDLERS[topic].reads), **data},
        consents=consents,
        parties=LOCAL,
    )


@pytest.mark.parametrize(
    ("topic", "others"),
    [
        ("letters.stand_down", []),
        ("letters.arrival_alarm", ["IomHelsinki"]),
        ("letters.offer_application", ["ReferringPartner"]),
    ],
)
def test_where_no_office_at_home_takes_part_the_others_hear_alone(
    topic: str, others: list[str]
) -> None:
    with_office = replace(call(topic, iomNotifiedOn="2026-03-02"), topic=topic)
    told = {letter.role for letter in HANDLERS[topic].function(with_office).letters}
    assert told == {"IomLocal", *others}
    left = HANDLERS[topic].function(replace(with_office, parties={}))
    assert [letter.role for letter in left.letters] == others


def sent(answer: Answer) -> list[tuple[str, str, str]]:
    return [(letter.role, letter.template, letter.needs_consent) for letter in answer.letters]


def test_iom_is_told_only_with_a_live_consent_to_refer() -> None:
    with pytest.raises(BusinessError, match="NO_LIVE_CONSENT"):
        letters.notify_iom(call("letters.notify_iom", urgency="NORMAL"))
    answer = letters.notify_iom(call("letters.notify_iom", frozenset({"REFER"}), urgency="NORMAL"))
    assert answer.values == {"iomNotifiedOn": "2026-03-03"}, "half past midnight in Stockholm"
    assert sent(answer) == [
        ("IomHelsinki", "new_referral", "REFER"),
        ("ReferringPartner", "news", ""),
    ]


def test_an_acute_case_is_urgent_news() -> None:
    answer = letters.notify_iom(call("letters.notify_iom", frozenset({"REFER"}), urgency="ACUTE"))
    assert sent(answer)[0][1] == "urgent_news"


@pytest.mark.parametrize(("on", "told"), [(None, []), ("2026-03-02", ["IomLocal"])])
def test_the_local_office_stands_down_when_iom_knows(on: Value, told: list[str]) -> None:
    answer = letters.stand_down(call("letters.stand_down", iomNotifiedOn=on))
    assert [(letter.role, letter.template) for letter in answer.letters] == [
        (role, "stand_down") for role in told
    ]


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("NOBODY", []),
        (None, []),
        ("APPROVER", ["CaseApprover"]),
        ("APPROVER_AND_PARTNER", ["CaseApprover", "ReferringPartner"]),
    ],
)
def test_an_alert_is_told_to_those_who_were_chosen(who: Value, told: list[str]) -> None:
    assert [
        letter.role
        for letter in letters.alert_told(call("letters.alert_told", tellPartners=who)).letters
    ] == told


def test_feedback_by_the_clock_carries_the_status_alone_to_both() -> None:
    answer = letters.feedback(call("letters.feedback"))
    assert sent(answer) == [
        ("CaseApprover", "feedback_ready", ""),
        ("ReferringPartner", "feedback_ready", ""),
    ]
    answer = letters.feedback(
        call("letters.feedback", feedbackLevel="OWN_WORDS", feedbackTo="APPROVER")
    )
    assert sent(answer) == [("CaseApprover", "feedback_ready", "FEEDBACK_SE")]
    assert answer.values == {"feedbackLevel": "STATUS_ONLY", "feedbackTo": "APPROVER_AND_PARTNER"}


def test_a_critical_follow_up_reaches_the_approver_too() -> None:
    assert (
        len(
            letters.follow_up_escalation(
                call("letters.follow_up_escalation", escalation={"level": "URGENT"})
            ).letters
        )
        == 1
    )
    assert (
        len(
            letters.follow_up_escalation(
                call("letters.follow_up_escalation", escalation={"level": "CRITICAL"})
            ).letters
        )
        == 2
    )


def test_every_handler_sends_only_what_it_declares() -> None:
    full: dict[str, Value] = {
        "urgency": "ACUTE",
        "tellPartners": "APPROVER_AND_PARTNER",
        "escalation": {"level": "CRITICAL"},
    }
    for topic, declared in HANDLERS.items():
        if not topic.startswith("letters."):
            continue
        answer = declared.function(
            call(
                topic,
                frozenset({"REFER"}),
                **{k: v for k, v in full.items() if k in declared.reads},
            )
        )
        assert {(letter.role, letter.template) for letter in answer.letters} <= set(
            declared.letters
        ), topic
        assert set(answer.values) <= set(declared.answers), topic


def test_a_confirmed_death_is_told_to_those_who_have_the_case() -> None:
    early = call("letters.death_confirmed")
    assert sent(letters.death_confirmed(early)) == []
    later = replace(early, granted=frozenset({"CaseApprover", "IomHelsinki", "IomLocal"}))
    assert [role for role, *_ in sent(letters.death_confirmed(later))] == [
        "CaseApprover",
        "IomHelsinki",
    ]
