"""Which looks must be judged before a step can be finished, and by whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.audit.log_review.review import FOLLOW, JUDGE, JUDGE_OWN, LogReview
from tests.support import log_reviews as made
from tests.support.directory import BOARD
from tests.support.world import World


@pytest.fixture
def begun(shipped_world: World) -> LogReview:
    """A review of one look by Sara and one by the auditor Greta."""
    case_id = shipped_world.start_case().case_id
    made.add_person(shipped_world, "gun", "auditor", BOARD)
    for who in ("sara", "greta"):
        made.look_without_task(shipped_world, who, case_id)
    made.begin(shipped_world)
    return made.review(shipped_world)


def at(review: LogReview, element: str) -> LogReview:
    assert review.task is not None
    return replace(review, task=replace(review.task, element=element))


def must(review: LogReview, person: str) -> list[str]:
    return sorted(look.person for look in review.must_be_judged(person))


def test_own_looks_may_be_left_in_the_first_step_alone(begun: LogReview) -> None:
    assert must(begun, "p_greta") == ["p_sara"]
    assert must(begun, "p_gun") == ["p_greta", "p_sara"]
    assert must(at(begun, JUDGE_OWN), "p_gun") == ["p_greta", "p_sara"]
    assert must(at(begun, FOLLOW), "p_gun") == []
    assert must(replace(begun, task=None), "p_gun") == []


def test_the_diagram_says_where_another_must_go_on(begun: LogReview) -> None:
    assert begun.task is not None
    assert begun.task.element == JUDGE
    assert not begun.must_be_another("p_greta")
    assert not at(begun, JUDGE_OWN).must_be_another("p_greta"), "nobody has finished a step"


def test_nobody_judges_her_own_look_or_an_ended_review(begun: LogReview) -> None:
    (own,) = (look for look in begun.looks if look.person == "p_greta")
    assert not begun.may_judge(own, "p_greta")
    assert begun.may_judge(own, "p_gun")
    assert not replace(begun, task=None).may_judge(own, "p_gun")
