"""Which parts of the background fail, as their heartbeats say, and in which words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.casework import clock_guard
from service.operations import background, health
from service.operations.background import StoppedPart
from service.store.installation.heartbeats import Heartbeat
from service.text import languages
from tests.support.world import NOON, World


def beats(*given: tuple[str, int]) -> dict[str, Heartbeat]:
    return {name: Heartbeat(name, NOON, n) for name, n in given}


def test_the_worker_counts_whose_failures_are_most() -> None:
    found = beats(("failing:jobs:w1", 4), ("failing:jobs:w2", 9), (health.WORKER, 7))
    assert background.failing(found, NOON) == {background.JOBS: 9}


def test_what_a_silent_worker_said_is_over() -> None:
    found = beats(("failing:jobs:w1", 4))
    assert background.failing(found, NOON + health.SILENCE) == {background.JOBS: 4}
    assert background.failing(found, NOON + health.SILENCE + timedelta(seconds=1)) == {}


def test_a_part_of_another_version_is_left_out() -> None:
    assert background.failing(beats(("failing:dance:w1", 4), ("failing", 3)), NOON) == {}


def test_what_waits_for_an_operator_stands_still() -> None:
    assert background.standing_still({}, "", NOON) == {}
    fails = beats(("failing:mail:w1", 3))
    assert background.standing_still(fails, clock_guard.CLOCK, NOON) == {"mail": 3, "timers": 1}
    assert background.standing_still({}, clock_guard.RESTORED, NOON) == {"restored": 1}


def test_a_worker_that_was_there_and_is_silent_stands_still() -> None:
    alive = beats((health.WORKER, 0))
    assert background.standing_still(alive, "", NOON + health.SILENCE) == {}
    late = NOON + health.SILENCE + timedelta(seconds=1)
    assert background.standing_still(alive, "", late) == {health.WORKER: 1}
    assert not StoppedPart(health.WORKER, 1).fails, "it may be stopped on purpose"


def test_a_sentence_says_what_lacks_and_what_to_do() -> None:
    known = StoppedPart(background.MAIL, 4, "the mail server answered 454").sentence("en")
    assert known.startswith("The mail server has taken none of the last letters; they wait (mail: ")
    assert "the mail server answered 454, 4 failures" in known
    assert known.endswith(background.PARTS[background.MAIL].remedy("en"))
    assert "(" not in StoppedPart(background.TIMERS, 1).sentence("en")


@pytest.mark.parametrize("part", background.PARTS)
@pytest.mark.parametrize("failures", [1, 4])
def test_each_part_has_its_own_words_in_each_language(part: str, failures: int) -> None:
    others = {about.lack("sv") for about in background.PARTS.values() if about.id != part}
    assert background.PARTS[part].lack("sv") not in others
    said = {StoppedPart(part, failures).sentence(lang) for lang in languages()}
    assert len(said) == len(languages())


def test_one_incident_for_a_part_until_nobody_fails(world: World) -> None:
    with world.database.transaction() as tx:
        for worker in ("w1", "w2"):
            background.record_failing(tx, background.JOBS, worker, failures=3, now=NOON)
            background.open_incident(tx, background.JOBS, error="IndexError", now=NOON)
    with world.database.transaction() as tx:
        assert background.load_stops(tx, now=NOON) == [
            StoppedPart(background.JOBS, 3, "IndexError")
        ]
        background.record_over(tx, background.JOBS, "w1", now=NOON)
        assert background.is_open(tx, background.JOBS)
        background.close_gone(tx, now=NOON)
        assert background.is_open(tx, background.JOBS), "the other says that it fails"
        background.record_over(tx, background.JOBS, "w2", now=NOON)
        assert not background.is_open(tx, background.JOBS)
    assert world.faults() == []
