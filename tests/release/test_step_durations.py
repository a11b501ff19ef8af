"""A step has a median where enough cases went through it; it is cached for a while."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from service.release.step_durations import LASTS, LEAST, StepDurations, duration_text, medians
from service.store.read_models.oversight import TurnTime
from tests.support.small_desk import START
from tests.support.world import NOON, World


def through(case: str, hours: float, last: str = "left") -> Iterator[TurnTime]:
    """A case that enters step `a` and leaves it after some hours."""
    yield TurnTime(case, NOON, [["entered", "a", 0, []]])
    yield TurnTime(case, NOON + timedelta(hours=hours), [[last, "a", 0, []]])


def test_the_median_of_enough_cases_is_shown() -> None:
    turns = [turn for n in range(LEAST) for turn in through(f"c{n}", n * n)]
    assert medians(turns) == {"a": timedelta(hours=(LEAST // 2) ** 2)}


def test_few_cases_have_no_median() -> None:
    often = [turn for _ in range(LEAST) for turn in through("c0", 1)]
    assert medians(often) == {}, "one case many times is one case"


def test_an_interrupted_step_does_not_count() -> None:
    assert medians(turn for n in range(LEAST) for turn in through(f"c{n}", 1, "cancelled")) == {}


def test_medians_are_cached_for_a_while(desk: World) -> None:
    usual, process = StepDurations(), desk.case(desk.start(element=START).case_id).process
    with desk.database.transaction(write=False) as tx:
        assert usual.times(tx, process, NOON) == {}
    for _ in range(LEAST):
        case = desk.start(element=START).case_id
        desk.later(hours=1)
        desk.do(case, "a", {"answer": ["YES"]})
        desk.do(case, "b")
    with desk.database.transaction(write=False) as tx:
        assert usual.times(tx, process, NOON) == {}
        assert usual.times(tx, process, NOON + LASTS)["a"] == timedelta(hours=1)


def test_a_duration_in_words() -> None:
    assert duration_text(None, "en") == ""
    assert "3" in duration_text(timedelta(days=3), "en")
    assert duration_text(timedelta(hours=2), "en") != ""
