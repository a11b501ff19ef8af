"""A worry about a child: an urgent task and an alarm at home, a report of concern in Sweden."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.demo.scenarios import read_scenarios
from service.security.keyring import Keyring
from service.store.work import letters, tasks
from service.workshop.trial.scenario_file import Scenario, ScenarioStep
from tests.support.played_cases import SCENARIOS, play

pytestmark = pytest.mark.slow
CHILD = {"accompanyingChildren": 1, "childrenWorry": False}
ALONG = {"familyTravelling": [{"traveller": "CHILD", "travelsAlong": True}]}
TICKETS = {"fellowTravellers": [{"traveller": "CHILD", "ageGroup": "2_11"}]}
SEEN = {"fellowArrivals": [{"fellow": 1, "fellowReport": "MET"}]}
NEEDS = {"childrenNeeds": [{"birthYear": "2018", "custodyPaper": True}]}
WORRY = {"children": {"whoCares": "En granne", "worry": True}}


def worried() -> Scenario:
    """A story up to the first follow-up, where somebody worries about the child."""
    told = next(one for one in read_scenarios(SCENARIOS) if one.name == "would-not-talk")
    until = next(n for n, step in enumerate(told.steps) if step.task == "Task_FollowUp")
    more: dict[str, dict[str, Any]] = {
        "Task_OfferReturnInformation": CHILD,
        "Task_SubmitReferral": ALONG,
        "Task_AssessNeeds": NEEDS,
        "Task_BookTickets": TICKETS,
        "Task_ConfirmArrival": SEEN,
    }
    steps = [
        replace(step, answers={**step.answers, **more.get(step.task, {})})
        for step in told.steps[:until]
    ]
    steps.append(ScenarioStep(by="iva", task="Task_FollowUp", after="P26D", answers=WORRY))
    rung = ("Task_TakeApprover", "Task_TakeHelsinki", "Task_TakeLocal")
    urgent = ("Task_HandleEscalation", "Task_HandleEscalationHelsinki")
    wanted = ("Task_DeliverSupport", "Task_ForwardFeedback", *urgent, *rung)
    return replace(
        told,
        name="child-worry",
        ref="Tyst berg",
        begins="P48D",
        steps=tuple(steps),
        open=wanted,
        late=("Task_ForwardFeedback", *urgent, *rung),
        waits=(),
    )


def test_a_worry_about_a_child_at_home_raises_an_alarm(database_url: str, keyring: Keyring) -> None:
    played = play(database_url, keyring, [worried()])
    case = played.cases["child-worry"]
    with played.program.database.transaction(write=False) as tx:
        waiting = {task.element: task for task in tasks.of_case(tx, case)}
        written = {(one.office_id, one.template) for one in letters.of_case(tx, case)}
    assert waiting["Task_HandleEscalation"].role == "IomLocal", "child protection at home"
    assert {("iom-helsinki", "alarm_take"), ("iom-sofia", "alarm_take")} <= written
    played.program.database.close()
