"""Timers of event sub-processes in an installation: rows like other timers, fired by the worker,
named on the pages.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.casework.pages.tasks_tab import all_tasks
from service.engine.limits import TIMER_LEAST
from tests.casework.pages.views import view
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import NOON, World
from tests.worker.world import Opened

DAY = timedelta(days=1)
CALLED = "q"


def event_sub(begins: str, *, interrupting: bool = False) -> str:
    """An event sub-process `Remind`, whose start event has no name."""
    begin = d.start("k", begins, isInterrupting=str(interrupting).lower())
    inside = begin + small.person("r") + d.end("f")
    return d.sub("es", inside, "k>r r>f", triggeredByEvent="true", name="Remind")


def opened_with(opened: Opened, begins: str, where: str, *, interrupting: bool = False) -> World:
    """An installation whose process has task `a` with an event sub-process in its scope."""
    work = small.person("a") + event_sub(begins, interrupting=interrupting)
    if where == "top":
        return opened(small.one(work, "s>a a>e"))
    inside = d.start("is") + work + d.end("ie")
    if where == "frame":
        return opened(small.one(d.sub("c", inside, "is>a a>ie"), "s>c c>e"))
    calls = d.process("p", small.begin() + d.call("c", CALLED) + d.end(), "s>c c>e")
    return opened(small.bundle(d.document(calls, d.process(CALLED, inside, "is>a a>ie"))))


def timers(desk: World, case: str) -> list[tuple[str, object]]:
    return [(job.element, job.due) for job in desk.jobs(case) if job.kind == "timer"]


@pytest.mark.parametrize("where", ["top", "frame", "call"])
def test_a_cycle_asks_each_round_until_its_scope_ends(opened: Opened, where: str) -> None:
    desk = opened_with(opened, d.timer("Cycle", "R/P1D"), where)
    case, worker = desk.start().case_id, desk.worker()
    assert timers(desk, case) == [("k", NOON + DAY)]
    for _ in range(2):
        desk.later(days=1)
        assert worker.timers_and_calls() == 1
    assert [task.element for task in desk.tasks(case)] == ["a", "r", "r"]
    assert timers(desk, case) == [("k", NOON + 3 * DAY)]
    desk.do(case, "r")
    desk.do(case, "r")
    desk.do(case, "a")
    assert desk.jobs(case) == []
    desk.later(days=9)
    assert worker.timers_and_calls() == 0
    assert [f.kind for f in desk.facts(case)] == ["start", "due", "due", *["complete"] * 3]
    assert desk.faults() == []


@pytest.mark.parametrize("where", ["top", "frame", "call"])
def test_a_deadline_takes_the_work_away_and_ends_the_case(opened: Opened, where: str) -> None:
    desk = opened_with(opened, d.timer("Duration", "P7D"), where, interrupting=True)
    case, worker = desk.start().case_id, desk.worker()
    desk.later(days=7)
    assert worker.timers_and_calls() == 1
    assert [task.element for task in desk.tasks(case)] == ["r"]
    assert desk.do(case, "r").ended
    assert desk.faults() == []


def test_the_page_names_the_timer_by_its_event_sub_process(opened: Opened) -> None:
    desk = opened_with(opened, d.timer("Duration", "P7D"), "frame")
    case = desk.start().case_id
    with desk.database.transaction(write=False) as tx:
        (wait,) = all_tasks(tx, view(tx, desk, case)).values["waits"]
    assert (wait.text, wait.until) == ("Frist: Remind", NOON + 7 * DAY)


def test_a_year_off_is_one_fact_of_a_reminder(opened: Opened) -> None:
    desk = opened_with(opened, d.timer("Cycle", "R/PT1H"), "top")
    case = desk.start().case_id
    desk.later(days=365)
    assert desk.worker().timers_and_calls() == 1
    assert [f.kind for f in desk.facts(case)] == ["start", "due"]
    missed = [detail for what, _, _, detail in desk.facts(case)[1].steps if what == "missed"]
    assert missed == [[365 * 24 - 1]]


def test_a_loop_of_computed_durations_lets_the_worker_rest(opened: Opened) -> None:
    wait = d.catch("w", d.timer("Duration", '= if answer = "YES" then @"PT0S" else @"P1D"'))
    body = small.person("a", "ask") + d.xor("m") + wait + d.xor("x")
    desk = opened(small.one(body, 's>a a>m m>w w>x x>m* x>e[answer = "NO"]'))
    case, worker = desk.start().case_id, desk.worker()
    desk.do(case, "a", {"answer": ["YES"]})
    for _ in range(3):
        assert worker.timers_and_calls() == 0
        desk.clock.set(desk.clock.now() + TIMER_LEAST)
        assert worker.timers_and_calls() == 1
    assert [f.kind for f in desk.facts(case)].count("due") == 3
