"""An alarm calls the office that must answer, and nobody at IOM before IOM knows of the case."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.alarms import call_office
from service.binding import Call
from service.text import say

NOW = datetime(2026, 5, 6, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "notified", "role"),
    [
        ({"to": "IomHelsinki", "before": "ReferringPartner"}, "2026-05-01", "IomHelsinki"),
        ({"to": "IomHelsinki", "before": "ReferringPartner"}, None, "ReferringPartner"),
        ({"to": "CaseApprover"}, "2026-05-01", "CaseApprover"),
    ],
)
def test_an_alarm_goes_to_the_office_of_the_step(
    headers: dict[str, str], notified: str | None, role: str
) -> None:
    data = {"iomNotifiedOn": notified}
    call = Call("k", "alarms.call", "Svc", NOW, data=data, headers=headers)
    answer = call_office(call)
    assert [(one.role, one.template) for one in answer.letters] == [(role, "alarm")]


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_its_subject_is_its_own_and_tells_nothing(lang: str) -> None:
    subject = say("mail.subject_alarm", lang)
    assert subject != say("mail.subject", lang)
    assert "{" not in subject + say("mail.alarm", lang)
