"""Who has taken a task sees what she needs for it, and nobody sees it who has not."""

from __future__ import annotations

import pytest

from tests.stories.conftest import Begin

pytestmark = pytest.mark.slow

PARTNER = "socialtjansten-exempelstad"
OPENED = {
    "consultation": (
        "Task_AnswerConsultation",
        "kim",
        {
            "questionTopic": PARTNER,
            "questionText": PARTNER,
        },
    ),
    "no-show": (
        "Task_EmbassyInterview",
        "sara",
        {"embassy": "iom-helsinki", "interviewOn": "iom-helsinki"},
    ),
    "lost-contact-watched": ("Task_ConfirmLost", "omar", {"seekNote": "iom-helsinki"}),
}


@pytest.mark.parametrize("name", OPENED)
def test_the_answers_are_open_to_who_has_taken_the_task(begin: Begin, name: str) -> None:
    task, who, answers = OPENED[name]
    story = begin(name)
    story.until(task)
    assert [key for key, office in answers.items() if story.sees(who, key, office)] == []
    story.takes(who, task)
    assert [key for key, office in answers.items() if not story.sees(who, key, office)] == []
