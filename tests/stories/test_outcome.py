"""How a case went is a process fact: the approver sees its group, and never what lies behind it."""

from __future__ import annotations

import pytest

from tests.stories.conftest import Begin

pytestmark = pytest.mark.slow


def test_the_approver_sees_the_group_and_not_the_outcome(begin: Begin) -> None:
    story = begin("no-office-before-plan")
    story.until("Task_CloseCase")
    story.does("aino", "Task_CloseCase", outcome="RE_TRAFFICKED")
    assert story.answer("outcomeGroup") == "NOT"
    assert story.sees("omar", "outcomeGroup", "iom-helsinki")
    assert not story.sees("omar", "outcome", "iom-helsinki")
