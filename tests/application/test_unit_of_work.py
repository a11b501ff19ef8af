"""The doorway: what was touched once by the tripwire is tried once more with a case that is read
anew; twice is an incident.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from service.application import unit_of_work
from service.casework.cases.turn import TurnResult
from service.casework.commands.task_completion import complete_task
from service.errors import Busy, CaseMoved, DueFirst, EngineStopped
from service.security.keyring import Keyring
from service.store.transaction import Tx
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world

WAITS = small.one(
    small.person("a") + d.border("b", "a", d.timer("Duration", "P20D")) + small.person("late"),
    "s>a a>e b>late late>e",
)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, WAITS)
    yield made
    made.database.close()


def touching(
    desk: World, case_id: str, times: int, kind: str = "tripwire"
) -> tuple[Callable[[Tx], TurnResult], list[str]]:
    """A command that is stopped some times before it may finish the task, and its tries."""
    tries: list[str] = []
    services, now, key = desk.program.services, desk.clock.now(), desk.key(case_id, "a")

    def verb(tx: Tx) -> TurnResult:
        tries.append(key)
        sent: dict[str, Any] = {
            "by": desk.viewer(),
            "now": now,
            "answers": {},
            "end_confirmed": True,
        }
        moved = complete_task(tx, services, task_key=key, **sent)
        if len(tries) <= times:
            stop = EngineStopped(kind, "a", "open")
            stop.facts["case"] = case_id
            raise stop
        return moved

    return verb, tries


def test_a_timer_that_a_worker_fired_meanwhile_refuses_nobody(desk: World) -> None:
    case = desk.start().case_id
    (job,) = desk.jobs(case)
    key = desk.key(case, "a")
    desk.later(days=21)
    seen: list[str] = []

    def verb(_: Tx) -> str:
        if not seen:
            seen.append(key)
            first = DueFirst((job.work_id,))
            first.facts["case"] = case
            raise first
        return "done"

    worker = desk.worker()
    while worker.step():
        pass
    services, now = desk.program.services, desk.clock.now()
    assert unit_of_work.run(desk.database, services, verb, now=now) == "done"
    assert [f.kind for f in desk.facts(case)] == ["start", "due"]


def test_who_waits_too_long_for_timers_is_asked_again(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = desk.start().case_id
    key = desk.key(case, "a")
    desk.later(days=21)
    monkeypatch.setattr(unit_of_work, "DUE_SECONDS", -1.0)
    with pytest.raises(Busy):
        desk.complete(key)
    assert [f.kind for f in desk.facts(case)] == ["start"]


@pytest.mark.parametrize(
    ("clashes", "tries"),
    [((), unit_of_work.MOST[unit_of_work.Again.RACE]), (("a field",), 1)],
    ids=["race", "clash"],
)
def test_a_lost_race_is_run_again_a_clash_of_tabs_is_not(
    desk: World, clashes: tuple[str, ...], tries: int
) -> None:
    begun: list[int] = []

    def work(_: Tx) -> None:
        begun.append(1)
        raise CaseMoved(clashes=clashes)

    services, now = desk.program.services, desk.clock.now()
    with pytest.raises(CaseMoved):
        unit_of_work.run(desk.database, services, work, now=now)
    assert len(begun) == tries


def test_a_turn_that_is_forbidden_a_call_once_is_run_again(desk: World) -> None:
    case = desk.start().case_id
    verb, tries = touching(desk, case, times=1)
    desk.move(verb)
    assert len(tries) == 2
    assert [f.kind for f in desk.facts(case)] == ["start", "complete"]
    assert desk.incidents(case) == []


def test_a_turn_that_is_forbidden_a_call_twice_is_an_incident(desk: World) -> None:
    case = desk.start().case_id
    verb, tries = touching(desk, case, times=2)
    with pytest.raises(EngineStopped):
        desk.move(verb)
    assert len(tries) == 2
    assert [f.kind for f in desk.facts(case)] == ["start"]
    assert [i.kind for i in desk.incidents(case)] == ["tripwire"]


def test_any_other_stop_is_not_tried_again(desk: World) -> None:
    case = desk.start().case_id
    verb, tries = touching(desk, case, times=1, kind="broke")
    with pytest.raises(EngineStopped):
        desk.move(verb)
    assert len(tries) == 1
