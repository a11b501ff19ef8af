"""An alarm calls who is on duty, and an office that knows the case, never another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.on_call import CALLED, ring
from service.binding import ON_CALL, Call
from service.text import say

NOW = datetime(2026, 5, 6, 9, tzinfo=UTC)
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
