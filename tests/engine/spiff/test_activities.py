"""Activities for each item of a list: side by side, in turn, until a condition, one inside the
other, and with what runs around them.
"""

from __future__ import annotations

import pytest

from service.engine.types import Json, Message, Start
from service.errors import EngineStopped
from tests.engine.walks import TYPES, Walk, definition, small
from tests.support.diagrams import (
    border,
    call,
    diagram,
    document,
    each,
    end,
    event,
    job,
    mapping,
    message,
    node,
    nodes,
    process,
    start,
    sub,
    timer,
    xor,
)


def box(marker: str, inside: str, flow: str) -> str:
    """A sub-process that is repeated."""
    return sub("box", marker + start("is") + inside + end("ie"), flow)


def test_results_of_a_hundred_sub_processes_keep_the_list_order() -> None:
    drawn = small(
        box(each("list", "x", "out", "x + n"), nodes("userTask", "a") + job("j"), "is>a a>j j>ie"),
        "s>box box>e",
    )
    walk = Walk(drawn, Start({"list": list(range(100)), "n": 0}))
    assert [o.item for o in walk.turn.open] == list(range(100))
    for _ in range(100):
        walk.do("a", len(walk.open("task")) - 1, n=1)
    for _ in range(100):
        walk.do("j")
    assert walk.turn.finished
    assert walk.turn.variables["out"] == list(range(1, 101))
    assert walk.turn.variables["n"] == 0


def test_in_turn_the_next_begins_when_the_one_before_has_ended() -> None:
    walk = Walk(
        small(node("userTask", "a", each("list", "x", "out", "x", sequential=True)), "s>a a>e"),
        Start({"list": [3, 1, 2]}),
    )
    seen = []
    while not walk.turn.finished:
        seen.append((walk.one("a").item, walk.one("a").nth))
        walk.do("a")
    assert seen == [(3, 1), (1, 2), (2, 3)]


@pytest.mark.parametrize("sequential", [True, False])
def test_a_completion_condition_ends_the_rest_without_result(
    sequential: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    work = node(
        "userTask", "a", each("list", "x", "out", "x", sequential=sequential, until="n = 2")
    ) + border("t", "a", timer("Duration", "P9D"))
    walk = Walk(small(work, "s>a a>e t>e"), Start({"list": [1, 2, 3], "n": 0}))
    walk.do("a", n=1)
    walk.do("a", n=2)
    assert walk.turn.finished
    assert walk.turn.variables["out"] == [1, 2]
    assert len([element for element, _ in walk.steps_of("cancelled") if element == "a"]) == (
        0 if sequential else 1
    )


def test_the_condition_may_read_the_item() -> None:
    walk = Walk(
        small(node("userTask", "a", each("list", "x", "out", "x", until="x = 2")), "s>a a>e"),
        Start({"list": [1, 2, 3]}),
    )
    walk.do("a", 1)
    assert walk.turn.variables["out"] == [2]


def test_an_empty_list_passes_and_gives_an_empty_list() -> None:
    for sequential in (True, False):
        walk = Walk(
            small(
                node("userTask", "a", each("list", "x", "out", "x", sequential=sequential)),
                "s>a a>e",
            ),
            Start({"list": []}),
        )
        assert walk.turn.finished
        assert walk.turn.variables["out"] == []


@pytest.mark.parametrize("wrong", [None, [1, None]])
def test_no_list_or_a_list_with_an_empty_place_stops_the_case(wrong: Json) -> None:
    with pytest.raises(EngineStopped) as stopped:
        Walk(small(node("userTask", "a", each("list", "x")), "s>a a>e"), Start({"list": wrong}))
    assert (stopped.value.kind, stopped.value.element) == ("list", "a")


def test_more_items_than_allowed_stop_the_case_at_the_list() -> None:
    repeated = node("userTask", "a", each("for i in 1..101 return i", "x"))
    drawn = definition(diagram(start() + repeated + end(), "s>a a>e"))
    with pytest.raises(EngineStopped) as stopped:
        Walk(drawn)
    assert (stopped.value.kind, stopped.value.element) == ("instances", "a")


def test_lists_inside_lists_give_lists_of_lists() -> None:
    inner = node("userTask", "a", each("[x, x + 1]", "y", "out", "x * y"))
    walk = Walk(
        small(box(each("list", "x", "out", "out"), inner, "is>a a>ie"), "s>box box>e"),
        Start({"list": [1, 10]}),
    )
    assert [o.item for o in walk.turn.open] == [1, 2, 10, 11]
    for _ in range(4):
        walk.do("a", len(walk.turn.open) - 1)
    assert walk.turn.variables["out"] == [[1, 2], [100, 110]]


def test_an_interruption_cancels_all_instances() -> None:
    inside = (
        nodes("userTask", "a")
        + border("t", "a", timer("Duration", "P9D"), interrupting=False)
        + nodes("userTask", "r")
        + end("k")
    )
    work = (
        box(each("list", "x"), inside, "is>a a>ie t>r r>k")
        + border("m", "box", message("M"))
        + nodes("userTask", "b")
    )
    walk = Walk(small(work, "s>box box>e m>b b>e"), Start({"list": [1, 2, 3]}))
    walk.act(Message("M"))
    assert walk.open() == ["b"]
    assert sorted(element for element, _ in walk.steps_of("cancelled")) == [
        "a",
        "a",
        "a",
        "box",
        "box",
        "box",
    ]


def test_an_error_in_one_instance_is_caught_at_the_border() -> None:
    work = (
        box(each("list", "x"), job("j"), "is>j j>ie")
        + border("x1", "box", event("error", "E"))
        + nodes("userTask", "b")
    )
    walk = Walk(small(work, "s>box box>e x1>b b>e"), Start({"list": [1, 2]}))
    walk.fail("j", "E")
    assert walk.open() == ["b"]


def test_jobs_and_called_processes_are_repeated_too() -> None:
    marker = each("list", "x", "out", "x")
    task = job("j", extra=mapping(inputs={"n": "= x"}), inner=marker)
    walk = Walk(small(task, "s>j j>e"), Start({"list": [5, 6]}))
    assert [(o.item, o.inputs) for o in walk.turn.open] == [(5, {"n": 5}), (6, {"n": 6})]
    called = call("c", "q", inner=marker)
    inner = process(
        "q",
        start("qs") + nodes("userTask", "m") + end("qe"),
        "qs>m m>qe",
    )
    outer = process("p", start() + called + end(), "s>c c>e")
    walk = Walk(definition(document(outer, inner)), Start({"list": [5, 6]}))
    assert [o.item for o in walk.turn.open] == [5, 6]
    walk.do("m")
    walk.do("m")
    assert walk.turn.variables["out"] == [5, 6]


def test_rules_inside_an_instance_read_what_was_written_there() -> None:
    gates = xor("g", default="g_b")
    inside = nodes("userTask", "a b c") + gates
    drawn = definition(
        diagram(
            start() + box(each("list", "x"), inside, "is>a a>g g>b g>c[yes] b>ie c>ie") + end(),
            "s>box box>e",
        ),
        types=TYPES,
    )
    walk = Walk(drawn, Start({"list": [1, 2], "yes": False}))
    walk.do("a", 0, yes=True)
    walk.do("a", 0)
    assert sorted((o.element, str(o.item)) for o in walk.turn.open) == [("b", "2"), ("c", "1")]


def test_two_hundred_called_processes_leave_nothing_in_the_state() -> None:
    gates = xor("m") + xor("g", default="g_m")
    called = call("c", "q")
    inner = process(
        "q",
        start("qs") + nodes("userTask", "a") + end("qe"),
        "qs>a a>qe",
    )
    walk, sizes = (
        Walk(
            definition(
                document(
                    process(
                        "p",
                        start() + gates + called + end(),
                        "s>m m>c c>g g>m g>e[yes]",
                    ),
                    inner,
                )
            )
        ),
        [],
    )
    for _ in range(200):
        walk.do("a")
        sizes.append(len(walk.state))
    assert max(sizes[20:]) - min(sizes[20:]) < 12
    assert walk.do("a", yes=True).finished


def test_the_list_of_an_activity_is_frozen_when_it_begins() -> None:
    gates = nodes("parallelGateway", "f j")
    drawn = small(
        gates
        + nodes("userTask", "b")
        + node("userTask", "a", each("list", "x", "out", "x", sequential=True)),
        "s>f f>a f>b a>j b>j j>e",
    )
    walk = Walk(drawn, Start({"list": [1, 2, 3]}))
    walk.do("b", list=[])
    for _ in range(3):
        walk.do("a")
    assert walk.turn.variables["out"] == [1, 2, 3]
