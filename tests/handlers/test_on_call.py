"""An alarm calls who is on duty, and an office that knows the case, never another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handlers.on_call import (
    CALLED,
    ROLES,
    added,
    ended,
    last_call,
    ring,
    ring_offices,
    ring_second,
    who_knows,
)
from service.binding import ON_CALL, Answer, Call, Value
from service.text import say

NOW = datetime(2026, 5, 6, 9, tzinfo=UTC)
CALL = Call("k", "alarms.who_knows", "Svc", NOW, data={})
OWN = {"to": "IomHelsinki", "before": "ReferringPartner"}


def call(
    headers: dict[str, str],
    notified: str | None = "2026-05-01",
    granted: tuple[str, ...] = CALLED,
    on_call: tuple[str, ...] = CALLED,
) -> Call:
    return Call(
        "k",
        "alarms.ring",
        "Svc",
        NOW,
        data={"iomNotifiedOn": notified},
        headers=headers,
        granted=frozenset(granted),
        on_call=frozenset(on_call),
    )


@pytest.mark.parametrize(
    ("headers", "notified", "role"),
    [
        (OWN, "2026-05-01", "IomHelsinki"),
        (OWN, None, "ReferringPartner"),
        ({"to": "CaseApprover"}, "2026-05-01", "CaseApprover"),
    ],
)
def test_the_office_of_the_step_gets_a_letter_and_a_call(
    headers: dict[str, str], notified: str | None, role: str
) -> None:
    answer = ring(call(headers, notified))
    assert [(one.role, one.template) for one in answer.letters] == [(role, "alarm")]
    assert [(one.channel, one.template, one.role) for one in answer.requests] == [
        (ON_CALL, "ring", role)
    ]
    assert answer.values == {"officeMayKnow": True, "onCallCalled": True}


def test_an_office_without_a_channel_gets_the_letter_alone() -> None:
    answer = ring(call(OWN, on_call=("CaseApprover",)))
    assert (len(answer.letters), answer.requests) == (1, ())
    assert answer.values == {"officeMayKnow": True, "onCallCalled": False}


def test_an_office_without_a_live_grant_hears_nothing() -> None:
    answer = ring(call({"to": "CaseApprover"}, granted=("IomHelsinki",)))
    assert (answer.letters, answer.requests) == ((), ())
    assert answer.values == {"officeMayKnow": False, "onCallCalled": False}


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_call_tells_nothing_of_the_case(lang: str) -> None:
    assert say("mail.subject_ring", lang) != say("mail.subject", lang)
    assert "{" not in say("mail.subject_ring", lang) + say("mail.ring", lang)


NAMED: dict[str, Value] = {
    "helsinki": "NOW",
    "local": "NOW",
    "partner": "LATER",
    "approver": "NEVER",
}


def rung(rounds: int | None, granted: tuple[str, ...] = tuple(ROLES.values())) -> Answer:
    """What a round of an alarm brings; `rounds`: how many went before."""
    return ring_offices(
        Call(
            "k",
            "alarms.ring_offices",
            "Svc",
            NOW,
            data={"alarmCalls": NAMED, "alarmRound": rounds},
            granted=frozenset(granted),
            on_call=frozenset({"IomHelsinki", "ReferringPartner"}),
        )
    )


def test_an_alarm_calls_those_of_now_first_and_those_of_later_from_the_second_round() -> None:
    first, second = rung(None), rung(1)
    assert [(one.role, one.number) for one in first.letters] == [
        ("IomHelsinki", 1),
        ("IomLocal", 1),
    ]
    assert [one.role for one in first.requests] == ["IomHelsinki"]
    assert [(one.role, one.number) for one in second.letters] == [("ReferringPartner", 1)]
    assert [one.role for one in second.requests] == ["IomHelsinki", "ReferringPartner"]
    assert (first.values, second.values) == ({"alarmRound": 1}, {"alarmRound": 2})


def test_an_office_gets_a_letter_an_hour_then_one_in_six_hours_and_is_called_each_time() -> None:
    numbers = {
        n: one.number for n in range(49) for one in rung(n).letters if one.role == "IomHelsinki"
    }
    assert numbers == {0: 1, 2: 2, 4: 3, 6: 4, 8: 5, 10: 6, 12: 7, 24: 8, 36: 9, 48: 10}
    assert all(rung(n).requests for n in range(49))


def test_an_alarm_reaches_no_office_without_a_live_grant() -> None:
    answer = rung(1, granted=("IomLocal",))
    reached = [*(one.role for one in answer.letters), *(one.role for one in answer.requests)]
    assert set(reached) <= {"IomLocal"}
    assert who_knows(replace(CALL, granted=frozenset({"IomLocal"}))).values == {
        "alarmKnows": ["local"]
    }


def test_the_second_look_the_last_call_and_the_end_reach_those_who_know_the_case() -> None:
    knows = replace(CALL, granted=frozenset({"IomLocal"}), on_call=frozenset({"IomLocal"}))
    second = ring_second(replace(knows, data={"alarmSecond": "IomLocal"}))
    assert [one.role for one in second.letters] == ["IomLocal"]
    assert [one.template for one in second.requests] == ["ring_second"]
    assert ring_second(replace(knows, data={"alarmSecond": "CaseApprover"})) == Answer()
    assert last_call(knows) == Answer()
    over = ended(knows)
    assert [(one.role, one.template) for one in over.letters] == [("IomLocal", "alarm_ended")]


@pytest.mark.parametrize(
    ("notified", "role"), [(None, "ReferringPartner"), ("2026-05-01", "IomHelsinki")]
)
def test_what_is_added_to_an_open_alarm_is_told_to_who_has_the_case(
    notified: str | None, role: str
) -> None:
    answer = added(replace(CALL, data={"iomNotifiedOn": notified}))
    assert [(one.role, one.template) for one in answer.letters] == [(role, "urgent_news")]
