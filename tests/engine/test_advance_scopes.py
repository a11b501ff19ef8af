"""Scopes inside a turn: sub-processes, called processes, instances, faults and links."""

from __future__ import annotations

import pytest

from service.engine.types import Message, Start
from service.errors import (
    BadVariables,
    EngineStopped,
)
from tests.engine.walks import Walk, definition, small
from tests.support.diagrams import (
    border,
    both,
    call,
    catch,
    document,
    each,
    end,
    event,
    link,
    message,
    node,
    nodes,
    process,
    start,
    sub,
    throw,
    xor,
)


def test_the_error_end_inside_is_named_with_the_end_it_led_to() -> None:
    inside = (
        start("is") + xor("ig", default="ig_ie") + end("refused", event("error", "E")) + end("ie")
    )
    work = (
        sub("box", inside, "is>ig ig>refused[yes] ig>ie")
        + border("x", "box", event("error", "E"))
        + nodes("userTask", "tell a")
    )
    drawn = small(work, "s>box box>a a>e x>tell tell>f", "e f")
    walk = Walk(drawn, Start({"yes": True}))
    assert walk.open() == ["tell"]
    walk.do("tell")
    assert (walk.turn.ends, walk.turn.inner_end) == (("f",), "refused")
    walk = Walk(drawn, Start({"yes": False}))
    walk.do("a")
    assert (walk.turn.ends, walk.turn.inner_end) == (("e",), "")


def test_a_loop_through_the_sub_process_forgets_the_old_fault() -> None:
    inside = (
        start("is") + xor("ig", default="ig_ie") + end("refused", event("error", "E")) + end("ie")
    )
    work = (
        xor("m")
        + sub("box", inside, "is>ig ig>refused[yes] ig>ie")
        + border("x", "box", event("error", "E"))
        + nodes("userTask", "again")
    )
    walk = Walk(small(work, "s>m m>box box>e x>again again>m"), Start({"yes": True}))
    walk.do("again", yes=False)
    assert (walk.turn.ends, walk.turn.inner_end) == (("e",), "")


def test_an_escalation_may_let_the_work_go_on() -> None:
    inside = (
        start("is") + throw("up", event("escalation", "X")) + nodes("userTask", "a") + end("ie")
    )
    work = sub("box", inside, "is>up up>a a>ie")
    guard = border("x", "box", event("escalation", "X"), interrupting=False) + nodes(
        "userTask", "b"
    )
    walk = Walk(small(work + guard, "s>box box>e x>b b>f", "e f"))
    assert walk.open("task") == ["a", "b"]
    walk = Walk(small(work, "s>box box>e"))
    assert [(t.kind, t.name) for t in walk.turn.thrown] == [("escalation", "X")]


def test_terminate_ends_its_own_scope_and_cancels_its_open_work() -> None:
    stop = end("stop", event("terminate"))
    inside = start("is") + both("f") + nodes("userTask", "a b") + stop + end("ie")
    walk = Walk(
        small(
            sub("box", inside, "is>f f>a f>b a>stop b>ie") + nodes("userTask", "c"),
            "s>box box>c c>e",
        )
    )
    walk.do("a")
    assert walk.open() == ["c"]
    assert walk.steps_of("cancelled")[0][0] == "b"


def test_links_are_flows_that_were_cut_for_the_diagram() -> None:
    links = throw("out", link()) + catch("in", link())
    walk = Walk(small(links + nodes("userTask", "a"), "s>out in>a a>e"))
    assert walk.open() == ["a"]
    assert walk.steps_of("took") == [("s", ("s_out",)), ("in", ("in_a",))]


def test_called_processes_share_the_variables() -> None:
    called = call("c", "q")
    outer = process(
        "p",
        start() + called + nodes("userTask", "a") + end(),
        "s>c c>a a>e",
    )
    inner = process(
        "q",
        start("qs") + nodes("manualTask", "m") + end("qe"),
        "qs>m m>qe",
    )
    walk = Walk(definition(document(outer, inner)), Start({"n": 1}))
    assert walk.open() == ["m"]
    assert walk.definition.elements["m"].process == "q"
    walk.do("m", n=2)
    assert walk.open() == ["a"]
    assert walk.turn.variables == {"n": 2}


def test_what_an_instance_writes_stays_in_it() -> None:
    inside = each("list", "x", "out", "n + x") + start("is") + nodes("userTask", "a") + end("ie")
    box = sub("box", inside, "is>a a>ie")
    walk = Walk(small(box, "s>box box>e"), Start({"list": [10, 20, 30], "n": 0}))
    assert [(o.element, o.nth, o.item) for o in walk.turn.open] == [
        ("a", 1, 10),
        ("a", 2, 20),
        ("a", 3, 30),
    ]
    walk.do("a", 2, n=3)
    walk.do("a", 0, n=1)
    assert walk.turn.variables["n"] == 0
    walk.do("a", 0, n=2)
    assert walk.turn.variables == {"list": [10, 20, 30], "n": 0, "out": [11, 22, 33]}
    assert walk.turn.finished


def test_a_hundred_instances_run_and_a_hundred_and_one_do_not() -> None:
    drawn = small(node("userTask", "a", each("list", "x", "out", "x")), "s>a a>e")
    walk = Walk(drawn, Start({"list": list(range(100))}))
    assert len(walk.turn.open) == 100
    for _ in range(100):
        walk.do("a")
    assert walk.turn.variables["out"] == list(range(100))
    with pytest.raises((BadVariables, EngineStopped)):
        Walk(drawn, Start({"list": list(range(101))}))


def test_the_case_waits_for_every_run_of_an_event_sub_process() -> None:
    inside = start("m", message("M"), isInterrupting="false") + nodes("userTask", "b") + end("ie")
    walk = Walk(
        small(
            nodes("userTask", "a") + sub("es", inside, "m>b b>ie", triggeredByEvent="true"),
            "s>a a>e",
        )
    )
    walk.act(Message("M", {"n": 1}))
    walk.act(Message("M"))
    assert walk.open() == ["a", "b", "b"]
    assert not walk.do("a").finished
    walk.do("b")
    assert walk.do("b").finished
    assert walk.turn.ends == ("e",)
