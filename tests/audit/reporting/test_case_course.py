"""The course of a case is read from its facts, step by step and station by station."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from service.audit.reporting.durations import CaseCourse, read_course
from service.store.casefile.facts import Fact, Turn
from tests.support.world import NOON, World

RELEASE = "r"


def fact(rev: int, day: int, *steps: tuple[str, str, int]) -> Fact:
    turn = Turn({}, [[*step, []] for step in steps], [])
    at = NOON + timedelta(days=day)
    return Fact("c", rev, at, "p", "o", "complete", "", 0, "", "", RELEASE, "e", turn, "")


def read(world: World, *facts: Fact) -> CaseCourse:
    services = world.program.services
    with world.database.transaction(write=False) as tx:
        definition = services.current(tx).definitions[services.programme.process]
    return read_course(facts, {RELEASE: definition})


def days(times: Sequence[timedelta]) -> list[int]:
    return [time.days for time in times]


def test_a_step_lasts_until_it_is_left(reported: World) -> None:
    course = read(
        reported,
        fact(1, 0, ("entered", "a", 1)),
        fact(2, 3, ("left", "a", 1), ("entered", "b", 1)),
        fact(3, 5, ("cancelled", "b", 1)),
    )
    assert {id_: days(times) for id_, times in course.steps.items()} == {"a": [3]}
    assert course.passed == {"a": 1, "b": 1}


def test_each_visit_of_a_step_has_its_own_length(reported: World) -> None:
    course = read(
        reported,
        fact(1, 0, ("entered", "a", 1), ("entered", "a", 2)),
        fact(2, 1, ("left", "a", 2)),
        fact(3, 4, ("left", "a", 1)),
    )
    assert days(course.steps["a"]) == [1, 4]


def test_a_station_lasts_until_the_next_one(shipped_world: World) -> None:
    services = shipped_world.program.services
    with shipped_world.database.transaction(write=False) as tx:
        elements = services.current(tx).definitions[services.programme.process].elements
    first, second = list(
        {
            e.properties["station"]: e.id for e in elements.values() if "station" in e.properties
        }.items()
    )[:2]
    course = read(
        shipped_world,
        fact(1, 0, ("entered", first[1], 1)),
        fact(2, 6, ("entered", first[1], 2)),
        fact(3, 7, ("entered", second[1], 1)),
    )
    assert {id_: days(times) for id_, times in course.stations.items()} == {first[0]: [7]}
