"""Events of a case tell which step, when and in which kind of office, and nothing else."""

from __future__ import annotations

from service.audit.exports.case_events import case_events
from service.store.casefile import cases
from tests.support.world import World


def test_the_life_of_each_task_is_told_in_order(three_cases: World) -> None:
    services = three_cases.program.services
    with three_cases.database.transaction(write=False) as tx:
        every = [
            case_events(tx, services, case, {"o_north": "SOCIAL"}, "sv")
            for case in cases.listed(tx)
        ]
    lives = sorted(
        ([(event.element, event.transition) for event in events] for events in every), key=len
    )
    assert lives[0] == [("s", "complete"), ("a", "schedule"), ("a", "assign")]
    whole = [
        ("s", "complete"),
        ("a", "schedule"),
        ("a", "complete"),
        ("j", "complete"),
        ("b", "schedule"),
        ("b", "complete"),
        ("e", "complete"),
    ]
    assert lives[1:] == [whole, whole]
    task = next(event for event in every[0] if event.element == "a")
    assert (task.kind, task.occurrence) == ("userTask", 1)
    assert len(task.release) == 12
    assert {event.office_kind for event in every[0]} <= {"", "SOCIAL"}
