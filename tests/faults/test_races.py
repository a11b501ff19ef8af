"""F7, F16: who is faster wins and the other is told; a loop that never ends and a timer of years are never closed by themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from service.errors import CaseEnded, CaseMoved, TaskClosed
from service.keyring import Keyring
from service.store import cases
from tests import small
from tests.desk import Desk, open_desk
from tests.lint import drawing as d
from tests.scale import figure

ROUNDS, RACERS, CALLS = 40, 3, 200
TURNS = figure("turns")
"""Of the loop that never ends; the engine alone runs two thousand (tests/engine/test_traps.py)."""
Found = TypeVar("Found")


def at_once(desk: Desk, act: Callable[[Desk, int], Found]) -> list[Found | BaseException]:
    """Several processes' worth of the same act, begun together, each with a database of its own."""
    gate, found = threading.Barrier(RACERS), list[Found | BaseException]()

    def run(number: int) -> None:
        mine = desk.again()
        try:
            with mine.database.transaction(write=False):
                gate.wait()
            found.append(act(mine, number))
        except Exception as e:  # noqa: BLE001 - the test looks at what it is
            found.append(e)
        finally:
            mine.database.close()

    racers = [threading.Thread(target=run, args=(n,)) for n in range(RACERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return found


def test_of_people_who_race_for_a_task_one_wins_and_the_others_are_told(database_url: str, keyring: Keyring) -> None:
    desk = open_desk(database_url, keyring, small.row_of_tasks(ROUNDS))
    case = desk.start().case_id
    for turn in range(1, ROUNDS + 1):
        key = desk.key(case, f"t{turn}")
        found = at_once(desk, lambda mine, n, key=key: mine.complete(key, by=("sara", "stina", "sara")[n]))  # type: ignore[misc]  # a default binds the key
        lost = [one for one in found if isinstance(one, BaseException)]
        assert len(lost) == RACERS - 1
        assert all(isinstance(one, TaskClosed | CaseMoved | CaseEnded) for one in lost), lost
        assert desk.case(case).rev == turn + 1
    assert desk.case(case).status == "ended"
    assert desk.faults() == []
    desk.database.close()


def test_workers_who_race_for_timers_fire_each_once(database_url: str, keyring: Keyring) -> None:
    desk = open_desk(database_url, keyring, small.one(small.person("a") + d.border("b", "a", d.timer("Duration", "PT1H")) + d.end("late"), "s>a a>e b>late"))
    started = [desk.start().case_id for _ in range(30)]
    desk.later(hours=1)

    def fires(mine: Desk, n: int) -> int:
        worker, done = mine.worker(f"w{n}"), 0
        while fired := worker.timers_and_calls():
            done += fired
        return done

    found = at_once(desk, fires)
    assert sum(one for one in found if isinstance(one, int)) == len(started), found
    assert [[f.kind for f in desk.facts(case)] for case in started] == [["start", "due"]] * len(started)
    assert desk.faults() == []
    desk.database.close()


def test_a_loop_of_many_turns_goes_on_and_its_state_does_not_grow(database_url: str, keyring: Keyring) -> None:
    desk = open_desk(database_url, keyring, small.loop())
    case = desk.start().case_id
    sizes = []
    for _ in range(TURNS):
        desk.do(case, "a", {"answer": ["YES"]})
        with desk.database.transaction(write=False) as tx:
            loaded = cases.load(tx, case)
        assert loaded is not None
        sizes.append(len(loaded.case.snapshot or b""))
    assert desk.case(case).status == "open"
    assert max(sizes[100:]) <= max(sizes[:100]) + 8, "a number in it may become longer, nothing else"
    desk.do(case, "a", {"answer": ["NO"]})
    assert desk.case(case).status == "ended"
    assert desk.faults() == []
    desk.database.close()


def test_a_process_that_was_called_two_hundred_times_goes_on_and_its_state_does_not_grow(database_url: str, keyring: Keyring) -> None:
    outer = d.process(small.begin() + d.xor("m") + d.call("c", "q") + d.xor("x") + d.end(), 's>m m>c c>x x>m*  x>e[answer = "NO"]')
    inner = d.process(d.start("s1") + small.person("a", "ask") + d.end("e1"), "s1>a a>e1", id_="q")
    desk = open_desk(database_url, keyring, small.bundle(d.diagram(outer, inner)))
    case, sizes = desk.start().case_id, []
    for _ in range(CALLS):
        desk.do(case, "a", {"answer": ["YES"]})
        with desk.database.transaction(write=False) as tx:
            loaded = cases.load(tx, case)
        assert loaded is not None
        sizes.append(len(loaded.case.snapshot or b""))
    assert desk.case(case).status == "open"
    assert max(sizes[CALLS // 2 :]) <= max(sizes[: CALLS // 2]) + 8, "a number in it may become longer, nothing else"
    desk.do(case, "a", {"answer": ["NO"]})
    assert desk.case(case).status == "ended"
    assert desk.faults() == []
    desk.database.close()


def test_a_timer_of_five_years_is_still_there(database_url: str, keyring: Keyring) -> None:
    desk = open_desk(database_url, keyring, small.one(d.catch("w", d.timer("Duration", "P5Y")) + small.person("a"), "s>w w>a a>e"))
    case = desk.start().case_id
    worker = desk.worker()
    for _ in range(59):
        desk.later(days=30)
        assert worker.timers_and_calls() == 0
        assert desk.case(case).status == "open"
    assert desk.faults() == []
    desk.later(days=60)
    assert worker.timers_and_calls() == 1
    assert [t.element for t in desk.tasks(case)] == ["a"]
    desk.database.close()
