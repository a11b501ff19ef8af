"""What is due at once is done in the order of its priority, as the diagram says it."""

from __future__ import annotations

from service.binding import Answer, Call
from tests.support import diagrams as d
from tests.support import small
from tests.support.local_handlers import LocalHandlers
from tests.support.world import settle
from tests.worker.world import Opened

URGENT = '<zeebe:priorityDefinition priority="90"/>'
USUAL = small.one(d.job("j") + small.person("a"), "s>j j>a a>e")
ALARM = small.one(d.job("k", extra=d.props(priority="90")) + small.person("a"), "s>k k>a a>e")


def test_an_urgent_call_goes_before_those_due_longer(opened: Opened) -> None:
    desk = opened(USUAL)
    usual = [desk.start().case_id for _ in range(30)]
    desk.later(minutes=5)
    desk.publish(ALARM)
    alarms = [desk.start().case_id for _ in range(3)]
    worker = desk.worker()
    worker.timers_and_calls()
    assert isinstance(worker.handlers, LocalHandlers)
    assert [key.partition(":")[0] for key in worker.handlers.asked[:3]] == sorted(alarms)
    assert {key.partition(":")[0] for key in worker.handlers.asked[3:]} <= set(usual)
    settle(worker)
    assert desk.faults() == []


def test_due_timers_that_lead_to_urgent_tasks_fire_first(opened: Opened) -> None:
    waits = d.border("t", "a", d.timer("Duration", "P1D"))
    desk = opened(small.one(small.person("a") + waits + small.person("b"), "s>a a>e t>b b>e"))
    usual = [desk.start().case_id for _ in range(30)]
    desk.later(minutes=5)
    desk.publish(
        small.one(
            small.person("a") + waits + d.job("j") + small.person("b", extra=URGENT),
            "s>a a>e t>j j>b b>e",
        )
    )
    alarm = desk.start().case_id
    assert [(j.element, j.priority) for j in desk.jobs(alarm)] == [("t", 90)]
    assert {j.priority for case in usual for j in desk.jobs(case)} == {50}
    desk.later(days=2)
    desk.worker().timers_and_calls()
    assert [j.priority for j in desk.jobs(alarm)] == [90], "the call that the timer led to"
    assert sum(desk.jobs(case) == [] for case in usual) == 9


def test_priority_is_no_part_of_how_a_case_runs(opened: Opened) -> None:
    asked: list[str] = []

    def notes(call: Call) -> Answer:
        asked.append(call.key)
        return Answer()

    desk = opened(USUAL, letters_send=notes)
    desk.publish(
        small.one(d.job("j", extra=d.props(priority="90")) + small.person("a"), "s>j j>a a>e")
    )
    case = desk.start().case_id
    settle(desk.worker())
    assert [asked == [f"{case}:{f.work_id}"] for f in desk.facts(case)[1:]] == [True]
