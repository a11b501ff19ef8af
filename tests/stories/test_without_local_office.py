"""The consent to the office at home is taken back: what it sees, does and is told from then on."""

from __future__ import annotations

import pytest

from service.casework.cases.grants import load_sight
from service.demo.steps import ScenarioFailed
from service.store.casefile import cases
from service.store.work import letters, tasks
from tests.stories.conftest import Begin
from tests.support.step_by_step import StepByStep

pytestmark = pytest.mark.slow
LOCAL, OFFICE, HELSINKI = "IomLocal", "iom-sofia", "iom-helsinki"
OF_OTHERS = ("givenNames", "destination", "segments", "needs", "supportRequests", "safeContact")


def opened(story: StepByStep) -> set[str]:
    """Classes that the local office sees of the case now, by any grant."""
    with story.program.database.transaction(write=False) as tx:
        case = cases.get(tx, story.case)
        assert case is not None
        now = story.player.clock.now()
        sight = load_sight(tx, story.program.services, case, now)
    return {klass for grant in sight.grants if grant.role == LOCAL for klass in grant.classes}


def told(story: StepByStep) -> list[str]:
    """Kinds of the letters to the local office, in their order."""
    with story.program.database.transaction(write=False) as tx:
        return [row.template for row in letters.of_case(tx, story.case) if row.office_id == OFFICE]


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("no-office-at-arranging", "Task_ArrangeArrival"),
        ("no-office-at-meeting", "Task_MeetReturnee"),
        ("no-office-at-adapting", "Task_AdaptPlan"),
    ],
)
def test_its_task_waits_and_shows_nothing_until_it_is_weighed(
    begin: Begin, name: str, task: str
) -> None:
    story = begin(name)
    story.until("Task_WeighConsent")
    assert {task, "Task_WeighConsent"} <= story.open()
    assert opened(story) == {"C0"}
    assert not any(story.sees("iva", key, HELSINKI) for key in OF_OTHERS)
    with pytest.raises(ScenarioFailed, match="consent_missing"):
        story.does("iva", task)


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("no-office-before-plan", "Task_MakePlan"),
        ("no-office-before-departure", "Task_GoNoGo"),
        ("no-office-after-arrival", "Task_FollowUpHelsinki"),
    ],
)
def test_it_has_no_task_any_more_and_is_told_to_stop(begin: Begin, name: str, task: str) -> None:
    story = begin(name)
    story.until(task)
    assert story.variable("localTakesPart") is False
    assert opened(story) == {"C0"}
    assert told(story)[-1] == "stand_down"
    with story.program.database.transaction(write=False) as tx:
        assert LOCAL not in {row.role for row in tasks.of_case(tx, story.case)}
