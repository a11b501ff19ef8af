"""F7, F16: who is faster wins and the other learns it; endless loops and long timers stay open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import insert

from service.application.submit import submit
from service.casework.commands.case_start import start_case
from service.errors import Busy, TrestegError
from service.security.keyring import Keyring
from service.security.packing import PAD_BYTES
from service.store.casefile import cases
from service.store.tables import case_number
from tests.faults.racing import RACERS, race
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ONE_OFFICE
from tests.support.scale import figure
from tests.support.world import World, open_world, settle

REQUESTS, TIMERS, TURNS = figure("requests"), figure("timers"), figure("turns")
"""People's acts that race; timers that workers race for; turns of the loop that never ends: the
engine alone runs two thousand (engine/spiff/test_codec.py)."""
ROW, GUARDS, CALLS = 50, 10, 200
"""Tasks of a case that people race for; timers of a case that workers race for; times that one
process is called."""
STARTERS = 12
"""Threads that begin cases at the same moment."""
PATIENCE = 100
"""Times that one who finds the database busy tries again; each took seconds already."""
NAMES = tuple(person.name for person in ONE_OFFICE.people)
LOST = {"TaskClosed", "CaseMoved", "CaseEnded"}
"""What is told to those who were too late."""


def test_one_of_many_racers_for_a_task_wins(database_url: str, keyring: Keyring) -> None:
    world = open_world(database_url, keyring, small.row_of_tasks(ROW))
    started = [world.start().case_id for _ in range(max(1, REQUESTS // (ROW * RACERS)))]
    rounds = [(case, f"t{n}") for case in started for n in range(1, ROW + 1)]

    def completes(mine: World, number: int, together: Callable[[], object]) -> Iterator[str]:
        for case, task in rounds:
            key = mine.key(case, task)
            together()
            yield outcome(mine, key, NAMES[number % 2])
            together()

    outcomes = race(world, completes)
    for at_once in zip(*outcomes, strict=True):
        assert sorted(set(at_once) - LOST) == ["won"]
        assert at_once.count("won") == 1
    assert [(c.status, c.rev) for c in map(world.case, started)] == [("ended", ROW + 1)] * len(
        started
    )
    assert world.faults() == []
    world.database.close()


@pytest.mark.parametrize("words", ["many", "few"])
def test_cases_that_begin_at_once_get_all_numbers(
    database_url: str, keyring: Keyring, words: str
) -> None:
    """Nobody is refused for a race, also where two would draw the same pseudonym."""
    world = open_world(database_url, keyring, small.row_of_tasks(1))
    if words == "few":
        kept = replace(
            world.program.services.programme,
            first_words=tuple("abcdefg"),
            second_words=tuple("tuvwxyz"),
        )
        world.program = replace(
            world.program, services=replace(world.program.services, programme=kept)
        )
    year, each = world.clock.now().year, 4
    with world.database.transaction() as tx:
        tx.run(insert(case_number), {"year": year, "last": 9_998})
    world.start()
    world.database.close()
    services, at, refused = world.program.services, world.clock.now(), []
    gate = Barrier(STARTERS)

    def starts(number: int) -> list[str]:
        found = []
        for _ in range(each):
            gate.wait(timeout=60)
            try:
                done = submit(
                    world.database,
                    services,
                    partial(start_case, element="s", answers={}),
                    by=world.viewer(NAMES[number % 2]),
                    now=at,
                )
            except TrestegError as e:
                refused.append(type(e).__name__)
            else:
                found.append(world.case(done.case_id).number)
        return found

    with ThreadPoolExecutor(STARTERS) as threads:
        given = [number for found in threads.map(starts, range(STARTERS)) for number in found]
    assert refused == []
    assert sorted(int(number.partition("-")[2]) for number in given) == list(
        range(10_000, 10_000 + STARTERS * each)
    )
    assert world.faults() == []
    world.database.close()


def outcome(world: World, key: str, by: str) -> str:
    """Complete a task; whether it was won, or what was told.

    Who finds the database busy tries again, as the page says.
    """
    for _ in range(PATIENCE):
        try:
            world.complete(key, by=by)
        except Busy:
            continue
        except TrestegError as e:
            return type(e).__name__
        return "won"
    raise AssertionError("the database is always busy")


def test_workers_who_race_for_timers_fire_each_once(database_url: str, keyring: Keyring) -> None:
    names = [f"b{n}" for n in range(GUARDS)]
    guards = "".join(
        d.border(name, "a", d.timer("Duration", "PT1H"), interrupting=False) + d.end(f"{name}_end")
        for name in names
    )
    world = open_world(
        database_url,
        keyring,
        small.one(
            small.person("a") + guards,
            "s>a a>e " + " ".join(f"{name}>{name}_end" for name in names),
        ),
    )
    started = [world.start().case_id for _ in range(TIMERS // GUARDS)]
    world.later(minutes=59)
    assert world.worker().timers_and_calls() == 0, "none fires early"
    world.later(minutes=1)

    def fires(mine: World, number: int, together: Callable[[], object]) -> Iterator[int]:
        worker = mine.worker(f"w{number}")
        together()
        while True:
            try:
                fired = worker.timers_and_calls()
            except Busy:
                continue
            if not fired:
                return
            yield fired

    outcomes = race(world, fires)
    assert sum(map(sum, outcomes)) >= TIMERS
    assert sum(bool(one) for one in outcomes) > 1, "several took part"
    world.later(minutes=10)
    settle(world.worker("after"), most=TIMERS)
    for case in started:
        assert Counter(f.element for f in world.facts(case) if f.kind == "due") == Counter(names)
        assert world.incidents(case) == []
    assert world.faults() == []
    world.database.close()


def test_a_loop_of_many_turns_keeps_its_state_small(database_url: str, keyring: Keyring) -> None:
    world = open_world(database_url, keyring, small.loop())
    case = world.start().case_id
    sizes = []
    for _ in range(TURNS):
        world.do(case, "a", {"answer": ["YES"]})
        with world.database.transaction(write=False) as tx:
            loaded = cases.load(tx, case)
        assert loaded is not None
        sizes.append(len(loaded.case.snapshot or b""))
    assert world.case(case).status == "open"
    assert max(sizes[100:]) <= max(sizes[:100]) + 8, (
        "a number in it may become longer, nothing else"
    )
    world.do(case, "a", {"answer": ["NO"]})
    assert world.case(case).status == "ended"
    assert world.faults() == []
    world.database.close()


def test_two_hundred_calls_of_a_process_keep_its_state_small(
    database_url: str, keyring: Keyring
) -> None:
    outer = d.process(
        "p",
        small.begin() + d.xor("m") + d.call("c", "q") + d.xor("x") + d.end(),
        's>m m>c c>x x>m*  x>e[answer = "NO"]',
    )
    inner = d.process("q", d.start("s1") + small.person("a", "ask") + d.end("e1"), "s1>a a>e1")
    world = open_world(database_url, keyring, small.bundle(d.document(outer, inner)))
    case, sizes = world.start().case_id, []
    for _ in range(CALLS):
        world.do(case, "a", {"answer": ["YES"]})
        with world.database.transaction(write=False) as tx:
            loaded = cases.load(tx, case)
        assert loaded is not None
        sizes.append(len(loaded.case.snapshot or b""))
    assert world.case(case).status == "open"
    assert max(sizes[CALLS // 2 :]) <= max(sizes[: CALLS // 2]) + PAD_BYTES, (
        "a number in it may become longer, nothing else"
    )
    world.do(case, "a", {"answer": ["NO"]})
    assert world.case(case).status == "ended"
    assert world.faults() == []
    world.database.close()


def test_a_timer_of_five_years_is_still_there(database_url: str, keyring: Keyring) -> None:
    world = open_world(
        database_url,
        keyring,
        small.one(d.catch("w", d.timer("Duration", "P5Y")) + small.person("a"), "s>w w>a a>e"),
    )
    case = world.start().case_id
    worker = world.worker()
    for _ in range(59):
        world.later(days=30)
        assert worker.timers_and_calls() == 0
        assert world.case(case).status == "open"
    assert world.faults() == []
    world.later(days=60)
    assert worker.timers_and_calls() == 1
    assert [t.element for t in world.tasks(case)] == ["a"]
    world.database.close()
