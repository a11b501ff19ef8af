"""Event sub-processes of running scopes when a case moves: what starts them is waited for exactly
where the new version draws it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from service.engine.definition import Definition
from service.engine.types import Message
from tests.engine.moves import checked, codes, moved, notes
from tests.engine.walks import MONDAY, Walk, small
from tests.support.diagrams import end, event, job, nodes, start, sub, timer

Drawn = Callable[..., Definition]
WEEK = timer("Duration", "P7D")
DAY = timedelta(days=1)


def event_sub(inner: str, id_: str = "es", *, interrupting: bool = False) -> str:
    """An event sub-process with one task, u."""
    begins = start(f"{id_}s", inner, isInterrupting=str(interrupting).lower(), name=id_)
    way = f"{id_}s>u u>ese"
    return sub(id_, begins + nodes("userTask", "u") + end("ese"), way, triggeredByEvent="true")


def at_top(more: str = "") -> Definition:
    return small(nodes("userTask", "a") + more, "s>a a>e")


def inside(more: str = "", work: str = nodes("userTask", "a")) -> Definition:
    """A sub-process with task a, and what its scope holds besides."""
    return small(sub("box", start("is") + work + end("ie") + more, "is>a a>ie"), "s>box box>e")


@pytest.mark.parametrize("drawn", [at_top, inside], ids=["process", "sub-process"])
def test_a_timer_of_a_running_scope_is_armed_and_told(drawn: Drawn) -> None:
    walk = Walk(drawn())
    walk.later(days=1)
    new = drawn(event_sub(WEEK))
    assert [(n.code, n.becomes) for n in checked(walk, new).notes] == [("added", MONDAY + 8 * DAY)]
    moved(walk, new)
    walk.do("ess")
    assert walk.open() == ["a", "u"]
    walk.do("u")
    assert walk.do("a").finished


@pytest.mark.parametrize("drawn", [at_top, inside], ids=["process", "sub-process"])
def test_a_timer_that_is_gone_or_redrawn_is_told(drawn: Drawn) -> None:
    walk = Walk(drawn(event_sub(WEEK)))
    assert [n.code for n in checked(walk, drawn()).notes] == ["ended"]
    redrawn = drawn(event_sub(WEEK, "es2"))
    assert [n.code for n in checked(walk, redrawn).notes] == ["redrawn"]
    moved(walk, redrawn)
    assert walk.open() == ["a", "es2s"]
    assert walk.do("a").finished


def test_a_timer_that_is_drawn_in_another_scope_waits_there() -> None:
    walk = Walk(inside(event_sub(WEEK)))
    work = start("is") + nodes("userTask", "a") + end("ie")
    new = small(sub("box", work, "is>a a>ie") + event_sub(WEEK), "s>box box>e")
    walk.later(days=2)
    assert [(n.code, n.becomes) for n in checked(walk, new).notes] == [("anew", MONDAY + 9 * DAY)]
    moved(walk, new)
    assert walk.open() == ["a", "ess"]
    assert walk.do("a").finished


def test_a_timer_that_began_its_run_does_not_begin_another() -> None:
    walk = Walk(at_top(event_sub(WEEK)))
    walk.do("ess")
    new = small(nodes("userTask", "a n") + event_sub(timer("Duration", "P2D")), "s>a a>n n>e")
    assert notes(walk, new) == []
    moved(walk, new)
    assert walk.open() == ["a", "u"]


def test_a_timer_of_a_run_follows_the_new_drawing() -> None:
    walk = Walk(at_top(event_sub(timer("Duration", "P1D"))))
    new = at_top(event_sub(timer("Cycle", "R/P1D")))
    assert [n.code for n in checked(walk, new).notes] == ["repeats"]
    moved(walk, new)
    walk.do("ess")
    assert walk.one("ess").due == MONDAY + 2 * DAY


def test_a_timer_that_began_a_run_used_a_round() -> None:
    walk = Walk(at_top(event_sub(timer("Duration", "P1D"))))
    walk.do("ess")
    new = at_top(event_sub(timer("Cycle", "R2/P1D")))
    assert [n.code for n in checked(walk, new).notes] == ["again"]
    moved(walk, new)
    walk.do("ess")
    assert walk.open() == ["a", "u", "u"]


def test_a_message_that_interrupts_is_taken_after_the_move() -> None:
    walk = Walk(inside())
    moved(walk, inside(event_sub(event("message", "M"), interrupting=True)))
    walk.act(Message("M"))
    assert walk.open() == ["u"]
    assert walk.do("u").finished


def test_an_error_is_caught_in_the_scope_that_catches_it_now() -> None:
    work = job("a", name="")
    walk = Walk(inside(work=work))
    moved(walk, inside(event_sub(event("error", "E"), interrupting=True), work))
    walk.fail("a", "E")
    assert walk.open() == ["u"]


def test_an_interrupted_scope_gets_no_new_timer() -> None:
    stop = event_sub(event("message", "M"), interrupting=True)
    walk = Walk(at_top(stop))
    walk.act(Message("M"))
    other = sub(
        "other",
        start("os", WEEK, isInterrupting="false") + nodes("userTask", "v") + end("oe"),
        "os>v v>oe",
        triggeredByEvent="true",
    )
    moved(walk, at_top(stop + other))
    assert walk.open() == ["u"]
    assert walk.do("u").finished


def test_a_running_event_sub_process_must_still_be_there() -> None:
    walk = Walk(at_top(event_sub(WEEK)))
    walk.do("ess")
    assert codes(walk, at_top()) == [("scope", "es")]
