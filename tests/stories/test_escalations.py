"""What came out of a follow-up is acted on beside the next ones, by the office at home or
Helsinki.
"""

from __future__ import annotations

import pytest

from tests.stories.conftest import Begin

pytestmark = pytest.mark.slow
STATUS = {"feedbackLevel": "STATUS_ONLY", "feedbackText": None, "agreedText": None}


def test_an_untouched_escalation_goes_to_helsinki_too_and_stops_no_follow_up(begin: Begin) -> None:
    story = begin("escalation-left-open")
    story.until("Task_HandleEscalationHelsinki")
    assert {"Task_HandleEscalation", "Task_HandleEscalationHelsinki"} <= story.open()
    story.does("aino", "Task_HandleEscalationHelsinki")
    assert not {"Task_HandleEscalation", "Task_HandleEscalationHelsinki"} & story.open()


def test_an_office_that_leaves_sees_no_more_of_an_escalation(begin: Begin) -> None:
    story = begin("no-office-at-escalation")
    story.until("Task_WeighConsent")
    assert not story.sees("iva", "riskStillAs", "iom-sofia")
    said = story.refused("iva", "Task_HandleEscalation")
    assert said, "the office that left still answers"
    story.until("Task_HandleEscalationHelsinki")
    story.does("aino", "Task_HandleEscalationHelsinki")
    assert "Task_HandleEscalation" not in story.open()
