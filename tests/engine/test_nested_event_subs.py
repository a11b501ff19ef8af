"""Event sub-processes that interrupt inside others that have interrupted: the case ends behind the
innermost.
"""

from __future__ import annotations

import pytest

from service.engine.definition import Definition
from service.engine.types import Message
from tests.engine.walks import Walk, small
from tests.support.diagrams import (
    end,
    event,
    job,
    message,
    node,
    nodes,
    start,
    sub,
    throw,
    timer,
)


def event_sub(id_: str, begins: str, work: str, inside: str = "", way: str = "true") -> str:
    """An event sub-process `id_` of one step, `<id_>u`, and what lies in it besides."""
    body = start(f"{id_}s", begins, isInterrupting=way) + work + end(f"{id_}e") + inside
    return sub(id_, body, f"{id_}s>{id_}u {id_}u>{id_}e", triggeredByEvent="true")


def at_top(event_subs: str) -> Definition:
    return small(nodes("userTask", "a") + event_subs, "s>a a>e")


def task(id_: str) -> str:
    return node("userTask", f"{id_}u")


@pytest.mark.parametrize("begins", [message("N"), timer("Duration", "PT1H")])
def test_the_case_ends_behind_the_innermost_interruption(begins: str) -> None:
    inner = event_sub("in", begins, task("in"))
    walk = Walk(at_top(event_sub("es", message("M"), task("es"), inner)))
    walk.act(Message("M"))
    if walk.open("timer"):
        walk.do("ins")
    else:
        walk.act(Message("N"))
    assert walk.open() == ["inu"]
    walk.do("inu")
    assert walk.turn.finished
    assert walk.turn.ends == ("ine",)
    assert walk.turn.inner_end == ""


def test_an_error_inside_an_interruption_is_caught_there() -> None:
    inner = event_sub("in", event("error", "E"), task("in"))
    walk = Walk(at_top(event_sub("es", message("M"), job("esu"), inner)))
    walk.act(Message("M"))
    walk.fail("esu", "E")
    walk.do("inu")
    assert walk.turn.finished
    assert walk.turn.ends == ("ine",)


def test_an_end_that_throws_inside_an_interruption_is_told() -> None:
    inner = event_sub("in", event("error", "E"), task("in"))
    throws = end("ee", event("error", "E"))
    outer = sub(
        "es",
        start("ess", message("M")) + node("userTask", "u") + throws + inner,
        "ess>u u>ee",
        triggeredByEvent="true",
    )
    walk = Walk(at_top(outer))
    walk.act(Message("M"))
    walk.do("u")
    walk.do("inu")
    assert (walk.turn.ends, walk.turn.inner_end) == (("ine",), "ee")


def test_an_escalation_ends_the_case_in_the_same_turn() -> None:
    inner = sub(
        "in",
        start("ins", event("escalation", "X")) + end("ine"),
        "ins>ine",
        triggeredByEvent="true",
    )
    outer = event_sub("es", message("M"), throw("esu", event("escalation", "X")), inner)
    walk = Walk(at_top(outer))
    walk.act(Message("M"))
    assert walk.turn.finished
    assert walk.turn.ends == ("ine",)


def test_interruptions_lie_three_deep() -> None:
    third = event_sub("c", message("O"), task("c"))
    second = event_sub("b", message("N"), task("b"), third)
    walk = Walk(at_top(event_sub("es", message("M"), task("es"), second)))
    for name in "MNO":
        walk.act(Message(name))
    assert walk.do("cu").finished
    assert walk.turn.ends == ("ce",)


def test_an_interrupted_run_beside_the_case_is_not_its_end() -> None:
    inner = event_sub("in", message("N"), task("in"))
    walk = Walk(at_top(event_sub("es", message("M"), task("es"), inner, "false")))
    walk.act(Message("M"))
    walk.act(Message("N"))
    walk.do("inu")
    assert walk.do("a").ends == ("e",)


def test_an_interrupted_sub_process_of_an_interruption_goes_on() -> None:
    inner = event_sub("in", message("N"), task("in"))
    box = sub("esu", start("bs") + node("userTask", "b") + end("be") + inner, "bs>b b>be")
    walk = Walk(at_top(event_sub("es", message("M"), box)))
    walk.act(Message("M"))
    walk.act(Message("N"))
    assert walk.do("inu").ends == ("ese",)
