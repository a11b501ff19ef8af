"""Open work around which the new version draws a sub-process: it goes along into it."""

from __future__ import annotations

from datetime import timedelta

from service.engine.definition import Definition
from service.engine.types import Move, Start
from tests.engine.moves import at_b, codes, moved, notes, problems
from tests.engine.walks import MONDAY, Walk, small, straight
from tests.support.diagrams import border, both, each, end, node, nodes, start, sub, timer

WEEK = timer("Duration", "P7D")
ENDS = start("is") + end("ie")
GATES = both("f") + both("j")


def around_b(more: str = "", **attributes: str) -> Definition:
    """Tasks a and c, and between them a sub-process that holds b."""
    box = sub("box", ENDS + nodes("userTask", "b"), "is>b b>ie", **attributes)
    return small(nodes("userTask", "a c z") + box + more, "s>a a>box box>c c>e t>z z>e")


def test_open_work_goes_along_into_a_new_sub_process() -> None:
    walk = at_b()
    before = walk.turn.open
    new = small(
        nodes("userTask", "a c") + sub("box", ENDS + nodes("userTask", "b"), "is>b b>ie"),
        "s>a a>box box>c c>e",
    )
    assert notes(walk, new) == []
    assert moved(walk, new).open == before, "the same id: what was typed into it stays"
    assert walk.steps_of("entered")[0][0] == "box"
    assert [o.element for o in walk.do("b").open] == ["c"]
    assert walk.do("c").finished


def test_a_deadline_goes_along_into_a_new_sub_process() -> None:
    guard = border("t", "b", WEEK)
    walk = Walk(small(nodes("userTask", "a b c z") + guard, "s>a a>b b>c c>e t>z z>e"))
    walk.do("a")
    walk.later(days=2)
    inside = ENDS + nodes("userTask", "b z") + guard + end("ie2")
    box = sub("box", inside, "is>b b>ie t>z z>ie2")
    moved(walk, small(nodes("userTask", "a c") + box, "s>a a>box box>c c>e"))
    assert walk.one("t").due == MONDAY + timedelta(days=7)
    walk.do("t")
    assert walk.open() == ["z"]
    assert [o.element for o in walk.do("z").open] == ["c"]


def test_events_of_the_new_sub_process_are_armed() -> None:
    walk = at_b()
    new = around_b(border("t", "box", WEEK))
    assert notes(walk, new) == ["t is new and counts from now: due 2026-01-12 10:00."]
    moved(walk, new)
    walk.do("t")
    assert walk.open() == ["z"]
    assert walk.do("z").finished


def test_branches_and_their_join_go_along_together() -> None:
    gates, tasks = GATES, nodes("userTask", "a b")
    walk = Walk(small(gates + tasks + nodes("userTask", "c"), "s>f f>a f>b a>j b>j j>c c>e"))
    walk.do("a")
    box = sub("box", ENDS + gates + tasks, "is>f f>a f>b a>j b>j j>ie")
    moved(walk, small(box + nodes("userTask", "c"), "s>box box>c c>e"))
    assert walk.open() == ["b", "j"]
    assert [o.element for o in walk.do("b").open] == ["c"]


def test_one_branch_alone_goes_along() -> None:
    walk = Walk(small(GATES + nodes("userTask", "a b"), "s>f f>a f>b a>j b>j j>e"))
    box = sub("box", ENDS + nodes("userTask", "a"), "is>a a>ie")
    moved(walk, small(GATES + box + nodes("userTask", "b"), "s>f f>box f>b box>j b>j j>e"))
    walk.do("a")
    assert walk.do("b").finished


def test_sub_processes_in_sub_processes_begin_all() -> None:
    walk = at_b()
    inner = sub("inner", ENDS + nodes("userTask", "b"), "is>b b>ie")
    outer = sub("outer", start("os") + inner + end("oe"), "os>inner inner>oe")
    moved(walk, small(nodes("userTask", "a c") + outer, "s>a a>outer outer>c c>e"))
    assert [element for element, _ in walk.steps_of("entered")] == ["outer", "inner"]
    walk.do("b")
    assert walk.open() == ["c"]


def test_a_running_sub_process_goes_along_with_what_runs_in_it() -> None:
    inner = sub("inner", ENDS + nodes("userTask", "b"), "is>b b>ie") + border("t", "inner", WEEK)
    walk = Walk(small(inner + nodes("userTask", "c"), "s>inner inner>c c>e t>c"))
    before = walk.turn.open
    outer = sub(
        "outer",
        start("os") + inner + end("oe"),
        "os>inner inner>oe t>oe",
    )
    assert moved(walk, small(outer + nodes("userTask", "c"), "s>outer outer>c c>e")).open == before
    walk.do("b")
    assert walk.open() == ["c"]


def test_a_list_goes_along_with_its_items() -> None:
    many = node("userTask", "a", each("list", "x"))
    walk = Walk(small(many, "s>a a>e"), Start({"list": [1, 2]}))
    walk.do("a")
    moved(walk, small(sub("box", ENDS + many, "is>a a>ie"), "s>box box>e"))
    assert walk.open() == ["a"]
    assert walk.do("a").finished


def test_work_goes_along_into_no_list_and_no_event_sub_process() -> None:
    walk = at_b()
    box = sub("box", each("list", "x") + ENDS + nodes("userTask", "b"), "is>b b>ie")
    listed = small(nodes("userTask", "a c") + box, "s>a a>box box>c c>e")
    assert codes(walk, listed) == [("elsewhere", "b")]
    assert problems(walk, listed)[0].message == (
        "b is open in p, and the new version has it in BOX. Open work goes along only into a new "
        "sub-process that is drawn around it. Choose where to go."
    )


def test_work_does_not_go_along_out_of_a_sub_process() -> None:
    walk = Walk(small(sub("box", ENDS + nodes("userTask", "b"), "is>b b>ie"), "s>box box>e"))
    assert codes(walk, straight("b")) == [("scope", "box")]
    there = small(
        sub("box", ENDS + nodes("userTask", "x"), "is>x x>ie") + nodes("userTask", "b"),
        "s>box box>b b>e",
    )
    assert codes(walk, there) == [("elsewhere", "b")]


def test_work_does_not_go_along_into_one_that_runs_already() -> None:
    box = sub("box", ENDS + nodes("userTask", "x"), "is>x x>ie")
    walk = Walk(small(GATES + box + nodes("userTask", "b"), "s>f f>box f>b box>j b>j j>e"))
    full = sub(
        "box",
        ENDS + GATES.replace('"f"', '"f2"').replace('"j"', '"j2"') + nodes("userTask", "x b"),
        "is>f2 f2>x f2>b x>j2 b>j2 j2>ie",
    )
    assert codes(walk, small(full, "s>box box>e")) == [("elsewhere", "b")]


def test_what_is_put_elsewhere_does_not_go_along() -> None:
    walk = at_b()
    b = walk.one("b").id
    moved(walk, around_b(border("t", "box", WEEK)), Move({b: "c"}))
    assert walk.open() == ["c"]


def test_two_runs_of_a_step_go_along_into_one_sub_process() -> None:
    reminder = border("r", "a", timer("Cycle", "R/P1D"), interrupting=False)
    walk = Walk(small(nodes("userTask", "a b") + reminder, "s>a a>e r>b b>k", "e k"))
    walk.do("r")
    walk.do("r")
    box = sub("box", ENDS + nodes("userTask", "b"), "is>b b>ie")
    new = small(nodes("userTask", "a") + reminder + box, "s>a a>e r>box box>k", "e k")
    moved(walk, new)
    assert walk.open("task") == ["a", "b", "b"]
    walk.do("a")
    walk.do("b")
    assert walk.do("b").finished
