"""A timer that is due and would stop the case if it fired does not lock people out."""

from __future__ import annotations

import pytest

from service.engine.definition import Definition
from service.engine.types import Due, Message, Start
from service.errors import DueFirst, EngineStopped
from tests.engine.fold import fold
from tests.engine.spiff.test_codec import Noted
from tests.engine.walks import Walk, small
from tests.support.diagrams import border, event, nodes, timer, xor


def broken(event: str = "", *, interrupting: bool = True) -> Definition:
    """Tasks a and b; a timer on a leads to a gateway from which no way leads on."""
    gate = xor("g")
    return small(
        nodes("userTask", "a b x y")
        + border("t", "a", timer("Duration", "P1D"), interrupting=interrupting)
        + gate
        + event,
        "s>a a>b b>e t>g g>x[yes] g>y[n = 7] x>k y>k",
        "e k",
    )


def test_a_person_goes_on_when_a_due_timer_cannot_be_fired() -> None:
    walk = Walk(broken())
    timer_id = walk.one("t").id
    walk.later(days=2)
    with pytest.raises(EngineStopped):
        walk.act(Due(timer_id))
    walk.do("a")
    assert walk.open() == ["b"]
    assert walk.steps_of("passed") == [("t", (timer_id, "no_way_out", "g"))]
    assert walk.do("b").finished


def test_a_timer_that_was_passed_over_stays_due() -> None:
    side = border("m", "a", event("message", "M"), interrupting=False) + nodes("userTask", "z")
    walk = Walk(
        small(
            nodes("userTask", "a x y")
            + border("t", "a", timer("Duration", "P1D"))
            + xor("g")
            + side,
            "s>a a>e t>g g>x[yes] g>y[n = 7] x>e y>e m>z z>k",
            "e k",
        )
    )
    due = walk.one("t").due
    walk.later(days=2)
    walk.act(Message("M"))
    assert walk.one("t").due == due
    walk.do("z", yes=True)
    with pytest.raises(DueFirst) as refused:
        walk.do("a")
    assert refused.value.ids == (walk.one("t").id,), "it can be fired by now"
    walk.do("t")
    assert walk.open() == ["x"]


def test_timers_behind_one_that_cannot_be_fired_come_first() -> None:
    walk = Walk(
        small(
            nodes("userTask", "a x y z")
            + border("t", "a", timer("Duration", "P1D"))
            + border("u", "a", timer("Duration", "P2D"), interrupting=False)
            + xor("g"),
            "s>a a>e t>g g>x[yes] g>y[n = 7] x>e y>e u>z z>k",
            "e k",
        )
    )
    walk.later(days=3)
    with pytest.raises(DueFirst) as refused:
        walk.do("a")
    assert refused.value.ids == (walk.one("u").id,)
    walk.do("u")
    walk.do("a")
    assert walk.open() == ["z"]


def test_a_case_with_a_passed_timer_folds_to_the_same_state() -> None:
    walk = Walk(broken(), Start({"n": 1}))
    walk.later(days=2)
    walk.do("a")
    facts = [Noted(("", "p"), *fact) for fact in walk.log]
    assert fold({("", "p"): walk.definition}, facts) == walk.state
